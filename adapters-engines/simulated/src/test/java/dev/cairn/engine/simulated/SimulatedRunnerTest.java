package dev.cairn.engine.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers;
import dev.cairn.tck.ModelRunnerContract;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SimulatedRunnerTest {

    private final Tape tape = new Tape();

    @Nested
    class FullAttention extends ModelRunnerContract {

        @Override
        protected ModelRunner open() {
            return runner(new Hurried(), group(0, new StateKind.FullAttention()));
        }
    }

    @Nested
    class WindowBesideFullAttention extends ModelRunnerContract {

        @Override
        protected ModelRunner open() {
            return runner(
                    new Hurried(),
                    group(0, new StateKind.FullAttention()),
                    group(1, new StateKind.SlidingWindow(32)));
        }
    }

    @Test
    void aStepIsReportedWhenItsTimeHasPassed() {
        try (SimulatedRunner runner = runner(tape, group(0, new StateKind.FullAttention()))) {
            List<StepResult> heard = new ArrayList<>();
            int[][] table = {{0, 1}};
            var batch =
                    new StepBatch(
                            List.of(), List.of(new SequenceStep(new int[9], 0, table, 9, -1)));
            runner.complete(runner.launch(batch), new SamplingBatch(List.of()), heard(heard));
            assertThat(heard).isEmpty();
            assertThat(tape.due).containsExactly(1000L + 9 * 10);
            tape.runs.getFirst().run();
            assertThat(heard).singleElement().extracting(StepResult::computeNanos).isEqualTo(1090L);
        }
    }

    @Test
    void closingFailsTheStepThatRuns() {
        SimulatedRunner runner = runner(tape, group(0, new StateKind.FullAttention()));
        List<StepResult> heard = new ArrayList<>();
        int[][] table = {{0}};
        var batch =
                new StepBatch(List.of(), List.of(new SequenceStep(new int[1], 0, table, 1, -1)));
        runner.complete(runner.launch(batch), new SamplingBatch(List.of()), heard(heard));
        runner.close();
        assertThat(heard).containsExactly((StepResult) null);
        tape.runs.getFirst().run();
        assertThat(heard).as("reported once").hasSize(1);
    }

    /** Null stands for a failure. */
    private static Completion<StepResult> heard(List<StepResult> results) {
        return new Completion<>() {
            @Override
            public void completed(StepResult result) {
                results.add(result);
            }

            @Override
            public void failed(Throwable failure) {
                results.add(null);
            }
        };
    }

    private static LayerGroup group(int index, StateKind kind) {
        KvLayout layout = new KvLayout(2, 16, 2, 32, KvType.BFLOAT16);
        return new LayerGroup(index, kind, List.of(2 * index, 2 * index + 1), layout);
    }

    private static <T extends Clock & Timers> SimulatedRunner runner(T time, LayerGroup... groups) {
        return new SimulatedRunner(
                new RunnerDescription(
                        "simulated",
                        "made up",
                        new ModelFingerprint("0".repeat(64)),
                        new ComputeIdentity("simulated"),
                        List.of(groups),
                        java.util.Collections.nCopies(groups.length, 80),
                        1000,
                        128,
                        128,
                        16,
                        128,
                        1,
                        0,
                        0),
                CostModel.affine("a test", 1000, 10),
                time,
                time);
    }

    /** Time that stands still, and what waits for it to pass. */
    private static final class Tape implements Clock, Timers {

        private final List<Long> due = new ArrayList<>();
        private final List<Runnable> runs = new ArrayList<>();

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public long epochMillis() {
            return 0;
        }

        @Override
        public Cancellation schedule(long atNanos, Runnable run) {
            due.add(atNanos);
            runs.add(run);
            return () -> {};
        }
    }

    /** Time that has always passed already. */
    private static final class Hurried implements Clock, Timers {

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public long epochMillis() {
            return 0;
        }

        @Override
        public Cancellation schedule(long atNanos, Runnable run) {
            run.run();
            return () -> {};
        }
    }
}
