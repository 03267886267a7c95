package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceEvent;
import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceLostException;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** LoRA adapters on the device, against merged weights, and how they come and go. */
class AdaptersTest {

    private static final TestModel MODEL = new TestModel(WeightType.FLOAT32, false);
    private static final TestModel RICH = new TestModel(WeightType.FLOAT32, true);
    private static final int PROMPT = 21;

    private static final float NEAR = 2e-4f;

    /** Of the streams of a runner, the one that brings adapters. */
    private static final int LOADS = 3;

    @Test
    void answersAreThoseOfTheMergedWeights() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (TestModel model : List.of(MODEL, RICH)) {
            for (int rank : new int[] {1, 2 + random.nextInt(40)}) {
                TestAdapter adapter = new TestAdapter(model, rank, random.nextLong());
                float[] plain;
                float[] adapted;
                try (ModelRunner runner = Runners.open(StandIn.fresh(), model, KvType.FLOAT32)) {
                    Runners.load(runner, 3, adapter);
                    plain = scores(runner, -1);
                    adapted = scores(runner, 3);
                }
                try (ModelRunner runner =
                        Runners.open(StandIn.fresh(), adapter.merged(), KvType.FLOAT32)) {
                    float[] expected = scores(runner, -1);
                    assertThat(plain).as("it changes something").isNotEqualTo(expected);
                    for (int i = 0; i < expected.length; i++) {
                        assertThat(Math.abs(adapted[i] - expected[i]))
                                .as("rank %d, token %d", rank, i)
                                .isLessThan(NEAR);
                    }
                }
            }
        }
    }

    @Test
    void anEmptySlotIsRefusedBeforeAnythingStarts() {
        try (ModelRunner runner = Runners.open(StandIn.fresh(), MODEL, KvType.FLOAT32)) {
            AdapterPort port = runner.adapters().orElseThrow();
            Runners.load(runner, 3, new TestAdapter(MODEL, 4, 1));
            Runners.<Void>future(done -> port.unload(3, done)).join();
            for (int slot : new int[] {3, -2, port.slots()}) {
                assertThatThrownBy(() -> scores(runner, slot))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("slot " + slot + ", which is empty");
            }
            assertThatThrownBy(() -> port.unload(port.slots(), null))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatCannotBeLoadedIsSaidAndLeavesItsSlotEmpty() {
        StandIn standIn = StandIn.fresh();
        try (ModelRunner runner = Runners.open(standIn, MODEL, KvType.FLOAT32)) {
            Runners.load(runner, 0, new TestAdapter(MODEL, 4, 1));
            refused(runner, new TestAdapter(MODEL, 4, 2, true), "changed since it was registered");
            refused(runner, new TestAdapter(MODEL, 257, 2), "takes adapters up to rank 256");
            standIn.with("memory", 1);
            refused(runner, new TestAdapter(MODEL, 4, 2), "of device memory, 0.0 MiB can be had");
            standIn.with("memory", 1L << 30);
            standIn.with("fail-allocation", 1);
            refused(runner, new TestAdapter(MODEL, 4, 2), "the device has no ");
            Runners.load(runner, 0, new TestAdapter(MODEL, 4, 2));
            assertThat(scores(runner, 0)).hasSize(PROMPT);
        }
    }

    private static void refused(ModelRunner runner, TestAdapter adapter, String why) {
        assertThatThrownBy(() -> Runners.load(runner, 0, adapter))
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining(why);
        assertThatThrownBy(() -> scores(runner, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("slot 0, which is empty");
    }

    @Test
    void anAdapterOutlivesSleepAndItsMemoryIsGivenBack() {
        StandIn standIn = StandIn.fresh();
        try (ModelRunner runner = Runners.open(standIn, MODEL, KvType.FLOAT32)) {
            long before = standIn.live();
            TestAdapter adapter = new TestAdapter(MODEL, 6, 5);
            Runners.load(runner, 7, adapter);
            assertThat(standIn.live()).isEqualTo(before + 1);
            // from here on graphs live, too
            float[] expected = scores(runner, 7);
            var sleep = runner.sleep().orElseThrow();
            Runners.<Void>future(sleep::sleep).join();
            assertThatThrownBy(() -> Runners.load(runner, 8, adapter))
                    .hasRootCauseMessage("the runner sleeps; wake it first");
            Runners.<Void>future(sleep::wake).join();
            assertThat(scores(runner, 7)).isEqualTo(expected);
            // another one in its place
            before = standIn.live();
            Runners.load(runner, 7, new TestAdapter(MODEL, 5, 6));
            assertThat(standIn.live()).isEqualTo(before);
            assertThat(scores(runner, 7)).isNotEqualTo(expected);
            before = standIn.live();
            AdapterPort port = runner.adapters().orElseThrow();
            Runners.<Void>future(done -> port.unload(7, done)).join();
            assertThat(standIn.live()).isEqualTo(before - 1);
        }
    }

    @Test
    void aLostDeviceFailsTheLoad() {
        StandIn standIn = StandIn.fresh();
        try (ModelRunner runner = Runners.open(standIn, MODEL, KvType.FLOAT32)) {
            standIn.with("lose-device", 7);
            assertThatThrownBy(() -> scores(runner, -1))
                    .hasCauseInstanceOf(DeviceLostException.class);
            assertThatThrownBy(() -> Runners.load(runner, 0, new TestAdapter(MODEL, 4, 1)))
                    .hasCauseInstanceOf(DeviceLostException.class);
            assertThat(runner.brokenBecause()).isPresent();
        }
    }

    /** Notes what is done to memory that the device may still be copying from. */
    private static final class WatchedCopies extends ForwardingDevice {
        private final Map<MemorySegment, DeviceEvent> marks = new HashMap<>();
        private final Set<DeviceEvent> open = new HashSet<>();
        private final List<String> wrong = new ArrayList<>();
        private MemorySegment copied;
        private int copies;

        WatchedCopies(Device device) {
            super(device);
        }

        @Override
        public void copyIn(
                long target,
                MemorySegment source,
                long sourceOffset,
                long bytes,
                DeviceStream stream) {
            copies++;
            copied = source;
            if (open.contains(marks.get(source))) {
                wrong.add("copy " + copies + " from memory that was not copied yet");
            }
            super.copyIn(target, source, sourceOffset, bytes, stream);
        }

        @Override
        public void record(DeviceEvent event, DeviceStream stream) {
            marks.put(copied, event);
            open.add(event);
            super.record(event, stream);
        }

        @Override
        public boolean isPassed(DeviceEvent event) {
            boolean passed = super.isPassed(event);
            if (passed) {
                open.remove(event);
            }
            return passed;
        }
    }

    /** What {@link EventWaitsTest} does by slow streams, here seen at every wait of a load. */
    @Test
    void aLoadWaitsForItsBuffersAndForItsLastCopy() {
        List<WatchedCopies> devices = new ArrayList<>();
        try (ModelRunner runner =
                Runners.open(
                        StandIn.fresh().with("delay", StandIn.RANDOM_DELAY),
                        MODEL,
                        Runners.options(KvType.FLOAT32),
                        device -> {
                            devices.add(new WatchedCopies(device));
                            return devices.getLast();
                        })) {
            WatchedCopies device = devices.getFirst();
            int before = device.copies;
            CompletableFuture<Boolean> last = new CompletableFuture<>();
            CompletableFuture<Void> loaded =
                    Runners.future(
                            done ->
                                    runner.adapters()
                                            .orElseThrow()
                                            .load(0, new TestAdapter(MODEL, 128, 5), done));
            loaded.thenRun(
                    () -> last.complete(device.open.contains(device.marks.get(device.copied))));
            assertThat(last.join()).as("the last copy is still on its way").isFalse();
            assertThat(device.copies - before).as("turns of two buffers").isGreaterThan(4);
            assertThat(device.wrong).isEmpty();
        }
    }

    /** Fails a copy in the midst of a load, and looks what the device does when memory is freed. */
    private static final class FailingCopies extends ForwardingDevice {
        private final StandIn standIn;
        private volatile int untilFailure = -1;
        private volatile long busyAtFree = -1;

        FailingCopies(Device device, StandIn standIn) {
            super(device);
            this.standIn = standIn;
        }

        @Override
        public void copyIn(
                long target,
                MemorySegment source,
                long sourceOffset,
                long bytes,
                DeviceStream stream) {
            if (untilFailure >= 0 && untilFailure-- == 0) {
                throw new DeviceException("this copy fails");
            }
            super.copyIn(target, source, sourceOffset, bytes, stream);
        }

        @Override
        public void free(long address) {
            busyAtFree = standIn.busy();
            if (busyAtFree == 0) {
                super.free(address);
            }
        }
    }

    @Test
    void aLoadThatFailsGivesItsMemoryBackWhenNothingIsCopiedThereAnyMore() {
        StandIn standIn = StandIn.fresh().withSlowStream(LOADS);
        List<FailingCopies> devices = new ArrayList<>();
        try (ModelRunner runner =
                Runners.open(
                        standIn,
                        MODEL,
                        Runners.options(KvType.FLOAT32),
                        device -> {
                            devices.add(new FailingCopies(device, standIn));
                            return devices.getFirst();
                        })) {
            long before = standIn.live();
            devices.getFirst().untilFailure = 1;
            refused(runner, new TestAdapter(MODEL, 128, 5), "this copy fails");
            assertThat(devices.getFirst().busyAtFree).as("streams at work").isZero();
            assertThat(standIn.live()).isEqualTo(before);
        }
    }

    /** Log-probabilities of a prompt's tokens: the first half in one step, the rest one by one. */
    private static float[] scores(ModelRunner runner, int adapter) {
        int[] tokens = new int[PROMPT + 1];
        Arrays.setAll(tokens, i -> (i * i + 7 * i + 3) % TestModel.VOCABULARY);
        int[] table = {4, 1};
        float[] scores = new float[PROMPT];
        for (int at = 0; at < PROMPT; ) {
            int length = at == 0 ? PROMPT / 2 : 1;
            List<SamplingRow> rows = new ArrayList<>();
            for (int i = at; i < at + length; i++) {
                rows.add(new SamplingRow.Score(tokens[i + 1], 1));
            }
            int[] chunk = Arrays.copyOfRange(tokens, at, at + length);
            List<TokenChoice> choices =
                    Runners.run(
                            runner,
                            List.of(Runners.step(runner, chunk, at, table, 0, adapter)),
                            rows);
            for (TokenChoice choice : choices) {
                scores[at++] = choice.logprob();
            }
        }
        return scores;
    }
}
