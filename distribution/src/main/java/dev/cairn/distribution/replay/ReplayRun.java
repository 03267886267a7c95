package dev.cairn.distribution.replay;

import dev.cairn.core.simulate.FleetReplay;
import dev.cairn.core.simulate.ReplayOutcome;
import dev.cairn.core.simulate.TraceRequest;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.distribution.bench.load.Spread;
import dev.cairn.engine.simulated.TimeOnlyRunner;
import dev.cairn.ports.fleet.RoutingPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What one policy made of a trace.
 *
 * @param name of the policy, with what was changed of it
 * @param outcomes in the order of their ends, without decisions
 * @param busySeconds per worker, in steps of any kind
 * @param promptSeconds per worker, in steps that computed prompts
 * @param spanSeconds from the first arrival to the last
 * @param bookings that were left over: none
 * @param wallSeconds that the replay took
 */
record ReplayRun(
        String name,
        List<ReplayOutcome> outcomes,
        double[] busySeconds,
        double[] promptSeconds,
        double spanSeconds,
        long steps,
        int bookings,
        double wallSeconds) {

    static ReplayRun of(
            String name,
            FleetShape shape,
            RoutingPolicy policy,
            int routers,
            long seed,
            List<TraceRequest> requests,
            Consumer<ReplayOutcome> listener) {
        long start = System.nanoTime();
        VirtualDriver driver = new VirtualDriver(seed);
        List<TimeOnlyRunner> runners = shape.runners(driver);
        FleetReplay fleet = new FleetReplay(driver, runners, new NoText(), policy, routers);
        List<ReplayOutcome> outcomes = new ArrayList<>();
        fleet.run(
                requests,
                outcome -> {
                    listener.accept(outcome);
                    outcomes.add(outcome.withoutDecision());
                });
        long last = requests.stream().mapToLong(TraceRequest::atNanos).max().orElse(0);
        return new ReplayRun(
                name,
                outcomes,
                runners.stream().mapToDouble(runner -> runner.busyNanos() / 1e9).toArray(),
                runners.stream().mapToDouble(runner -> runner.promptNanos() / 1e9).toArray(),
                Math.max(1e-9, last / 1e9),
                runners.stream().mapToLong(TimeOnlyRunner::steps).sum(),
                fleet.bookings(),
                (System.nanoTime() - start) / 1e9);
    }

    /** Share of the prompts' tokens that was not computed. */
    double hitRate() {
        long cached = outcomes.stream().mapToLong(ReplayOutcome::cachedTokens).sum();
        return (double) cached / outcomes.stream().mapToLong(o -> o.request().inputTokens()).sum();
    }

    /** Share of the span that workers spent in steps with prompts. */
    double promptBusy() {
        return mean(promptSeconds) / spanSeconds;
    }

    /** The busiest worker's time over the mean. */
    double loadImbalance() {
        double most = 0;
        for (double seconds : busySeconds) {
            most = Math.max(most, seconds);
        }
        return most / Math.max(1e-12, mean(busySeconds));
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    /** Seconds to the first token. */
    Spread firstToken() {
        return Spread.of(answered().mapToDouble(ReplayOutcome::firstTokenSeconds));
    }

    /** Seconds between tokens, of answers that have more than one. */
    Spread perToken() {
        return Spread.of(
                answered()
                        .filter(outcome -> outcome.outputTokens() > 1)
                        .mapToDouble(ReplayOutcome::perTokenSeconds));
    }

    /** Share of all requests that were answered within both bounds. */
    double goodShare(double firstSeconds, double perTokenSeconds) {
        long good =
                answered()
                        .filter(outcome -> outcome.firstTokenSeconds() <= firstSeconds)
                        .filter(
                                outcome ->
                                        outcome.outputTokens() < 2
                                                || outcome.perTokenSeconds() <= perTokenSeconds)
                        .count();
        return (double) good / outcomes.size();
    }

    long failed() {
        return outcomes.size() - answered().count();
    }

    private Stream<ReplayOutcome> answered() {
        return outcomes.stream().filter(outcome -> outcome.problem() == null);
    }
}
