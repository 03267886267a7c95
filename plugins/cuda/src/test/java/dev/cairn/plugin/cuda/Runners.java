package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceRunnerAssembly;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Runners on the stand-in, and what drives them without a scheduler. */
final class Runners {

    static final int BLOCK_TOKENS = 16;

    private Runners() {}

    static RunnerOptions options(KvType kvType) {
        return new RunnerOptions(
                Optional.empty(), Optional.of(kvType), BLOCK_TOKENS, 4 << 20, 512, 128, 16);
    }

    static ModelRunner open(StandIn standIn, ModelArtifact model, KvType kvType) {
        return open(standIn, model, options(kvType), device -> device);
    }

    /**
     * @param around stands between the runner and the device
     */
    static ModelRunner open(
            StandIn standIn,
            ModelArtifact model,
            RunnerOptions options,
            UnaryOperator<Device> around) {
        return new DeviceRunnerAssembly(
                        "cuda",
                        () ->
                                around.apply(
                                        CudaDevice.open(standIn.libraries(), StandIn.settings())),
                        model,
                        options)
                .assemble();
    }

    /** One sequence in the blocks of its table, all groups alike. */
    static SequenceStep step(
            ModelRunner runner, int[] tokens, int position, int[] table, int logitsFrom) {
        return step(runner, tokens, position, table, logitsFrom, -1);
    }

    static SequenceStep step(
            ModelRunner runner,
            int[] tokens,
            int position,
            int[] table,
            int logitsFrom,
            int adapter) {
        int[][] tables = new int[runner.description().groups().size()][];
        Arrays.fill(tables, table);
        return new SequenceStep(tokens, position, tables, logitsFrom, adapter);
    }

    static List<TokenChoice> run(
            ModelRunner runner, List<SequenceStep> steps, List<? extends SamplingRow> rows) {
        return begin(runner, steps, rows).join().rows();
    }

    static CompletableFuture<StepResult> begin(
            ModelRunner runner, List<SequenceStep> steps, List<? extends SamplingRow> rows) {
        StepHandle step = runner.launch(new StepBatch(List.of(), steps));
        return future(done -> runner.complete(step, new SamplingBatch(List.copyOf(rows)), done));
    }

    /** Loads an adapter and waits for it. */
    static void load(ModelRunner runner, int slot, AdapterArtifact adapter) {
        Runners.<Void>future(done -> runner.adapters().orElseThrow().load(slot, adapter, done))
                .join();
    }

    static <T> CompletableFuture<T> future(Consumer<Completion<T>> start) {
        CompletableFuture<T> future = new CompletableFuture<>();
        start.accept(
                new Completion<>() {
                    @Override
                    public void completed(T result) {
                        future.complete(result);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        future.completeExceptionally(failure);
                    }
                });
        return future;
    }

    static MemoryLease lease(long bytes) {
        MemorySegment memory = Arena.ofAuto().allocate(bytes, 64);
        return new MemoryLease() {
            @Override
            public MemorySegment segment() {
                return memory;
            }

            @Override
            public void close() {
                // the garbage collector's
            }
        };
    }
}
