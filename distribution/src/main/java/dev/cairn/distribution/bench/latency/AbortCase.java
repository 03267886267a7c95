package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.server.MetricsPage;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that go away in the midst of long answers: the engine is to stop computing for them, and
 * their places are to be free.
 */
final class AbortCase implements LatencyCase {

    private static final String COMPUTED = "abort/computed-after";
    private static final String RUNNING = "abort/still-running";
    private static final String COMPUTED_GOAL = "<= 0.05";
    private static final String RUNNING_GOAL = "= 0";
    private static final int CLIENTS = 8;
    private static final int LEAVE_AFTER = 16;
    private static final int LONG_ANSWER = 3000;
    private static final int MOST_LOOKS = 100;
    private static final long BETWEEN_LOOKS_MILLIS = 100;

    @Override
    public String name() {
        return "abort";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("cairn.max-num-seqs", Integer.toString(CLIENTS));
    }

    @Override
    public List<Result> measure(ServerUnderTest server) {
        OptionalDouble before = decoded(server.metrics());
        if (before.isEmpty()) {
            String why = "the server has no metric cairn:computed_tokens_total";
            return List.of(
                    Result.unjudged(COMPUTED, "share", COMPUTED_GOAL, why),
                    Result.unjudged(RUNNING, "requests", RUNNING_GOAL, why));
        }
        int answer = (int) Math.min(LONG_ANSWER, server.maxModelTokens().orElse(4096L) - 64);
        long received = leave(server, answer);
        double after = settled(server);
        double wasted = Math.max(0, after - before.getAsDouble() - received);
        double share = wasted / ((double) CLIENTS * answer - received);
        double running =
                server.metrics()
                        .map(page -> page.sum("vllm:num_requests_running"))
                        .orElse(OptionalDouble.empty())
                        .orElse(Double.NaN);
        return List.of(
                Result.judged(COMPUTED, "share", List.of(share), COMPUTED_GOAL, share <= 0.05),
                Result.judged(RUNNING, "requests", List.of(running), RUNNING_GOAL, running == 0),
                new Result("abort/computed-tokens", "tokens", List.of(wasted)));
    }

    /** Every client closes its connection once it has some tokens; gives the tokens of all. */
    private static long leave(ServerUnderTest server, int answer) {
        List<List<Message>> prompts = CasePrompts.of(server, CLIENTS, 32, 24);
        Requests requests = server.requests(JsonObject.empty());
        AtomicLong received = new AtomicLong();
        try (LoadClient client = server.client();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (List<Message> prompt : prompts) {
                threads.execute(
                        () -> {
                            int[] chunks = new int[1];
                            client.stream(
                                    requests.ask(prompt, answer, false),
                                    (_, _) -> {
                                        received.incrementAndGet();
                                        return ++chunks[0] < LEAVE_AFTER;
                                    });
                        });
            }
        }
        return received.get();
    }

    /** The tokens computed once they are no more from one look to the next. */
    private static double settled(ServerUnderTest server) {
        double last = -1;
        for (int i = 0; i < MOST_LOOKS; i++) {
            double now = decoded(server.metrics()).orElse(last);
            if (now == last) {
                break;
            }
            last = now;
            Pause.millis(BETWEEN_LOOKS_MILLIS);
        }
        return last;
    }

    /** Tokens that the engine computed in answers; a series that is not there yet counts zero. */
    private static OptionalDouble decoded(Optional<MetricsPage> page) {
        if (page.isEmpty() || page.get().sum("cairn:http_live_requests").isEmpty()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(
                page.get().sum("cairn:computed_tokens_total", "phase=\"decode\"").orElse(0));
    }
}
