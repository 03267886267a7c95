package dev.cairn.distribution.replay;

import dev.cairn.core.route.policy.RoundRobin;
import dev.cairn.core.simulate.TraceRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * How many times slower engines have to be so that a trace keeps them as busy as wanted: a trace of
 * one fleet is idle time for another. Under round robin workers do not depend on each other, so
 * some of them stand for all.
 */
final class Slowdown {

    /** Of the time that workers read prompts under round robin. */
    static final double WANTED = 0.675;

    private static final int ROUNDS = 3;
    private static final int SAMPLED_REQUESTS = 3000;
    private static final double FIRST_GUESS_TOKENS_PER_SECOND = 20_000;

    private Slowdown() {}

    static double of(FleetShape shape, List<TraceRequest> requests) {
        int workers = shape.workers();
        int sampled =
                (int)
                        Math.clamp(
                                Math.ceilDiv((long) SAMPLED_REQUESTS * workers, requests.size()),
                                1,
                                workers);
        List<TraceRequest> sample = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            if (i % workers < sampled) {
                sample.add(requests.get(i));
            }
        }
        double all = tokens(requests) / workers;
        // The sample may have more or less to do than its share.
        double share = all / (tokens(sample) / sampled);
        double span = requests.stream().mapToLong(TraceRequest::atNanos).max().orElse(0) / 1e9;
        double slowdown =
                WANTED * Math.max(1, span) * FIRST_GUESS_TOKENS_PER_SECOND / Math.max(1, all);
        for (int round = 0; round < ROUNDS; round++) {
            FleetShape tried = shape.withWorkers(sampled).slower(slowdown);
            double busy =
                    share
                            * ReplayRun.of("", tried, new RoundRobin(), 1, 0, sample, _ -> {})
                                    .promptBusy();
            slowdown *= Math.clamp(WANTED / Math.max(1e-6, busy), 0.2, 5);
        }
        return slowdown;
    }

    private static double tokens(List<TraceRequest> requests) {
        return requests.stream().mapToLong(TraceRequest::inputTokens).sum();
    }
}
