package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import java.util.List;
import java.util.Map;

/** A property of a server that is measured, with a goal. */
public interface LatencyCase {

    /** All there are. */
    static List<LatencyCase> all() {
        return List.of(
                new FairnessCase(),
                new LongPromptCase(),
                new AbortCase(),
                new PriorityCase(),
                new DeadlineCase(),
                new OverloadCase());
    }

    String name();

    /** Settings of a Cairn that is started for the case, so that the load meets a bound. */
    default Map<String, String> settings() {
        return Map.of();
    }

    /** API keys that the case tells callers apart by. */
    default int keys() {
        return 0;
    }

    /** Puts the load on the server; what cannot be judged there is said in the result. */
    List<Result> measure(ServerUnderTest server);
}
