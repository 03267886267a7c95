package dev.cairn.distribution.bench.predict;

import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.schedule.SchedulerSettings;
import dev.cairn.core.schedule.StepListener;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.engine.simulated.CostFit;
import dev.cairn.engine.simulated.CostModel;
import dev.cairn.engine.simulated.SimulatedRunner;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * Runs requests on an engine under the real scheduler in real time, then the same requests on the
 * simulated engine in virtual time, and compares the medians.
 *
 * <p>The engine is timed under other requests in the same run, in turns with those that are
 * predicted, because a machine is not equally fast at all times. The load is half of what the
 * engine can take.
 *
 * <p>Threads: one, beside those of the engine and its scheduler.
 */
public final class Prediction {

    private static final int ROUNDS = 5;

    private static final int WARM_ROUNDS = 2;

    private static final int[] TOGETHER = {1, 2, 4, 8, 16};
    private static final double UTILISATION = 0.5;
    private static final double MOST_ERROR = 0.15;

    private final TimedRunner runner;
    private final TextCodec codec;
    private final long seed;
    private final int requests;
    private final Clock clock = SystemClock.INSTANCE;

    /**
     * @param requests to predict, at least 10
     */
    public Prediction(ModelRunner runner, TextCodec codec, long seed, int requests) {
        this.runner = new TimedRunner(runner, clock);
        this.codec = codec;
        this.seed = seed;
        this.requests = requests;
    }

    /** Medians in milliseconds, and the errors in percent with the goal of 15. */
    public List<Result> run() {
        CostFit fit = new CostFit();
        List<List<PlannedRequest>> slices = new ArrayList<>();
        List<Latencies> real = new ArrayList<>();
        try (ThreadMailboxes mailboxes = new ThreadMailboxes(clock);
                ScheduledBackend backend = backend(runner, mailboxes)) {
            for (int i = 0; i < WARM_ROUNDS; i++) {
                calibrate(backend, new CostFit(), i);
            }
            calibrate(backend, fit, WARM_ROUNDS);
            double mean = meanBetweenArrivals(fit.fit("first round"));
            for (int round = 0; round < ROUNDS; round++) {
                List<PlannedRequest> slice = load(round, requests / ROUNDS, mean);
                slices.add(inRealTime(backend, slice, real));
                calibrate(backend, fit, WARM_ROUNDS + 1 + round);
            }
        }
        CostModel costs = fit.fit("this run");
        List<Latencies> virtual = new ArrayList<>();
        slices.forEach(slice -> virtual.addAll(inVirtualTime(slice, costs)));
        List<Result> results = new ArrayList<>();
        compare("ttft", real, virtual, Latencies::firstTokenMillis, results);
        compare("tpot", real, virtual, Latencies::perTokenMillis, results);
        return results;
    }

    private List<PlannedRequest> load(long round, int count, double meanNanos) {
        int vocabulary = runner.description().vocabularySize();
        return PlannedRequest.load(seed * 1000 + round, count, meanNanos, vocabulary);
    }

    /** Requests all at once show how many a second the engine can take. */
    private double meanBetweenArrivals(CostModel costs) {
        List<PlannedRequest> crowd = load(500, 100, 0);
        double end = 0;
        for (Latencies latencies : inVirtualTime(crowd, costs)) {
            end = Math.max(end, latencies.endNanos());
        }
        return end / crowd.size() / UTILISATION;
    }

    private ScheduledBackend backend(ModelRunner engine, MailboxDriver driver) {
        return new ScheduledBackend(
                "predict",
                "predicted",
                engine,
                codec,
                SchedulerSettings.forModelLength(engine.description().maxPositions()),
                driver,
                Telemetry.none(),
                StepListener.NONE);
    }

    /** So many requests at once until all are answered, for some numbers, three times. */
    private void calibrate(ScheduledBackend backend, CostFit fit, int round) {
        for (int together : TOGETHER) {
            for (int time = 0; time < 3; time++) {
                runner.into(fit);
                load(1000L + 100 * round + 3 * together + time, together, 0).stream()
                        .map(planned -> submit(backend, planned, clock.nanos()))
                        .toList()
                        .forEach(latencies -> latencies.over().join());
                runner.into(null);
            }
        }
    }

    private Latencies submit(ScheduledBackend backend, PlannedRequest planned, long arrival) {
        Latencies latencies = new Latencies(clock, arrival);
        var id = Integer.toHexString(System.identityHashCode(latencies)) + "-" + arrival;
        backend.generate(planned.request(id, arrival), latencies);
        return latencies;
    }

    /**
     * Returns the requests with the times at which they came: the client may be late, and it is the
     * engine that is predicted.
     */
    private List<PlannedRequest> inRealTime(
            ScheduledBackend backend, List<PlannedRequest> slice, List<Latencies> real) {
        List<PlannedRequest> came = new ArrayList<>();
        List<Latencies> all = new ArrayList<>();
        long start = clock.nanos();
        for (PlannedRequest planned : slice) {
            long due = start + planned.atNanos();
            for (long left = due - clock.nanos(); left > 0; left = due - clock.nanos()) {
                LockSupport.parkNanos(left);
            }
            long now = clock.nanos();
            came.add(new PlannedRequest(now - start, planned.prompt(), planned.answer()));
            all.add(submit(backend, planned, now));
        }
        all.forEach(latencies -> latencies.over().join());
        real.addAll(all);
        return came;
    }

    private List<Latencies> inVirtualTime(List<PlannedRequest> slice, CostModel costs) {
        VirtualDriver driver = new VirtualDriver(seed);
        List<Latencies> all = new ArrayList<>();
        try (SimulatedRunner engine =
                        new SimulatedRunner(runner.description(), costs, driver, driver);
                ScheduledBackend backend = backend(engine, driver)) {
            for (PlannedRequest planned : slice) {
                Latencies latencies = new Latencies(driver, planned.atNanos());
                var request = planned.request("request " + all.size(), planned.atNanos());
                driver.schedule(planned.atNanos(), () -> backend.generate(request, latencies));
                all.add(latencies);
            }
            driver.runUntilIdle();
        }
        return all;
    }

    private static void compare(
            String name,
            List<Latencies> real,
            List<Latencies> virtual,
            ToDoubleFunction<Latencies> measure,
            List<Result> results) {
        List<Double> measured = real.stream().map(measure::applyAsDouble).toList();
        List<Double> predicted = virtual.stream().map(measure::applyAsDouble).toList();
        double error = Latencies.median(predicted) / Latencies.median(measured) - 1;
        results.add(new Result(name + "-real", "ms", measured));
        results.add(new Result(name + "-virtual", "ms", predicted));
        results.add(
                Result.judged(
                        name + "-error",
                        "%",
                        List.of(100 * error),
                        "median within 15 % of the real one",
                        Math.abs(error) <= MOST_ERROR));
    }
}
