package dev.cairn.core.route;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.system.RandomSource;
import java.util.Arrays;
import java.util.List;

/**
 * Which workers hold which blocks of a prefix, and in which tier: what routers score by. Fed by the
 * workers' {@link KvEvent}s, asked by the hashes of a prompt.
 *
 * <p>A block is known by a key of 64 bits, made of its hash and its layer group. The hash is
 * chained, so a key stands for the block and all before it; salt and adapter are part of the hash,
 * as in vLLM. What a worker stores twice it holds until it has removed it twice.
 *
 * <p>Threads: one writer at a time calls what changes the index; any number of readers call {@link
 * #match} meanwhile, take no lock and hold nobody up. What a reader is told of a block was true at
 * some moment of its call. Neither makes garbage once the index has its size.
 */
public final class PrefixIndex {

    /** Parent of a first block. */
    public static final long NO_PARENT = 0;

    /** Keys whose place in memory is read ahead; a power of two. */
    private static final int WARMED = 32;

    private final PrefixIndexOptions options;
    private final int tierBits;
    private final NodeTable nodes;
    private final HolderSets sets = new HolderSets();
    private final ExtraHolds extra = new ExtraHolds();
    private final BlockDigest[] digests;
    private long[] keys = new long[64];
    private long entries;
    private long refused;
    private long unknown;

    public PrefixIndex(PrefixIndexOptions options) {
        this.options = options;
        this.tierBits = options.tierBits();
        this.nodes = new NodeTable(options.mostBlocks());
        this.digests = new BlockDigest[options.mostWorkers() << tierBits];
    }

    public PrefixIndexOptions options() {
        return options;
    }

    /** The key of a block: the last 64 bits of its hash, of which vLLM publishes no more. */
    public static long key(BlockHash hash, int group) {
        long key = group == 0 ? hash.d() : RandomSource.mix(hash.d() + group);
        return key == NodeTable.FREE ? 1 : key;
    }

    /** For one reader, to be used again and again. */
    public PrefixMatch newMatch() {
        return new PrefixMatch(nodes, sets, options.mostWorkers(), tierBits);
    }

    /**
     * Looks a prefix up. Any thread.
     *
     * @param prefix keys of its blocks in order
     * @param blocks how many of them count
     * @param match made by {@link #newMatch} of this index; gets the answer
     */
    public void match(long[] prefix, int blocks, PrefixMatch match) {
        match.match(prefix, blocks);
    }

    /**
     * Applies an event. Writer.
     *
     * @param worker {@code 0 .. mostWorkers - 1}
     * @throws IllegalArgumentException if the event names a tier that the index does not know
     */
    public void apply(int worker, KvEvent event) {
        switch (event) {
            case KvEvent.BlocksStored stored -> {
                int count = keysOf(stored.hashes(), stored.group());
                BlockHash parent = stored.parent();
                long before = parent == null ? NO_PARENT : key(parent, stored.group());
                int tier = tier(stored.tier());
                if (stored.blockTokens() > 0) {
                    stored(worker, tier, before, keys, 0, count);
                } else {
                    // Hashes in no order, as tiers tell them: none of them follows another.
                    for (int i = 0; i < count; i++) {
                        stored(worker, tier, NO_PARENT, keys, i, i + 1);
                    }
                }
            }
            case KvEvent.BlocksRemoved removed -> {
                int count = keysOf(removed.hashes(), removed.group());
                removed(worker, tier(removed.tier()), keys, 0, count);
            }
            case KvEvent.AllCleared() -> cleared(worker);
        }
    }

    private int keysOf(List<BlockHash> hashes, int group) {
        int count = hashes.size();
        if (keys.length < count) {
            keys = new long[count + (count >>> 1)];
        }
        for (int i = 0; i < count; i++) {
            keys[i] = key(hashes.get(i), group);
        }
        return count;
    }

    private int tier(String name) {
        int tier = options.tiers().indexOf(name);
        if (tier < 0) {
            throw new IllegalArgumentException(
                    "tier \"%s\" is none of %s".formatted(name, options.tiers()));
        }
        return tier;
    }

    /**
     * A worker stored blocks that follow one another. Writer.
     *
     * @param parent key of the block before the first one, or {@link #NO_PARENT}
     * @param stored keys from {@code from} until {@code to}, none of them 0
     */
    public void stored(int worker, int tier, long parent, long[] stored, int from, int to) {
        int holder = worker << tierBits | tier;
        BlockDigest digest = digest(holder);
        int before = parent == NO_PARENT ? NodeTable.NONE : nodes.findOwn(parent);
        for (int i = from; i < to; i++) {
            warm(stored, i, from, to);
            int node = store(stored[i], holder, digest);
            if (before != NodeTable.NONE && node != NodeTable.NONE) {
                nodes.follow(before, node);
            }
            before = node;
        }
    }

    private void warm(long[] all, int at, int from, int to) {
        if (((at - from) & WARMED - 1) == 0) {
            nodes.warm(all, at, Math.min(to, at + WARMED));
        }
    }

