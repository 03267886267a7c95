package dev.cairn.core.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Slices that whoever receives them copies into the device. */
class StraightBatchTest {

    private static final int BLOCK = 7;

    private final List<CacheEvent> events = new ArrayList<>();
    private final List<Integer> copied = new ArrayList<>();
    private RuntimeException failure;

    /** Others may have the block by then. */
    @Test
    void whatWasGivenUpIsNotCopied() {
        List<Slices> slices = List.of(slices(0), slices(1), slices(2));
        var batch = new StraightBatch(slices, new Device(), events::add);
        assertThat(slices.get(1).giveUp()).isTrue();

        batch.ended(1, GetOutcome.FOUND);
        batch.ended(0, GetOutcome.FOUND);
        assertThat(events).as("told of before all have ended").isEmpty();
        batch.ended(2, GetOutcome.ABSENT);

        assertThat(copied).containsExactly(0);
        assertThat(slices.get(1).isGivenUp()).isTrue();
        assertThat(events).containsExactly(new CacheEvent.WentStraight(batch));
        assertThat(batch.outcome(2)).isEqualTo(GetOutcome.ABSENT);
    }

    /** Whose copy has begun keeps its block until it has ended. */
    @Test
    void whatIsCopiedIsNotGivenUp() {
        List<Slices> slices = List.of(slices(0), slices(1));
        var batch = new StraightBatch(slices, new Device(), events::add);
        batch.ended(0, GetOutcome.FOUND);

        assertThat(slices.getFirst().giveUp()).isFalse();
        assertThat(slices.getFirst().isGivenUp()).isFalse();
    }

    @Test
    void aCopyThatFailsIsToldOf() {
        var batch = new StraightBatch(List.of(slices(0)), new Device(), events::add);
        failure = new IllegalStateException("the engine is closed");

        batch.ended(0, GetOutcome.FOUND);

        assertThat(batch.failure(0)).isSameAs(failure);
        assertThat(events).containsExactly(new CacheEvent.WentStraight(batch));
    }

    private static Slices slices(int firstLayer) {
        var key = new BlockKey("model", new ComputeIdentity("any"), 0, BlockHash.of(new byte[32]));
        var missing = new FetchPlan.Missing(null, key, null, 1);
        return new Slices(new Piece(null, missing, 3, BLOCK, new int[0]), 0, firstLayer, 1, 1);
    }

    private final class Device implements BlockPort {

        @Override
        public void export(
                int group,
                int block,
                int firstLayer,
                int layers,
                MemoryLease target,
                Completion<Void> done) {
            throw new AssertionError("nothing leaves");
        }

        @Override
        public void restore(
                int group,
                int block,
                int firstLayer,
                int layers,
                MemoryLease source,
                Completion<Void> done) {
            assertThat(block).isEqualTo(BLOCK);
            if (failure == null) {
                copied.add(firstLayer);
                done.completed(null);
            } else {
                done.failed(failure);
            }
        }
    }
}
