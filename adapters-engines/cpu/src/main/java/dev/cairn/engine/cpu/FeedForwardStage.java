package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.Gate;
import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.WeightRole;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * One layer's feed-forward half: normed rows in, what is added to the residual out. Threads: the
 * runner's, which drives the crew.
 */
sealed interface FeedForwardStage {

    /** Computes {@code branch} from {@code normed} for rows 0 to {@code rows}. */
    void run(int rows);

    static FeedForwardStage of(
            FeedForwardArchitecture architecture,
            ModelWeights.FeedForward weights,
            Activations buffers,
            ParallelKernels parallel,
            int tileRows,
            AdapterWork adapters,
            int layer) {
        Gate gate =
                switch (architecture.activation()) {
                    case SILU -> Gate.SILU;
                    case GELU_TANH -> Gate.GELU_TANH;
                };
        return switch (architecture) {
            case Dense _ ->
                    new Single(
                            new Unit(
                                    weights.experts().getFirst(),
                                    gate,
                                    buffers.normed(),
                                    buffers.branch(),
                                    buffers,
                                    parallel),
                            adaptedInputs(weights.experts().getFirst(), buffers, adapters, layer),
                            adaptedOutput(weights.experts().getFirst(), buffers, adapters, layer));
            case Experts experts -> new Routed(experts, weights, gate, buffers, parallel, tileRows);
        };
    }

    private static AdapterStage adaptedInputs(
            ModelWeights.GatedUnit unit, Activations buffers, AdapterWork adapters, int layer) {
        int width = unit.gate().rows();
        return new AdapterStage(
                adapters,
                layer,
                buffers.normed(),
                unit.gate().columns(),
                List.of(
                        new AdapterStage.Target(WeightRole.GATE, buffers.gate(), width),
                        new AdapterStage.Target(WeightRole.UP, buffers.up(), width)));
    }

    private static AdapterStage adaptedOutput(
            ModelWeights.GatedUnit unit, Activations buffers, AdapterWork adapters, int layer) {
        int hidden = unit.down().rows();
        return new AdapterStage(
                adapters,
                layer,
                buffers.gated(),
                unit.gate().rows(),
                List.of(new AdapterStage.Target(WeightRole.DOWN, buffers.branch(), hidden)));
    }

    /** Every row through the same unit, which rows' adapters may change. */
    record Single(Unit unit, AdapterStage inputs, AdapterStage output) implements FeedForwardStage {

        @Override
        public void run(int rows) {
            unit.inputs.run(unit.parallel, unit.buffers.prepared(), rows);
            inputs.run();
            unit.finish(rows);
            output.run();
        }
    }

    /** {@code down(gate(gate projection) * up projection)} between two buffers. */
    final class Unit {

        private final Gate gate;
        private final Activations buffers;
        private final ParallelKernels parallel;
        private final int width;
        private final Projection inputs;
        private final Projection output;

        Unit(
                ModelWeights.GatedUnit weights,
                Gate gate,
                MemorySegment input,
                MemorySegment result,
                Activations buffers,
                ParallelKernels parallel) {
            this.gate = gate;
            this.buffers = buffers;
            this.parallel = parallel;
            width = weights.gate().rows();
            inputs =
                    new Projection(
                            input,
                            List.of(
                                    Projection.dense(weights.gate(), buffers.gate()),
                                    Projection.dense(weights.up(), buffers.up())));
            output = Projection.of(buffers.gated(), weights.down(), result);
        }

        void run(int rows) {
            inputs.run(parallel, buffers.prepared(), rows);
            finish(rows);
        }

        /** From the two products of the input on. */
        void finish(int rows) {
            parallel.gate(gate, buffers.gate(), buffers.up(), width, buffers.gated(), width, rows);
            output.run(parallel, buffers.prepared(), rows);
        }
    }

    /**
     * A mixture of experts: one expert after the other takes the rows that chose it. A row's sum
     * runs over its experts in ascending order, whatever its neighbours chose.
     */
    final class Routed implements FeedForwardStage {

        private final Experts architecture;
        private final Activations buffers;
        private final ParallelKernels parallel;
        private final Projection router;
        private final ExpertRouting routing;
        private final List<Unit> units = new ArrayList<>();
        private final int[] rowsOfExpert;
        private final int hidden;

        Routed(
                Experts architecture,
                ModelWeights.FeedForward weights,
                Gate gate,
                Activations buffers,
                ParallelKernels parallel,
                int tileRows) {
            this.architecture = architecture;
            this.buffers = buffers;
            this.parallel = parallel;
            router =
                    Projection.of(
                            buffers.normed(), weights.router().orElseThrow(), buffers.routing());
            routing =
                    new ExpertRouting(
                            architecture.experts(),
                            architecture.expertsPerToken(),
                            architecture.renormalise(),
                            tileRows);
            for (ModelWeights.GatedUnit expert : weights.experts()) {
                units.add(
                        new Unit(
                                expert,
                                gate,
                                buffers.gathered(),
                                buffers.expertOutput(),
                                buffers,
                                parallel));
            }
            rowsOfExpert = new int[tileRows];
            hidden = weights.router().orElseThrow().columns();
        }

        @Override
        public void run(int rows) {
            router.run(parallel, buffers.prepared(), rows);
            routing.route(buffers.routing(), rows);
            buffers.branch().asSlice(0, 4L * rows * hidden).fill((byte) 0);
            for (int expert = 0; expert < architecture.experts(); expert++) {
                int count = gather(expert, rows);
                if (count > 0) {
                    units.get(expert).run(count);
                    scatter(expert, count);
                }
            }
        }

        private int gather(int expert, int rows) {
            long rowBytes = 4L * hidden;
            int count = 0;
            for (int row = 0; row < rows; row++) {
                if (routing.weight(row, expert) != 0) {
                    MemorySegment.copy(
                            buffers.normed(),
                            row * rowBytes,
                            buffers.gathered(),
                            count * rowBytes,
                            rowBytes);
                    rowsOfExpert[count++] = row;
                }
            }
            return count;
        }

        private void scatter(int expert, int count) {
            long rowBytes = 4L * hidden;
            parallel.split(
                    count,
                    hidden,
                    1,
                    (from, to) -> {
                        for (int i = from; i < to; i++) {
                            int row = rowsOfExpert[i];
                            parallel.kernels()
                                    .addScaled(
                                            buffers.branch().asSlice(row * rowBytes, rowBytes),
                                            buffers.expertOutput().asSlice(i * rowBytes, rowBytes),
                                            routing.weight(row, expert),
                                            hidden);
                        }
                    });
        }
    }
}
