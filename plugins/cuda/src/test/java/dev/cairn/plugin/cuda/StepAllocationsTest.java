package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceEvent;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.SamplingParameters;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A step that goes on by one token takes no memory of the device, and next to none of the heap. */
class StepAllocationsTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final TestModel MODEL = new TestModel(WeightType.FLOAT32, false);
    private static final int WARM = 300;
    private static final int MEASURED = 100;

    /** Handles and results of a step, whether one sequence takes part or many. */
    private static final long PER_STEP = 700;

    /** A row's choice, and the list's place for it. */
    private static final long PER_ROW = 120;

    /** Tells which thread owns the device. */
    private static final class Owned extends ForwardingDevice {
        private final boolean graphs;
        private volatile Thread owner;

        Owned(Device device, boolean graphs) {
            super(device);
            this.graphs = graphs;
        }

        @Override
        public boolean takesGraphs() {
            return graphs;
        }

        @Override
        public void record(DeviceEvent event, DeviceStream stream) {
            owner = Thread.currentThread();
            super.record(event, stream);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, true", "4, true", "4, false"})
    void aDecodeStepAllocatesNextToNothing(int batch, boolean graphs) {
        StandIn standIn = StandIn.fresh();
        List<Owned> devices = new ArrayList<>();
        try (ModelRunner runner =
                Runners.open(
                        standIn,
                        MODEL,
                        Runners.options(KvType.FLOAT32),
                        device -> {
                            devices.add(new Owned(device, graphs));
                            return devices.getFirst();
                        })) {
            for (int i = 0; i < WARM; i++) {
                step(runner, batch, i);
            }
            long device = standIn.allocations();
            long live = standIn.live();
            long owner = devices.getFirst().owner.threadId();
            long heap = THREADS.getThreadAllocatedBytes(owner);
            for (int i = 0; i < MEASURED; i++) {
                step(runner, batch, i);
            }
            long perStep = (THREADS.getThreadAllocatedBytes(owner) - heap) / MEASURED;
            System.out.printf("batch %d, graphs %s: %d bytes a step%n", batch, graphs, perStep);
            assertThat(perStep).isLessThan(PER_STEP + batch * PER_ROW);
            assertThat(standIn.allocations()).as("allocations on the device").isEqualTo(device);
            assertThat(standIn.live()).as("things on the device").isEqualTo(live);
        }
    }

    /** One token more of each sequence, within its first block. */
    private static void step(ModelRunner runner, int batch, int round) {
        int position = round % Runners.BLOCK_TOKENS;
        List<SequenceStep> steps = new ArrayList<>();
        List<SamplingRow> rows = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            int token = (7 * round + 3 * i) % TestModel.VOCABULARY;
            steps.add(Runners.step(runner, new int[] {token}, position, new int[] {i}, 0));
            rows.add(
                    new SamplingRow.Sample(
                            SamplingParameters.GREEDY, i, position, null, null, -1, false));
        }
        var step = runner.launch(new StepBatch(List.of(), steps));
        var batchOfRows = new SamplingBatch(rows);
        Runners.<StepResult>future(done -> runner.complete(step, batchOfRows, done)).join();
    }
}
