package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceLostException;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.Completion;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong is said, and costs no more than it must. */
class FailuresTest {

    private static final TestModel MODEL = new TestModel(WeightType.FLOAT32, false);

    /** The stream of steps. */
    private static final int COMPUTE = 0;

    private static final int[] PROMPT = {5, 4, 3, 2, 1};

    @TempDir private Path empty;

    @Test
    void aLostDeviceFailsTheStepAndEverythingAfterIt() {
        StandIn standIn = StandIn.fresh();
        try (ModelRunner runner = Runners.open(standIn, MODEL, KvType.FLOAT32)) {
            assertThat(runner.brokenBecause()).isEmpty();
            answer(runner);
            standIn.with("lose-device", 7);
            assertThatThrownBy(() -> answer(runner))
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED");
            assertThat(runner.brokenBecause()).get().asString().contains("restart this process");
            assertThatThrownBy(() -> answer(runner)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> export(runner)).hasCauseInstanceOf(DeviceLostException.class);
        }
    }

    @Test
    void aLaunchThatFailsCostsOneStep() {
        StandIn standIn = StandIn.fresh();
        try (ModelRunner runner = Runners.open(standIn, MODEL, KvType.FLOAT32)) {
            int expected = answer(runner);
            for (int launch = 1; launch < 12; launch += 5) {
                standIn.with("fail-launch", launch);
                assertThatThrownBy(() -> answer(runner))
                        .isInstanceOf(CompletionException.class)
                        .hasMessageContaining("cuLaunchKernel of ");
                assertThat(answer(runner)).isEqualTo(expected);
            }
            assertThat(runner.brokenBecause()).isEmpty();
        }
    }

    /** Its memory is written anew by the next step. */
    @Test
    void aFailedStepIsToldOfWhenTheDeviceIsThroughWithIt() {
        StandIn standIn = StandIn.fresh();
        try (ModelRunner runner = Runners.open(standIn, MODEL, KvType.FLOAT32)) {
            answer(runner);
            standIn.withSlowStream(COMPUTE).with("fail-launch", 12);
            SequenceStep step = Runners.step(runner, PROMPT, 0, new int[] {0}, PROMPT.length - 1);
            long busy =
                    Runners.begin(runner, List.of(step), List.of(greedy()))
                            .handle((_, failure) -> failure == null ? -1 : standIn.busy())
                            .join();
            assertThat(busy).isZero();
        }
    }

    @Test
    void aRunnerIsClosedWhenTheDeviceIsThroughWithItsStep() {
        StandIn standIn = StandIn.fresh();
        long before = standIn.live();
        try (ModelRunner runner = Runners.open(standIn, MODEL, KvType.FLOAT32)) {
            answer(runner);
            standIn.withSlowStream(COMPUTE);
            SequenceStep step = Runners.step(runner, PROMPT, 0, new int[] {0}, PROMPT.length - 1);
            Runners.begin(runner, List.of(step), List.of(greedy()));
            // comes to its turn behind the step
            runner.blocks().attach(Arena.ofAuto().allocate(4096));
        }
        assertThat(standIn.live()).isEqualTo(before);
    }

    /** Notes whether the device's memory goes while the host still copies from it. */
    private static final class WatchedEnd extends ForwardingDevice implements Completion<Void> {
        private final CountDownLatch copies = new CountDownLatch(1);
        private final CountDownLatch copying = new CountDownLatch(1);
        private volatile boolean ends;
        private volatile boolean tooEarly;

        WatchedEnd(Device device) {
            super(device);
        }

        /** Keeps the host's thread until the owner waits for it. */
        @Override
        public void completed(Void result) {
            copies.countDown();
            try {
                copying.await();
            } catch (InterruptedException stopped) {
                throw new AssertionError(stopped);
            }
        }

        @Override
        public void failed(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void synchronize(DeviceStream stream) {
            super.synchronize(stream);
            Thread owner = Thread.currentThread();
            Thread.ofPlatform()
                    .start(
                            () -> {
                                while (!ends && owner.getState() != Thread.State.WAITING) {
                                    Thread.onSpinWait();
                                }
                                copying.countDown();
                            });
        }

        @Override
        public void close() {
            tooEarly |= copying.getCount() > 0;
            ends = true;
            super.close();
        }
    }

    @Test
    void theHostLetsGoOfTheMemoryBeforeARunnerSleeps() throws InterruptedException {
        List<WatchedEnd> devices = new ArrayList<>();
        try (ModelRunner runner =
                Runners.open(
                        StandIn.fresh(),
                        MODEL,
                        Runners.options(KvType.FLOAT32),
                        device -> {
                            devices.add(new WatchedEnd(device));
                            return devices.getFirst();
                        })) {
            WatchedEnd device = devices.getFirst();
            var layout = runner.description().groups().getFirst().layout();
            runner.blocks()
                    .export(0, 0, 0, layout.layers(), Runners.lease(layout.blockBytes()), device);
            device.copies.await();
            Runners.<Void>future(runner.sleep().orElseThrow()::sleep).join();
            assertThat(device.tooEarly).as("the memory goes while the host copies").isFalse();
        }
    }