    private int store(long key, int holder, BlockDigest digest) {
        int node = nodes.findOwn(key);
        if (node == NodeTable.NONE) {
            int alone = sets.with(HolderSets.EMPTY, holder);
            node = nodes.add(key, alone);
            if (node == NodeTable.NONE) {
                refused++;
                return node;
            }
            sets.retain(alone);
        } else {
            int held = nodes.ownHolders(node);
            int more = sets.with(held, holder);
            if (more == held) {
                extra.add(key, holder);
                return node;
            }
            sets.retain(more);
            nodes.hold(node, more);
            sets.release(held);
        }
        digest.add(key);
        entries++;
        return node;
    }

    /** A worker removed blocks. Writer. */
    public void removed(int worker, int tier, long[] removed, int from, int to) {
        int holder = worker << tierBits | tier;
        BlockDigest digest = digest(holder);
        for (int i = from; i < to; i++) {
            warm(removed, i, from, to);
            int node = nodes.findOwn(removed[i]);
            if (node == NodeTable.NONE) {
                unknown++;
            } else if (!extra.take(removed[i], holder)) {
                remove(node, removed[i], holder, digest);
            }
        }
    }

    private void remove(int node, long key, int holder, BlockDigest digest) {
        int held = nodes.ownHolders(node);
        int less = sets.without(held, holder);
        if (less == held) {
            unknown++;
            return;
        }
        if (less == HolderSets.EMPTY) {
            nodes.remove(node);
        } else {
            sets.retain(less);
            nodes.hold(node, less);
        }
        sets.release(held);
        digest.remove(key);
        entries--;
    }

    /** A worker holds nothing any more, in no tier: it said so, or is gone. Writer. */
    public void cleared(int worker) {
        for (int tier = 0; tier < options.tiers().size(); tier++) {
            int holder = worker << tierBits | tier;
            if (digests[holder] != null && digests[holder].blocks() > 0) {
                forget(holder, key -> true);
            }
        }
    }

    /**
     * Makes true what a worker says it holds of one range of keys: what is not listed goes. What is
     * listed and missing is stored by {@link #stored}. Writer; takes time in proportion to the
     * whole index.
     *
     * @param range of {@link BlockDigest#range}
     * @param held keys of the range, sorted
     */
    public void retain(int worker, int tier, int range, long[] held) {
        forget(
                worker << tierBits | tier,
                key -> BlockDigest.range(key) == range && Arrays.binarySearch(held, key) < 0);
    }

    private void forget(int holder, KeyTest goes) {
        BlockDigest digest = digest(holder);
        int lastSet = HolderSets.EMPTY;
        boolean inLast = false;
        // Backwards, for what is freed last is used first: chains then lie in order again.
        for (int node = nodes.end() - 1; node > 0 && digest.blocks() > 0; node--) {
            long key = nodes.key(node);
            if (key == NodeTable.FREE) {
                continue;
            }
            int held = nodes.ownHolders(node);
            if (held != lastSet) {
                lastSet = held;
                inLast = sets.contains(held, holder);
            }
            if (inLast && goes.test(key)) {
                extra.drop(key, holder);
                remove(node, key, holder, digest);
                // The number may stand for another set now.
                lastSet = HolderSets.EMPTY;
                inLast = false;
            }
        }
    }

    /**
     * Keys of one range that a worker holds in a tier, in no particular order. Writer; takes time
     * in proportion to the whole index.
     *
     * @param range of {@link BlockDigest#range}
     */
    public long[] keys(int worker, int tier, int range) {
        int holder = worker << tierBits | tier;
        long[] found = new long[16];
        int count = 0;
        for (int node = 1; node < nodes.end(); node++) {
            long key = nodes.key(node);
            if (key != NodeTable.FREE
                    && BlockDigest.range(key) == range
                    && sets.contains(nodes.ownHolders(node), holder)) {
                if (count == found.length) {
                    found = Arrays.copyOf(found, 2 * count);
                }
                found[count++] = key;
            }
        }
        return Arrays.copyOf(found, count);
    }

    /** Whether a worker holds a block in a tier. Writer. */
    public boolean holds(int worker, int tier, long key) {
        int node = nodes.findOwn(key);
        return node != NodeTable.NONE
                && sets.contains(nodes.ownHolders(node), worker << tierBits | tier);
    }

    /** What stands for all that a worker holds in a tier; changes with it. Writer. */
    public BlockDigest digest(int worker, int tier) {
        return digest(worker << tierBits | tier);
    }

    private BlockDigest digest(int holder) {
        BlockDigest digest = digests[holder];
        if (digest == null) {
            digest = new BlockDigest();
            digests[holder] = digest;
        }
        return digest;
    }

    /** Distinct blocks. Writer. */
    public int blocks() {
        return nodes.size();
    }

    /** Blocks, each counted for each worker and tier that holds it. Writer. */
    public long entries() {
        return entries;
    }

    /** Blocks that were not taken, because there were {@code mostBlocks} already. Writer. */
    public long refused() {
        return refused;
    }

    /** Removals of what was not known: events were lost, or blocks refused. Writer. */
    public long unknownRemovals() {
        return unknown;
    }

    /** Memory of the index, in bytes, that of readers aside. Writer. */
    public long bytes() {
        long bytes = nodes.bytes() + sets.bytes() + extra.bytes() + 8L * digests.length;
        for (BlockDigest digest : digests) {
            bytes += digest == null ? 0 : 8L * (BlockDigest.RANGES + 6);
        }
        return bytes;
    }

    private interface KeyTest {

        boolean test(long key);
    }
}
