package dev.cairn.distribution.bench.predict;

import dev.cairn.core.mailbox.MailboxDriver;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.schedule.SchedulerSettings;
import dev.cairn.core.schedule.StepListener;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.engine.simulated.CostFit;
import dev.cairn.engine.simulated.CostModel;
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
 * <p>The engine is timed under other requests of the same kind: short slices of load whose steps
 * are timed take turns with slices that are predicted, because a machine is not equally fast at all
 * times, and an engine under load not as fast as one under a burst. Costs come from all timed
 * slices, what disturbed their steps from those just before and after the predicted one. Nothing
 * that was timed in a predicted slice is used, but when its requests came. The load is about a
 * third of what the engine can take: the closer to its limit, the more waiting multiplies what
 * nobody can foresee, such as another process that takes the processor for a moment.
 *
 * <p>Threads: one, beside those of the engine and its scheduler.
 */
public final class Prediction {

    private static final int SLICE = 10;
    private static final int WARM_ROUNDS = 3;
    private static final int WARM_SLICES = 4;

    /** Virtual runs of the same requests, each with other disturbances. */
    private static final int VIRTUAL_RUNS = 5;

    private static final int[] TOGETHER = {1, 2, 4, 8, 16};
    private static final double UTILISATION = 0.35;
    private static final double MOST_ERROR = 0.15;

    private final TimedRunner runner;
    private final TextCodec codec;
    private final long seed;
    private final int rounds;
    private final Clock clock = SystemClock.INSTANCE;

    /** Of the slice that runs. */
    private volatile Notes notes = new Notes();

    /**
     * @param requests to predict, at least 10, in slices of 10
     */
    public Prediction(ModelRunner runner, TextCodec codec, long seed, int requests) {
        this.runner = new TimedRunner(runner, clock);
        this.codec = codec;
        this.seed = seed;
        this.rounds = requests / SLICE;
    }

    /**
     * @param load with the times at which requests came
     */
    private record Slice(List<PlannedRequest> load, Notes notes, List<Latencies> latencies) {}

    /** Medians in milliseconds, and the errors in percent with the goal of 15. */
    public List<Result> run() {
        List<Slice> timed = new ArrayList<>();
        List<Slice> predicted = new ArrayList<>();
        try (ThreadMailboxes mailboxes = new ThreadMailboxes(clock);
                ScheduledBackend backend = backend(runner, mailboxes)) {
            Client client = new Client(backend, clock, new TimedRest());
            List<Notes> bursts = List.of();
            for (int i = 0; i < WARM_ROUNDS; i++) {
                bursts = bursts(client, i);
            }
            double mean = meanBetweenArrivals(bursts);
            for (int i = 0; i < WARM_SLICES; i++) {
                inRealTime(client, load(700_000 + i, SLICE, mean));
            }
            timed.add(inRealTime(client, load(800_000, SLICE, mean)));
            for (int round = 0; round < rounds; round++) {
                predicted.add(inRealTime(client, load(round, SLICE, mean)));
                timed.add(inRealTime(client, load(800_001 + round, SLICE, mean)));
            }
        }
        List<Latencies> real =
                predicted.stream().flatMap(slice -> slice.latencies().stream()).toList();
        List<Latencies> virtual = inVirtualTime(timed, predicted);
        List<Result> results = new ArrayList<>();
        compare("ttft", real, virtual, Latencies::firstTokenMillis, results);
        compare("tpot", real, virtual, Latencies::perTokenMillis, results);
        return results;
    }

    private List<PlannedRequest> load(long number, int count, double meanNanos) {
        int vocabulary = runner.description().vocabularySize();
        return PlannedRequest.load(seed * 1_000_000 + number, count, meanNanos, vocabulary);
    }

    /** Requests all at once show how many a second the engine can take. */
    private double meanBetweenArrivals(List<Notes> bursts) {
        List<PlannedRequest> crowd = load(500_000, 100, 0);
        double end = 0;
        for (Latencies latencies : virtualRun(costs(bursts), 0).run(crowd, bursts)) {
            end = Math.max(end, latencies.endNanos());
        }
        return end / crowd.size() / UTILISATION;
    }

    private static CostModel costs(List<Notes> slices) {
        CostFit fit = new CostFit();
        slices.forEach(notes -> notes.addTo(fit));
        return fit.fit("this run");
    }

    private VirtualRun virtualRun(CostModel costs, long number) {
        return new VirtualRun(runner.description(), costs, this::backend, seed + number);
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
    private List<Notes> bursts(Client client, int round) {
        List<Notes> bursts = new ArrayList<>();
        for (int together : TOGETHER) {
            for (int time = 0; time < 3; time++) {
                long number = 600_000L + 100 * round + 3 * together + time;
                bursts.add(inRealTime(client, load(number, together, 0)).notes());
            }
        }
        return bursts;
    }

    /**
     * The times at which requests came are those that are simulated: the client may be late, and it
     * is the engine that is predicted.
     */
    private Slice inRealTime(Client client, List<PlannedRequest> load) {
        notes = new Notes();
        runner.into(notes);
        List<PlannedRequest> came = new ArrayList<>();
        List<Latencies> all = new ArrayList<>();
        long start = clock.nanos();
        for (PlannedRequest planned : load) {
            long due = start + planned.atNanos();
            for (long left = due - clock.nanos(); left > 0; left = due - clock.nanos()) {
                LockSupport.parkNanos(left);
            }
            long now = clock.nanos();
            came.add(new PlannedRequest(now - start, planned.prompt(), planned.answer()));
            Latencies latencies = new Latencies(clock, now);
            client.arrives(now);
            client.submit(planned, latencies, now);
            all.add(latencies);
        }
        all.forEach(latencies -> latencies.over().join());
        return new Slice(came, notes, all);
    }

    /** Tells the timed runner of its rests, and the notes of the requests that wake it. */
    private final class TimedRest implements Client.Rest {

        @Override
        public void begins(long nanos) {
            runner.rests(nanos);
        }

        @Override
        public void ends(long nanos) {
            notes.arrived(nanos);
        }
    }

    /** All slices as they came; what is returned is of those that are predicted. */
    private List<Latencies> inVirtualTime(List<Slice> timed, List<Slice> predicted) {
        CostModel costs = costs(timed.stream().map(Slice::notes).toList());
        List<Latencies> all = new ArrayList<>();
        for (int number = 0; number < VIRTUAL_RUNS; number++) {
            VirtualRun virtual = virtualRun(costs, number);
            for (int i = 0; i < predicted.size(); i++) {
                Notes before = timed.get(i).notes();
                Notes after = timed.get(i + 1).notes();
                virtual.run(timed.get(i).load(), List.of(before));
                all.addAll(virtual.run(predicted.get(i).load(), List.of(before, after)));
            }
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