    @Test
    void nothingStaysOnTheDeviceBehindAClosedRunner() {
        StandIn standIn = StandIn.fresh();
        long before = standIn.live();
        try (ModelRunner runner = Runners.open(standIn, MODEL, KvType.FLOAT32)) {
            answer(runner);
            assertThat(standIn.live()).isGreaterThan(before);
        }
        assertThat(standIn.live()).isEqualTo(before);
        standIn.with("fail-allocation", 20);
        assertThatThrownBy(() -> Runners.open(standIn, MODEL, KvType.FLOAT32))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("test-model cannot be loaded: the device has no ");
        assertThat(standIn.live()).isEqualTo(before);
    }

    @Test
    void asleepItHoldsNothingAndAwakeItAnswersTheSame() {
        StandIn standIn = StandIn.fresh();
        long before = standIn.live();
        try (ModelRunner runner = Runners.open(standIn, MODEL, KvType.FLOAT32)) {
            int expected = answer(runner);
            var sleep = runner.sleep().orElseThrow();
            Runners.<Void>future(sleep::sleep).join();
            assertThat(standIn.live()).isEqualTo(before);
            assertThatThrownBy(() -> answer(runner)).hasMessageContaining("wake it first");
            Runners.<Void>future(sleep::wake).join();
            assertThat(answer(runner)).isEqualTo(expected);
        }
    }

    @Test
    void tooLittleMemorySaysWhatIsMissingAndWhatWouldFit() {
        StandIn standIn = StandIn.fresh().with("memory", 160 << 20);
        RunnerOptions options =
                new RunnerOptions(
                        Optional.empty(), Optional.of(KvType.FLOAT32), 16, 90 << 20, 512, 128, 16);
        assertThatThrownBy(() -> Runners.open(standIn, MODEL, options, device -> device))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("are missing")
                .hasMessageContaining("What would fit: a KV cache of at most ");
    }

    @Test
    void whatItCannotComputeIsRefusedByName() {
        assertThatThrownBy(() -> Runners.open(StandIn.fresh(), MODEL, KvType.INT8))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("write --kv-cache-dtype bfloat16");
        RunnerOptions quantise =
                new RunnerOptions(
                        Optional.of(WeightType.Q8_0), Optional.empty(), 16, 1 << 20, 512, 128, 16);
        assertThatThrownBy(() -> Runners.open(StandIn.fresh(), MODEL, quantise, device -> device))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("keeps quantised weights as their file has them");
    }

    @Test
    void anOldDriverAnUnknownArchitectureAndNoDeviceAreSaid() {
        assertThatThrownBy(() -> load(StandIn.fresh().with("driver", 11080)))
                .isInstanceOf(DeviceException.class)
                .hasMessage(
                        "the NVIDIA driver serves CUDA 11.8, this engine needs 12.0 or later;"
                                + " install a newer driver");
        assertThatThrownBy(() -> load(StandIn.fresh().with("major", 42)))
                .hasMessageContaining("sm_420, which NVRTC 13.0 does not know");
        assertThatThrownBy(() -> load(StandIn.fresh().with("major", 6).with("minor", 1)))
                .hasMessageContaining("sm_61, this engine needs sm_75 or later");
        assertThatThrownBy(() -> load(StandIn.fresh().with("devices", 0)))
                .hasMessageContaining("CUDA_ERROR_NO_DEVICE");
    }

    /** The stand-in is a library of CUDA 13. */
    @Test
    void librariesForALaterDriverAreNotTaken() {
        assertThatThrownBy(() -> load(StandIn.fresh().with("driver", 12040)))
                .isInstanceOf(LibrarySearch.NotFoundException.class)
                .hasMessageStartingWith("libnvrtc.so.12 not found: sought in " + StandIn.folder())
                .hasMessageEndingWith(
                        "(the driver serves CUDA 12.4, and no library for a later one)");
    }

    @Test
    void aLibraryThatIsNowhereIsNamedWithThePlacesThatWereSought() {
        LibrarySearch search = StandIn.search(empty);
        assertThatThrownBy(() -> search.find(List.of("libcairn-is-not-here.so.1")))
                .isInstanceOf(LibrarySearch.NotFoundException.class)
                .hasMessageContaining("libcairn-is-not-here.so.1 not found: sought in " + empty)
                .hasMessageContaining("/usr/local/cuda/lib64")
                .hasMessageContaining("Python's nvidia/*/lib");
    }

    @Test
    void aMissingFunctionIsNamed() throws LibrarySearch.NotFoundException {
        var someOther = StandIn.search(empty).find(List.of("libm.so.6"));
        assertThatThrownBy(() -> new CudaDriver(new NativeLibrary(someOther)))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("libm.so.6 has no function cuInit");
    }

    private static CudaLibraries load(StandIn standIn) throws LibrarySearch.NotFoundException {
        assertThat(standIn.libraries()).isNotNull();
        return CudaLibraries.load(StandIn.settings(), StandIn.search(StandIn.folder()));
    }

    private static int answer(ModelRunner runner) {
        SequenceStep step = Runners.step(runner, PROMPT, 0, new int[] {0}, PROMPT.length - 1);
        return Runners.run(runner, List.of(step), List.of(greedy())).getFirst().token();
    }

    private static SamplingRow.Sample greedy() {
        return new SamplingRow.Sample(
                SamplingParameters.GREEDY, 0, PROMPT.length, null, null, -1, false);
    }

    private static void export(ModelRunner runner) {
        var layout = runner.description().groups().getFirst().layout();
        Runners.<Void>future(
                        done ->
                                runner.blocks()
                                        .export(
                                                0,
                                                0,
                                                0,
                                                layout.layers(),
                                                Runners.lease(layout.blockBytes()),
                                                done))
                .join();
    }
}
