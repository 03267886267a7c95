package dev.cairn.core.block;

import dev.cairn.ports.cache.DeviceStatus;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.StepBatch.BlockCopy;
import java.util.ArrayList;
import java.util.List;

/**
 * The pools of all layer groups of a runner, and the arithmetic of how many blocks a sequence
 * needs.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class BlockPools {

    private final List<LayerGroup> groups;
    private final List<BlockPool> pools = new ArrayList<>();

    /**
     * @throws IllegalArgumentException if a group keeps a kind of state that is not paged
     */
    public BlockPools(RunnerDescription runner) {
        this.groups = runner.groups();
        for (LayerGroup group : groups) {
            if (group.kind() instanceof StateKind.Recurrent) {
                throw new IllegalArgumentException(
                        "layer group "
                                + group.index()
                                + " keeps a recurrent state; Cairn schedules attention only");
            }
            pools.add(new BlockPool(runner.poolBlocks().get(group.index())));
        }
    }

    public int groups() {
        return groups.size();
    }

    public BlockPool pool(int group) {
        return pools.get(group);
    }

    public int blockTokens(int group) {
        return groups.get(group).blockTokens();
    }

    /** An empty set of tables. */
    public SequenceBlocks newSequence() {
        return new SequenceBlocks(this);
    }

    /** The longest sequence that all pools together can hold when it runs alone, in tokens. */
    public int longestSequence(int atMost) {
        long longest = atMost;
        for (int group = 0; group < pools.size(); group++) {
            int capacity = pools.get(group).capacity();
            if (capacity < peak(group, atMost, 1)) {
                longest = Math.min(longest, (long) capacity * blockTokens(group));
            }
        }
        return (int) longest;
    }

    /**
     * Most blocks of a group that a sequence holds at once while it grows to {@code tokens} tokens
     * in chunks of at most {@code chunk}.
     */
    public int peak(int group, int tokens, int chunk) {
        int size = blockTokens(group);
        int all = blocks(tokens, size);
        return switch (groups.get(group).kind()) {
            case StateKind.FullAttention() -> all;
            // The window's past and a chunk, whose first token may be a block's last.
            case StateKind.SlidingWindow(int window) ->
                    Math.min(all, blocks(Math.addExact(window - 1, chunk) - 1, size) + 1);
            case StateKind.Recurrent() ->
                    throw new IllegalStateException("recurrent groups were refused");
        };
    }

    /**
     * A copy that the next step will make. Both blocks are held until it is launched: whoever owned
     * them may end before, and nothing else may be put there meanwhile.
     */
    BlockCopy pendingCopy(int group, int from, int to) {
        pool(group).retain(from);
        pool(group).retain(to);
        return new BlockCopy(group, from, to);
    }

    /** A step that makes the copy was launched: what comes later finds it made. */
    public void copied(BlockCopy copy) {
        pool(copy.group()).release(copy.to());
        pool(copy.group()).release(copy.from());
    }

    /** Whether a token of the group sees every token before it. */
    boolean seesAll(int group) {
        return groups.get(group).kind() instanceof StateKind.FullAttention;
    }

    /** The first position that a query at {@code position} or later sees. */
    int firstVisible(int group, int position) {
        return switch (groups.get(group).kind()) {
            case StateKind.FullAttention() -> 0;
            case StateKind.SlidingWindow(int window) -> Math.max(0, position - window + 1);
            case StateKind.Recurrent() ->
                    throw new IllegalStateException("recurrent groups were refused");
        };
    }

    /** Blocks in use, of the group that has the largest share in use. */
    public long usedOfFullest() {
        BlockPool fullest = fullest();
        return fullest.capacity() - fullest.free();
    }

    /** Blocks of the group that has the largest share in use. */
    public long totalOfFullest() {
        return fullest().capacity();
    }

    private BlockPool fullest() {
        BlockPool fullest = pools.getFirst();
        for (BlockPool pool : pools) {
            long mine = (long) (pool.capacity() - pool.free()) * fullest.capacity();
            long best = (long) (fullest.capacity() - fullest.free()) * pool.capacity();
            if (mine > best) {
                fullest = pool;
            }
        }
        return fullest;
    }

    static int blocks(int tokens, int blockTokens) {
        return Math.ceilDiv(tokens, blockTokens);
    }

    /** How the pools of the layer groups are used. */
    List<DeviceStatus.GroupUse> use() {
        List<DeviceStatus.GroupUse> uses = new ArrayList<>();
        for (int group = 0; group < groups(); group++) {
            BlockPool pool = pool(group);
            uses.add(
                    new DeviceStatus.GroupUse(
                            group,
                            blockTokens(group),
                            pool.capacity(),
                            pool.capacity() - pool.free(),
                            pool.found(),
                            pool.empty()));
        }
        return uses;
    }
}
