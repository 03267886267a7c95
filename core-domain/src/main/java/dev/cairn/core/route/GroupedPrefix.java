package dev.cairn.core.route;

import dev.cairn.ports.system.RandomSource;
import java.util.List;

/**
 * What the prefix index says of all layer groups: a prefix is held as far as its blocks of group 0
 * are there without a gap, and no further than every window group has the blocks that the next
 * token sees. The rule is the prefix cache's ({@code PrefixCache.longestHit}).
 *
 * <p>Threads: one router shard.
 */
final class GroupedPrefix implements HeldPrefix {

    private final PrefixIndex index;
    private final PrefixMatch match;
    private final int[] windows;
    private final int blockTokens;
    private final int[] depth;
    private final boolean[] isOpen;

    /**
     * @param windows per layer group the tokens that it sees, its own included; 0 = all
     * @param blockTokens tokens of a block, the same in every group
     */
    GroupedPrefix(PrefixIndex index, List<Integer> windows, int blockTokens) {
        this.index = index;
        this.match = index.newMatch();
        this.windows = windows.stream().mapToInt(Integer::intValue).toArray();
        this.blockTokens = blockTokens;
        this.depth = new int[index.options().mostWorkers()];
        this.isOpen = new boolean[index.options().mostWorkers()];
    }

    /** By group 0 alone where there is no window besides. */
    static HeldPrefix of(PrefixIndex index, List<Integer> windows, int blockTokens) {
        return windows.stream().skip(1).anyMatch(window -> window > 0)
                ? new GroupedPrefix(index, windows, blockTokens)
                : new IndexedPrefix(index);
    }

    @Override
    public void match(long[] keys, int blocks) {
        for (int i = 0; i < match.workers(); i++) {
            depth[match.worker(i)] = 0;
        }
        index.match(keys, blocks, match);
        for (int i = 0; i < match.workers(); i++) {
            depth[match.worker(i)] = match.depth(match.worker(i));
        }
        // What one window shortens may be too short for another one.
        boolean isShortened = match.workers() > 0;
        while (isShortened) {
            isShortened = false;
            for (int group = 1; group < windows.length; group++) {
                isShortened |= windows[group] > 0 && shorten(group, keys);
            }
        }
    }

    /** Returns whether a worker's prefix had to be shortened for the sake of a window group. */
    private boolean shorten(int group, long[] keys) {
        int deepest = 0;
        for (int i = 0; i < match.workers(); i++) {
            int worker = match.worker(i);
            isOpen[worker] = depth[worker] > firstSeen(group, depth[worker]);
            deepest = Math.max(deepest, depth[worker]);
        }
        boolean isShortened = false;
        boolean goesOn = true;
        for (int block = deepest - 1; goesOn && block >= 0; block--) {
            match.mark(key(keys[block], group));
            goesOn = false;
            for (int i = 0; i < match.workers(); i++) {
                int worker = match.worker(i);
                if (isOpen[worker] && block < depth[worker]) {
                    if (!match.isMarked(worker)) {
                        depth[worker] = block;
                        isShortened = true;
                    }
                    isOpen[worker] = block > firstSeen(group, depth[worker]);
                }
                goesOn |= isOpen[worker];
            }
        }
        return isShortened;
    }

    /** The first block that the token after so many blocks sees. */
    private int firstSeen(int group, int blocks) {
        return (int) Math.max(0, (long) blocks * blockTokens - windows[group] + 1) / blockTokens;
    }

    /** As {@link PrefixIndex#key}, of a block whose key in group 0 is known. */
    static long key(long ofGroupZero, int group) {
        long key = RandomSource.mix(ofGroupZero + group);
        return key == NodeTable.FREE ? 1 : key;
    }

    @Override
    public int depth(int worker) {
        return depth[worker];
    }

    /** Where a window shortened the prefix, the fastest tiers are taken to hold its beginning. */
    @Override
    public int blocks(int worker, int tier) {
        int before = 0;
        for (int faster = 0; faster < tier; faster++) {
            before += match.blocks(worker, faster);
        }
        return Math.max(0, Math.min(match.blocks(worker, tier), depth[worker] - before));
    }
}
