package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.client.Listener;
import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Urgent requests ({@code priority}, lower is sooner) while a queue of others waits: their first
 * token is to come in half the time of the others at most.
 */
final class PriorityCase implements LatencyCase {

    private static final String RATIO = "priority/ttft-ratio";
    private static final String GOAL = "<= 0.5";
    private static final int PLACES = 4;
    private static final int URGENT = 12;
    private static final int TOKENS = 64;

    @Override
    public String name() {
        return "priority";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("cairn.max-num-seqs", Integer.toString(PLACES));
    }

    @Override
    public List<Result> measure(ServerUnderTest server) {
        List<List<Message>> prompts = CasePrompts.of(server, 64, TOKENS, 25);
        List<List<Message>> urgent = CasePrompts.of(server, URGENT, TOKENS, 26);
        Requests requests = server.requests(JsonObject.empty());
        Requests late = requests.with("priority", JsonValue.of(100L));
        Requests soon = requests.with("priority", JsonValue.of(-100L));
        try (LoadClient client = server.client();
                Streams streams = new Streams(server, late, 8 * PLACES, prompts, TOKENS)) {
            Pause.millis(2_000);
            List<Double> times = new ArrayList<>();
            String problem = "";
            for (List<Message> prompt : urgent) {
                Streamed streamed = client.stream(soon.ask(prompt, 8, false), Listener.NONE);
                if (streamed.stamps().length > 0) {
                    times.add((streamed.stamps()[0] - streamed.startNanos()) / 1e6);
                }
                problem = streamed.problem().map(Streamed.Problem::message).orElse(problem);
            }
            Result first = new Result("priority/ttft-urgent", "ms", times);
            Result others =
                    new Result(
                            "priority/ttft-others",
                            "ms",
                            List.of(streams.firstTokenMillis().percentile(50)));
            double ratio = first.value() / others.value();
            return List.of(
                    Double.isFinite(ratio)
                            ? Result.judged(RATIO, "ratio", List.of(ratio), GOAL, ratio <= 0.5)
                            : Result.unjudged(RATIO, "ratio", GOAL, problem + streams.problem()),
                    first,
                    others);
        }
    }
}
