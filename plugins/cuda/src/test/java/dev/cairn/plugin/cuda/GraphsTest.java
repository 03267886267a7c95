package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceGraph;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.WeightType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Decode steps that are recorded once and given again give what they give kernel by kernel. */
class GraphsTest {

    private static final TestModel SIMPLE = new TestModel(WeightType.FLOAT32, false);
    private static final TestModel RICH = new TestModel(WeightType.FLOAT32, true);
    private static final int BLOCKS = 17;

    /** Sequences of the steps, one after the other. */
    private static final int[] BATCHES = {1, 2, 3, 4, 3, 1, 5, 6};

    /** Prompts of so many tokens and more: the first one's context grows beyond a partition. */
    private static final int LONG = 250;

    private static final int SHORT = 5;

    /** Tells what the runner does with graphs, and may give it other ones. */
    private static final class Graphs extends ForwardingDevice {
        private final StandIn standIn;
        private final boolean taken;
        private int captured;
        private int replayed;
        private UnaryOperator<DeviceGraph> replaced = graph -> graph;

        Graphs(Device device, StandIn standIn, boolean taken) {
            super(device);
            this.standIn = standIn;
            this.taken = taken;
        }

        @Override
        public boolean takesGraphs() {
            return taken;
        }

        @Override
        public DeviceGraph capture(DeviceStream stream, Runnable work) {
            captured++;
            return super.capture(stream, work);
        }

        @Override
        public void replay(DeviceGraph graph, DeviceStream stream) {
            replayed++;
            super.replay(replaced.apply(graph), stream);
        }
    }

    private final List<Graphs> devices = new ArrayList<>();

    @Test
    void theAnswersAreThoseOfKernelByKernel() {
        for (TestModel model : new TestModel[] {SIMPLE, RICH}) {
            theAnswersAreThoseOfKernelByKernel(model, model.rich() ? SHORT : LONG);
        }
    }

    private void theAnswersAreThoseOfKernelByKernel(TestModel model, int first) {
        List<String> expected;
        try (ModelRunner runner = open(model, false)) {
            expected = answers(runner, first);
            assertThat(devices.getLast().captured).isZero();
        }
        try (ModelRunner runner = open(model, true)) {
            assertThat(answers(runner, first)).isEqualTo(expected);
            Graphs device = devices.getLast();
            assertThat(device.replayed).isEqualTo(BATCHES.length);
            assertThat(device.captured)
                    .as("buckets: 1, 2, 4 and 8 rows; one and two partitions")
                    .isBetween(4, BATCHES.length - 1);
            int before = device.captured;
            answers(runner, SHORT);
            assertThat(device.captured - before).as("most buckets are known").isLessThan(3);
        }
    }

    /** What a bucket too few would do: some step gets the recording of another shape. */
    @Test
    void theRecordingOfAnotherBucketGivesOtherAnswers() {
        List<String> expected;
        try (ModelRunner runner = open(SIMPLE, true)) {
            expected = answers(runner, SHORT);
        }
        try (ModelRunner runner = open(SIMPLE, true)) {
            List<DeviceGraph> first = new ArrayList<>();
            devices.getLast().replaced =
                    graph -> {
                        first.add(graph);
                        return first.getFirst();
                    };
            assertThat(attempt(runner)).isNotEqualTo(expected);
        }
    }

    @Test
    void aRunnerThatSleptRecordsAnewAndTheOldRecordingIsRefused() {
        try (ModelRunner runner = open(SIMPLE, true)) {
            List<String> expected = answers(runner, SHORT);
            List<DeviceGraph> old = new ArrayList<>();
            devices.getLast().replaced =
                    graph -> {
                        old.add(graph);
                        return graph;
                    };
            answers(runner, SHORT);
            var sleep = runner.sleep().orElseThrow();
            Runners.<Void>future(sleep::sleep).join();
            Runners.<Void>future(sleep::wake).join();
            assertThat(answers(runner, SHORT)).isEqualTo(expected);
            assertThat(devices.getLast().captured).isPositive();
            devices.getLast().replaced = _ -> old.getFirst();
            assertThatThrownBy(() -> answers(runner, SHORT))
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("cuGraphLaunch failed");
        }
    }

