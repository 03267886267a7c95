package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import java.util.List;

/** Requests that need not be answered after a time; no server's API takes that time so far. */
final class DeadlineCase implements LatencyCase {

    @Override
    public String name() {
        return "deadline";
    }

    @Override
    public List<Result> measure(ServerUnderTest server) {
        return List.of(
                Result.unjudged(
                        "deadline/late-answers",
                        "requests",
                        "= 0",
                        "the API has no field for a deadline; virtual time tests it"));
    }
}
