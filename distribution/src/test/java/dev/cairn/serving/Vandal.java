package dev.cairn.serving;

import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.BlockPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Writes wrong bytes into one block of a sequence, when its prompt is computed and before its
 * answer goes on: those of the block before it or after it, which are as plausible as can be.
 * Threads: set from the test's, works on the mailbox's.
 */
final class Vandal implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private volatile int promptLength;
    private volatile int position = -1;
    private volatile int corruptions;

    /** Corrupts the block of {@code position} in the next sequence whose prompt has this length. */
    void corrupt(int promptLength, int position) {
        this.promptLength = promptLength;
        this.position = position;
    }

    void rest() {
        position = -1;
    }

    int corruptions() {
        return corruptions;
    }

    ModelRunner around(ModelRunner runner) {
        return new ModelRunner() {

            @Override
            public RunnerDescription description() {
                return runner.description();
            }

            @Override
            public StepHandle launch(StepBatch batch) {
                for (SequenceStep sequence : batch.sequences()) {
                    if (position >= 0 && sequence.firstPosition() == promptLength) {
                        spoil(runner, sequence);
                    }
                }
                return runner.launch(batch);
            }

            @Override
            public void complete(
                    StepHandle step, SamplingBatch sampling, Completion<StepResult> done) {
                runner.complete(step, sampling, done);
            }

            @Override
            public BlockPort blocks() {
                return runner.blocks();
            }

            @Override
            public void close() {
                runner.close();
            }
        };
    }

    private void spoil(ModelRunner runner, SequenceStep sequence) {
        for (LayerGroup group : runner.description().groups()) {
            int index = position / group.blockTokens();
            int[] table = sequence.blockTables()[group.index()];
            int neighbour = table[index == 0 ? 1 : index - 1];
            MemoryLease lease = lease(group.layout().blockBytes());
            int layers = group.layout().layers();
            await(done -> runner.blocks().export(group.index(), neighbour, 0, layers, lease, done));
            await(
                    done ->
                            runner.blocks()
                                    .restore(group.index(), table[index], 0, layers, lease, done));
        }
        position = -1;
        corruptions++;
    }

    private MemoryLease lease(long bytes) {
        MemorySegment segment = arena.allocate(bytes, 64);
        return new MemoryLease() {

            @Override
            public MemorySegment segment() {
                return segment;
            }

            @Override
            public void close() {}
        };
    }

    private static void await(Consumer<Completion<Void>> transfer) {
        var future = new CompletableFuture<Void>();
        transfer.accept(
                new Completion<>() {
                    @Override
                    public void completed(Void result) {
                        future.complete(null);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        future.completeExceptionally(failure);
                    }
                });
        future.join();
    }

    @Override
    public void close() {
        arena.close();
    }
}
