package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.client.Listener;
import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/**
 * Far more requests at once than may wait: each is to be answered whole, or refused with 429 and a
 * {@code Retry-After}.
 */
final class OverloadCase implements LatencyCase {

    private static final int AT_ONCE = 200;
    private static final int TOKENS = 32;
    private static final String REFUSED = "http 429";

    @Override
    public String name() {
        return "overload";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("cairn.max-num-seqs", "4", "cairn.max-waiting-requests", "16");
    }

    @Override
    public List<Result> measure(ServerUnderTest server) {
        List<List<Message>> prompts = CasePrompts.of(server, AT_ONCE, TOKENS, 27);
        Requests requests = server.requests(JsonObject.empty());
        Queue<Streamed> results = new ConcurrentLinkedQueue<>();
        try (LoadClient client = server.client();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (List<Message> prompt : prompts) {
                threads.execute(
                        () ->
                                results.add(
                                        client.stream(
                                                requests.ask(prompt, TOKENS, false),
                                                Listener.NONE)));
            }
        }
        double answered = count(results, Streamed::answered);
        double refused =
                count(
                        results,
                        each ->
                                each.problem()
                                        .filter(problem -> problem.kind().equals(REFUSED))
                                        .filter(Streamed.Problem::retryAfter)
                                        .isPresent());
        double others = AT_ONCE - answered - refused;
        return List.of(
                Result.judged(
                        "overload/neither-answered-nor-429",
                        "requests",
                        List.of(others),
                        "= 0",
                        others == 0 && answered > 0),
                new Result("overload/answered", "requests", List.of(answered)),
                new Result("overload/refused", "requests", List.of(refused)));
    }

    private static long count(Queue<Streamed> results, Predicate<Streamed> wanted) {
        return results.stream().filter(wanted).count();
    }
}
