package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;

/**
 * Two callers of equal weight, told apart by their API keys. One asks ten times as much as the
 * other, and both more than they can get: each is to get half of the tokens.
 */
final class FairnessCase implements LatencyCase {

    private static final String SHARE = "fairness/share";
    private static final String GOAL = "0.45 to 0.55";
    private static final int PLACES = 8;
    private static final int TOKENS = 64;
    private static final long WARM_MILLIS = 2_000;
    private static final long MEASURED_MILLIS = 8_000;

    @Override
    public String name() {
        return "fairness";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("cairn.max-num-seqs", Integer.toString(PLACES));
    }

    @Override
    public int keys() {
        return 2;
    }

    @Override
    public List<Result> measure(ServerUnderTest server) {
        if (server.keys().size() < keys()) {
            return List.of(
                    Result.unjudged(SHARE, "share", GOAL, "needs two API keys: --api-key twice"));
        }
        List<List<Message>> prompts = CasePrompts.of(server, 64, TOKENS, 21);
        Requests requests = server.requests(JsonObject.empty());
        try (Streams many =
                        new Streams(
                                server,
                                requests.by(server.keys().get(0)),
                                10 * PLACES,
                                prompts,
                                TOKENS);
                Streams few =
                        new Streams(
                                server,
                                requests.by(server.keys().get(1)),
                                PLACES,
                                prompts,
                                TOKENS)) {
            Pause.millis(WARM_MILLIS);
            long from = System.nanoTime();
            Pause.millis(MEASURED_MILLIS);
            long to = System.nanoTime();
            double mine = few.tokens(from, to);
            double all = mine + many.tokens(from, to);
            if (all == 0) {
                return List.of(
                        Result.unjudged(SHARE, "share", GOAL, few.problem() + many.problem()));
            }
            double share = mine / all;
            return List.of(
                    Result.judged(
                            SHARE, "share", List.of(share), GOAL, share >= 0.45 && share <= 0.55),
                    new Result(
                            "fairness/throughput", "tokens/s", List.of(all * 1e9 / (to - from))));
        }
    }
}
