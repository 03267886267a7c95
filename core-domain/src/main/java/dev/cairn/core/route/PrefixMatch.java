package dev.cairn.core.route;

import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Who holds how much of a prefix: what a look-up found, and the memory that it needed. Made once
 * and used again.
 *
 * <p>Threads: one reader has one.
 */
public final class PrefixMatch {

    /** A reader whom the writer overtakes so often takes what it has. */
    private static final int MOST_RETRIES = 100;

    private final NodeTable nodes;
    private final HolderSets sets;
    private final int tierBits;
    private final int tierMask;

    private final char[] row;
    private final int[] found;
    private final int[] alive;
    private final int[] depth;
    private final int[] tierBlocks;
    private final int[] since;
    private final int[] tier;
    private final int[] nextTier;
    private final long[] seen;
    private long segment;
    private int foundCount;
    private int aliveCount;
    private int probes;

    PrefixMatch(NodeTable nodes, HolderSets sets, int workers, int tierBits) {
        this.nodes = nodes;
        this.sets = sets;
        this.tierBits = tierBits;
        this.tierMask = (1 << tierBits) - 1;
        this.row = new char[workers << tierBits];
        this.found = new int[workers];
        this.alive = new int[workers];
        this.depth = new int[workers];
        this.tierBlocks = new int[workers << tierBits];
        this.since = new int[workers];
        this.tier = new int[workers];
        this.nextTier = new int[workers];
        this.seen = new long[workers];
    }

    /** Workers that hold the first block, in no particular order. */
    public int workers() {
        return foundCount;
    }

    /** The {@code i}-th of them. */
    public int worker(int i) {
        return found[i];
    }

    /** Blocks that the worker holds without a gap from the first one on, in whatever tiers. */
    public int depth(int worker) {
        return depth[worker];
    }

    /** Those of {@link #depth} that a tier holds and no faster one does. */
    public int blocks(int worker, int tier) {
        return tierBlocks[worker << tierBits | tier];
    }

    /** Blocks that were looked for in the table, the others having followed one another. */
    int probes() {
        return probes;
    }

    /** Finds out who holds one block, in whatever tier; of a block that is not there nobody. */
    void mark(long key) {
        for (int attempt = 0; attempt < MOST_RETRIES; attempt++) {
            segment++;
            int node = nodes.find(key);
            if (node == NodeTable.NONE) {
                return;
            }
            int holders = NodeTable.holders(nodes.link(node));
            long before = sets.version(holders);
            int count = sets.copy(holders, row);
            VarHandle.acquireFence();
            if ((before & 1) == 0
                    && nodes.key(node) == key
                    && NodeTable.holders(nodes.link(node)) == holders
                    && sets.version(holders) == before) {
                for (int i = 0; i < count; i++) {
                    seen[row[i] >>> tierBits] = segment;
                }
                return;
            }
        }
    }

    /** Whether a worker holds the block of {@link #mark}. */
    boolean isMarked(int worker) {
        return seen[worker] == segment;
    }

    void match(long[] keys, int blocks) {
        for (int attempt = 0; attempt < MOST_RETRIES; attempt++) {
            reset();
            int end = walk(keys, blocks);
            if (end >= 0) {
                finish(end);
                return;
            }
        }
        finish(0);
    }

    private void reset() {
        for (int i = 0; i < foundCount; i++) {
            int worker = found[i];
            depth[worker] = 0;
            Arrays.fill(tierBlocks, worker << tierBits, (worker + 1) << tierBits, 0);
        }
        foundCount = 0;
        aliveCount = 0;
        probes = 0;
    }

    /**
     * Follows the chain while anybody holds all of it.
     *
     * @return where it ended; -1 if the writer changed what was being read
     */
    private int walk(long[] keys, int blocks) {
        int set = -1;
        long version = 0;
        int next = NodeTable.NONE;
        int retries = 0;
        int at = 0;
        while (at < blocks) {
            long key = keys[at];
            int node = next;
            if (node == NodeTable.NONE || nodes.key(node) != key) {
                probes++;
                node = nodes.find(key);
                if (node == NodeTable.NONE) {
                    break;
                }
            }
            long link = nodes.link(node);
            int holders = NodeTable.holders(link);
            if (nodes.key(node) != key) {
                if (++retries > MOST_RETRIES) {
                    return -1;
                }
                next = NodeTable.NONE;
                continue;
            }
            if (holders != set) {
                if (set >= 0 && sets.version(set) != version) {
                    return -1;
                }
                long before = sets.version(holders);
                int count = sets.copy(holders, row);
                VarHandle.acquireFence();
                if ((before & 1) != 0
                        || nodes.key(node) != key
                        || NodeTable.holders(nodes.link(node)) != holders
                        || sets.version(holders) != before) {
                    if (++retries > MOST_RETRIES) {
                        return -1;
                    }
                    continue;
                }
                set = holders;
                version = before;
                if (!enter(at, count)) {
                    break;
                }
            }
            next = NodeTable.next(link);
            at++;
            if (next == node + 1) {
                int run = nodes.run(node, set, keys, at - 1, blocks);
                at += run;
                next = run == 0 ? next : NodeTable.next(nodes.link(node + run));
            }
        }
        return set >= 0 && sets.version(set) != version ? -1 : at;
    }

    /** From this block on there are other holders. Returns whether anybody is left. */
    private boolean enter(int at, int count) {
        segment++;
        for (int i = 0; i < count; i++) {
            int worker = row[i] >>> tierBits;
            if (seen[worker] != segment) {
                seen[worker] = segment;
                // Holders are sorted: a worker's fastest tier comes first.
                nextTier[worker] = row[i] & tierMask;
                if (at == 0) {
                    found[foundCount++] = worker;
                    alive[aliveCount++] = worker;
                    since[worker] = 0;
                    tier[worker] = nextTier[worker];
                }
            }
        }
        if (at > 0) {
            narrow(at);
        }
        return aliveCount > 0;
    }

    private void narrow(int at) {
        int kept = 0;
        for (int i = 0; i < aliveCount; i++) {
            int worker = alive[i];
            boolean stays = seen[worker] == segment;
            if (!stays || nextTier[worker] != tier[worker]) {
                tierBlocks[worker << tierBits | tier[worker]] += at - since[worker];
                since[worker] = at;
                tier[worker] = nextTier[worker];
            }
            if (stays) {
                alive[kept++] = worker;
            } else {
                depth[worker] = at;
            }
        }
        aliveCount = kept;
    }

    private void finish(int end) {
        for (int i = 0; i < aliveCount; i++) {
            int worker = alive[i];
            tierBlocks[worker << tierBits | tier[worker]] += end - since[worker];
            depth[worker] = end;
        }
        aliveCount = 0;
    }
}
