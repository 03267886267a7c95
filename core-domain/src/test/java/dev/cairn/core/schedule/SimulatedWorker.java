package dev.cairn.core.schedule;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.engine.simulated.CostModel;
import dev.cairn.engine.simulated.CostModel.Point;
import dev.cairn.engine.simulated.SimulatedRunner;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.List;

/** A scheduler over a simulated engine in virtual time, and what its requests hear and when. */
final class SimulatedWorker {

    /** The shape of Llama 3.2 1B in Q8_0 on two cores, from the figures in docs/benchmarks.md. */
    static final CostModel CPU =
            new CostModel(
                    "1 billion parameters on a CPU",
                    List.of(
                            new Point(1, 50_000_000),
                            new Point(8, 60_700_000),
                            new Point(32, 164_600_000),
                            new Point(512, 2_098_000_000)),
                    0,
                    40,
                    400);

    /** Weights of 16 GB read in 4 ms; from 155 tokens on arithmetic takes longer. */
    static final CostModel GPU =
            new CostModel(
                    "8 billion parameters on a GPU",
                    List.of(
                            new Point(1, 4_700_000),
                            new Point(155, 4_700_000),
                            new Point(8347, 226_000_000)),
                    2_000,
                    0.9,
                    34);

    final VirtualDriver driver;
    final RecordedTelemetry telemetry = new RecordedTelemetry();
    final StepLog log;
    final SimulatedRunner runner;
    final ScheduledBackend backend;
    private final List<Timed> all = new ArrayList<>();

    SimulatedWorker(CostModel costs, int blocks) {
        this(new VirtualDriver(), "worker", costs, blocks, SchedulerSettings.forModelLength(8192));
    }

    SimulatedWorker(
            VirtualDriver driver,
            String name,
            CostModel costs,
            int blocks,
            SchedulerSettings settings) {
        this.driver = driver;
        // A worker of a fleet keeps a short log.
        log = new StepLog(name.contains(" ") ? 16 : 200_000);
        runner = new SimulatedRunner(describe(blocks), costs, driver, driver);
        backend =
                new ScheduledBackend(
                        name,
                        "toy",
                        runner,
                        new ByteCodec(false),
                        settings,
                        driver,
                        telemetry,
                        log);
    }

    private static RunnerDescription describe(int blocks) {
        KvLayout layout = new KvLayout(1, 16, 1, 4, KvType.FLOAT32);
        return new RunnerDescription(
                "simulated",
                "simulated",
                new ModelFingerprint("0".repeat(64)),
                new ComputeIdentity("simulated"),
                List.of(new LayerGroup(0, new StateKind.FullAttention(), List.of(0), layout)),
                List.of(blocks),
                300,
                8192,
                512,
                64,
                512,
                1,
                0,
                0);
    }

    /** Submits a request when its time of arrival has come. */
    Timed submit(long atNanos, Ask ask) {
        Timed timed = new Timed(ask.arrival(atNanos).request(), driver);
        all.add(timed);
        driver.schedule(atNanos, () -> timed.began(backend.generate(timed.request(), timed)));
        return timed;
    }

    List<Timed> all() {
        return all;
    }

    /** Runs until nothing happens any more. */
    SimulatedWorker finish() {
        driver.runUntilIdle(50_000_000);
        return this;
    }

    /** A request and when its tokens came. */
    static final class Timed implements TokenListener {

        private final GenerationRequest request;
        private final Heard heard;
        private final VirtualDriver driver;
        private final List<Long> times = new ArrayList<>();
        private Cancellation abort;
        private long endNanos;

        private Timed(GenerationRequest request, VirtualDriver driver) {
            this.request = request;
            this.heard = new Heard(request);
            this.driver = driver;
        }

        GenerationRequest request() {
            return request;
        }

        private void began(Cancellation handle) {
            abort = handle;
        }

        void abort() {
            abort.cancel();
        }

        @Override
        public void on(TokenEvent event) {
            heard.on(event);
            if (event instanceof TokenEvent.Tokens tokens) {
                tokens.tokens().forEach(_ -> times.add(driver.nanos()));
            }
            endNanos = driver.nanos();
        }

        Heard heard() {
            return heard;
        }

        /** When each token of the answer came. */
        List<Long> times() {
            return times;
        }

        long firstToken() {
            return times.getFirst() - request.arrivalNanos();
        }

        long endNanos() {
            return endNanos;
        }

        /** Mean time between tokens that came from {@code from} until {@code to}. */
        double betweenTokens(long from, long to) {
            List<Long> within = times.stream().filter(at -> at >= from && at <= to).toList();
            return (double) (within.getLast() - within.getFirst()) / (within.size() - 1);
        }

        /** Tokens of the answer that came until then. */
        long tokensUntil(long nanos) {
            return times.stream().filter(at -> at <= nanos).count();
        }
    }
}