    @Test
    void whereTheDeviceRecordsNothingStepsAreGivenKernelByKernel() {
        List<String> expected;
        try (ModelRunner runner = open(SIMPLE, false)) {
            expected = answers(runner, SHORT);
        }
        try (ModelRunner runner = open(SIMPLE, true)) {
            devices.getLast().standIn.with("refuse-captures", 1);
            assertThat(answers(runner, SHORT)).isEqualTo(expected);
            assertThat(devices.getLast().captured).as("attempts").isEqualTo(1);
            assertThat(devices.getLast().replayed).isZero();
        }
    }

    /** A recording that was not given back does not make freed memory whole again. */
    @Test
    void aRecordingOfMemoryThatIsGoneLosesTheDevice() {
        StandIn standIn = StandIn.fresh();
        try (CudaDevice device = CudaDevice.open(standIn.libraries(), StandIn.settings())) {
            DeviceStream stream = device.stream(false);
            var operations =
                    device.operations(stream, new dev.cairn.plugin.device.OperationShapes(16, 32));
            CudaDriver driver = standIn.libraries().driver();
            long target = driver.allocate(64);
            long bias = driver.allocate(64);
            DeviceGraph graph =
                    device.capture(stream, () -> operations.addBias(target, bias, 16, 1));
            device.replay(graph, stream);
            device.synchronize(stream);
            driver.free(bias);
            assertThatThrownBy(() -> device.replay(graph, stream))
                    .hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS");
            StandIn.fresh();
            driver.free(target);
        }
    }

    private ModelRunner open(TestModel model, boolean taken) {
        RunnerOptions options =
                new RunnerOptions(
                        Optional.empty(), Optional.of(KvType.FLOAT32), 16, 6 << 20, 512, 128, 6);
        StandIn standIn = StandIn.fresh();
        return Runners.open(
                standIn,
                model,
                options,
                device -> {
                    Graphs around = new Graphs(device, standIn, taken);
                    devices.add(around);
                    return around;
                });
    }

    private static List<String> attempt(ModelRunner runner) {
        try {
            return answers(runner, SHORT);
        } catch (CompletionException failure) {
            return List.of(failure.getMessage());
        }
    }

    /** Sequences of one prompt in blocks of their own, each step with the first so many of them. */
    private static List<String> answers(ModelRunner runner, int first) {
        List<String> said = new ArrayList<>();
        int most = Arrays.stream(BATCHES).max().orElseThrow();
        int[] positions = new int[most];
        for (int i = 0; i < most; i++) {
            positions[i] = i == 0 ? first : SHORT + i;
            for (int at = 0; at < positions[i]; at += 125) {
                int[] tokens = tokens(i, at, Math.min(125, positions[i] - at));
                Runners.run(
                        runner,
                        List.of(Runners.step(runner, tokens, at, table(i), tokens.length)),
                        List.of());
            }
        }
        for (int batch : BATCHES) {
            List<SequenceStep> steps = new ArrayList<>();
            List<SamplingRow> rows = new ArrayList<>();
            for (int i = 0; i < batch; i++) {
                int[] token = tokens(i, positions[i], 1);
                steps.add(Runners.step(runner, token, positions[i]++, table(i), 0));
                rows.add(new SamplingRow.Score(i, 2));
            }
            for (TokenChoice choice : Runners.run(runner, steps, rows)) {
                said.add(choice.logprob() + " " + Arrays.toString(choice.topIds()));
            }
        }
        return said;
    }

    private static int[] tokens(int sequence, int from, int count) {
        int[] tokens = new int[count];
        Arrays.setAll(tokens, i -> (31 * sequence + 7 * (from + i) + 3) % TestModel.VOCABULARY);
        return tokens;
    }

    private static int[] table(int sequence) {
        int[] table = new int[BLOCKS];
        Arrays.setAll(table, i -> sequence * BLOCKS + (i * 3 + sequence) % BLOCKS);
        return table;
    }
}
