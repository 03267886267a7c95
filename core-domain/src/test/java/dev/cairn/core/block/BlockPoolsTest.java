package dev.cairn.core.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.StepBatch.BlockCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class BlockPoolsTest {

    @Test
    void aBlockIsNeverFreedTwice() {
        BlockPool pool = new BlockPool(2);
        int block = pool.allocate();
        pool.release(block);
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.release(block))
                .withMessageContaining("released twice");
        assertThatIllegalStateException().isThrownBy(() -> pool.retain(block));
        assertThat(pool.free()).isEqualTo(2);
    }

    @Test
    void anExhaustedPoolSaysSo() {
        BlockPool pool = new BlockPool(1);
        assertThat(pool.allocate()).isZero();
        assertThat(pool.allocate()).isEqualTo(BlockPool.NONE);
    }

    @Test
    void aSharedBlockIsFreeWhenItsLastOwnerLetGo() {
        BlockPool pool = new BlockPool(1);
        int block = pool.allocate();
        pool.retain(block);
        pool.release(block);
        assertThat(pool.free()).isZero();
        pool.release(block);
        assertThat(pool.free()).isEqualTo(1);
    }

    @Test
    void aWindowReleasesTheBlocksThatLieWhollyBeforeIt() {
        BlockPools pools = pools(toy().fullAttention(4, 10).window(6, 4, 10));
        SequenceBlocks blocks = pools.newSequence();
        blocks.extendTo(16);
        // The query at 13 sees 8 .. 13: blocks 0 and 1 of the window group are past.
        blocks.releaseBefore(13);
        assertThat(blocks.tables()[1])
                .startsWith(LayerGroup.RELEASED, LayerGroup.RELEASED)
                .satisfies(table -> assertThat(table[2]).isNotEqualTo(LayerGroup.RELEASED));
        assertThat(blocks.held(0)).isEqualTo(4);
        assertThat(blocks.held(1)).isEqualTo(2);
        // The query at 12 still saw position 7.
        SequenceBlocks other = pools.newSequence();
        other.extendTo(16);
        other.releaseBefore(12);
        assertThat(other.held(1)).isEqualTo(3);
    }

    @Test
    void growingIsAllOrNothingOverTheGroups() {
        BlockPools pools = pools(toy().fullAttention(4, 10).fullAttention(4, 2));
        SequenceBlocks blocks = pools.newSequence();
        assertThat(blocks.extendTo(12)).isFalse();
        assertThat(pools.pool(0).free()).isEqualTo(10);
        assertThat(blocks.reachable()).isEqualTo(8);
        assertThat(blocks.extendTo(8)).isTrue();
    }

    @Test
    void aForkSharesWholeBlocksAndCopiesTheLast() {
        BlockPools pools = pools(toy().fullAttention(4, 10));
        SequenceBlocks parent = pools.newSequence();
        parent.extendTo(11);
        List<BlockCopy> copies = new ArrayList<>();
        SequenceBlocks child = parent.fork(10, copies);
        assertThat(child.tables()[0]).startsWith(parent.tables()[0][0], parent.tables()[0][1]);
        assertThat(copies)
                .containsExactly(new BlockCopy(0, parent.tables()[0][2], child.tables()[0][2]));
        assertThat(pools.pool(0).free()).isEqualTo(6);
        parent.releaseAll();
        assertThat(pools.pool(0).free()).as("the copied block stays until a step").isEqualTo(6);
        copies.forEach(pools::copied);
        assertThat(pools.pool(0).free()).isEqualTo(7);
        child.releaseAll();
        assertThat(pools.pool(0).free()).isEqualTo(10);
    }

    @Test
    void aForkThatNeedsReleasedBlocksIsNone() {
        BlockPools pools = pools(toy().window(4, 4, 10));
        SequenceBlocks parent = pools.newSequence();
        parent.extendTo(20);
        parent.releaseBefore(20);
        assertThat(parent.fork(11, new ArrayList<>())).isNull();
        assertThat(parent.fork(20, new ArrayList<>())).isNotNull();
    }

    @Test
    void recurrentStateIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pools(toy().fullAttention(4, 4).recurrent(4)))
                .withMessageContaining("layer group 1 keeps a recurrent state");
    }

    @RepeatedTest(100)
    void noSequenceHoldsMoreThanItsPeakAndTheLongestFits(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        int blockTokens = 1 + random.nextInt(8);
        int window = 1 + random.nextInt(30);
        BlockPools pools =
                pools(
                        toy().fullAttention(1 + random.nextInt(8), 5 + random.nextInt(60))
                                .window(window, blockTokens, 5 + random.nextInt(20)));
        int longest = pools.longestSequence(400);
        int chunk = 1 + random.nextInt(20);
        SequenceBlocks blocks = pools.newSequence();
        for (int computed = 0; computed < longest; ) {
            blocks.releaseBefore(computed);
            int wanted = Math.min(longest - computed, 1 + random.nextInt(chunk));
            int count = Math.min(wanted, blocks.reachable() - computed);
            assertThat(count).as("seed %d, at %d of %d", seed, computed, longest).isPositive();
            assertThat(blocks.extendTo(computed + count)).isTrue();
            computed += count;
            for (int group = 0; group < 2; group++) {
                assertThat(blocks.held(group))
                        .as("seed %d, group %d at %d", seed, group, computed)
                        .isLessThanOrEqualTo(pools.peak(group, longest, chunk));
            }
        }
        blocks.releaseAll();
        assertThat(pools.usedOfFullest()).isZero();
    }

    private static ToyRunner.Builder toy() {
        return ToyRunner.over(new VirtualDriver());
    }

    private static BlockPools pools(ToyRunner.Builder builder) {
        return new BlockPools(builder.build().description());
    }
}
