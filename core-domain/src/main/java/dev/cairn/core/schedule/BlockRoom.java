package dev.cairn.core.schedule;

import dev.cairn.core.block.BlockPools;
import dev.cairn.core.block.PrefixCache;

/**
 * Free blocks of all layer groups, beside what those who run will still need.
 *
 * <p>Threads: one mailbox owns it.
 */
final class BlockRoom {

    private final BlockPools pools;
    private final PrefixCache cache;
    private final RunningSet running;
    private final int maxChunk;

    /**
     * @param maxChunk tokens of one sequence in one step at most
     */
    BlockRoom(BlockPools pools, PrefixCache cache, RunningSet running, int maxChunk) {
        this.pools = pools;
        this.cache = cache;
        this.running = running;
        this.maxChunk = maxChunk;
    }

    /** Whether a group has hardly a free block for each of those that run. */
    boolean isScarce() {
        boolean scarce = false;
        for (int group = 0; group < pools.groups(); group++) {
            scarce |= pools.pool(group).free() < 2 * running.size();
        }
        return scarce;
    }

    /** Whether the blocks are there beside what the running prompts still need. */
    boolean hasFor(Sequence sequence, int hit) {
        if (running.isEmpty()) {
            return true;
        }
        for (int group = 0; group < pools.groups(); group++) {
            int promised = 0;
            for (int i = 0; i < running.size(); i++) {
                Sequence other = running.get(i);
                promised += Math.max(0, needs(other, group) - other.blocks().held(group));
            }
            int spare = spare(sequence, pools.pool(group).capacity());
            int wanted = needs(sequence, group);
            if (hit > 0) {
                wanted -= cache.heldAlready(sequence.prefix(), group, hit);
            }
            if (pools.pool(group).free() - promised - spare < wanted) {
                return false;
            }
        }
        return true;
    }

    /**
     * A block in a hundred stays free, so that a decode does not preempt at once; four times as
     * many whenever the sequence was preempted, at most half, so that it is not preempted for ever.
     */
    private static int spare(Sequence sequence, int capacity) {
        int percent =
                sequence.standing().preemptions() >= 3
                        ? 50
                        : 1 << (2 * sequence.standing().preemptions());
        return (int) (capacity * (long) percent / 100);
    }

    /** Blocks until the sequence has its next token, and that token computed. */
    private int needs(Sequence sequence, int group) {
        return Math.min(
                pools.pool(group).capacity(), pools.peak(group, sequence.length() + 1, maxChunk));
    }
}
