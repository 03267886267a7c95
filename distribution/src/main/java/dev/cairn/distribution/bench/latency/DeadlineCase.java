package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.client.Listener;
import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.load.Spread;
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
 * Requests that need not begin after a quarter of the time that others wait ({@code
 * x-request-timeout-ms}, Cairn's own header): 95 % of them are to speak, or to be refused, within
 * three quarters of that time.
 */
final class DeadlineCase implements LatencyCase {

    private static final String KNOWN = "deadline/known-ratio";
    private static final String GOAL = "<= 0.75";
    private static final String HEADER = "x-request-timeout-ms";
    private static final int PLACES = 4;
    private static final int HURRIED = 32;
    private static final int TOKENS = 64;

    @Override
    public String name() {
        return "deadline";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("cairn.max-num-seqs", Integer.toString(PLACES));
    }

    @Override
    public List<Result> measure(ServerUnderTest server) {
        boolean known =
                server.metrics()
                        .filter(page -> page.sum("cairn:http_live_requests").isPresent())
                        .isPresent();
        if (!known) {
            return List.of(Result.unjudged(KNOWN, "ratio", GOAL, "only Cairn takes " + HEADER));
        }
        List<List<Message>> prompts = CasePrompts.of(server, 64, TOKENS, 28);
        List<List<Message>> hurried = CasePrompts.of(server, HURRIED, TOKENS, 29);
        Requests requests = server.requests(JsonObject.empty());
        try (Streams streams = new Streams(server, requests, 8 * PLACES, prompts, TOKENS)) {
            Pause.millis(3_000);
            double others = streams.firstTokenMillis().percentile(50);
            if (Double.isNaN(others)) {
                return List.of(Result.unjudged(KNOWN, "ratio", GOAL, streams.problem()));
            }
            long deadline = Math.max(1, Math.round(others / 4));
            return results(ask(server, requests, hurried, deadline), deadline, others);
        }
    }

    private static Queue<Streamed> ask(
            ServerUnderTest server, Requests requests, List<List<Message>> prompts, long deadline) {
        Queue<Streamed> answers = new ConcurrentLinkedQueue<>();
        try (LoadClient client = server.client();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (List<Message> prompt : prompts) {
                threads.execute(
                        () ->
                                answers.add(
                                        client.stream(
                                                requests.ask(prompt, 8, false)
                                                        .withHeader(
                                                                HEADER, Long.toString(deadline)),
                                                Listener.NONE)));
            }
        }
        return answers;
    }

    private static List<Result> results(Queue<Streamed> answers, long deadline, double others) {
        Result known =
                new Result(
                        "deadline/known-p95",
                        "ms",
                        List.of(
                                Spread.of(answers.stream().mapToDouble(DeadlineCase::millis))
                                        .percentile(95)));
        double failed =
                count(
                        answers,
                        each ->
                                each.problem()
                                        .filter(problem -> !problem.kind().equals("http 429"))
                                        .isPresent());
        double ratio = known.value() / others;
        return List.of(
                Result.judged(KNOWN, "ratio", List.of(ratio), GOAL, ratio <= 0.75 && failed == 0),
                known,
                new Result(
                        "deadline/refused",
                        "requests",
                        List.of(count(answers, each -> !each.answered()))),
                new Result("deadline/given", "ms", List.of((double) deadline)),
                new Result("deadline/ttft-others", "ms", List.of(others)));
    }

    /** To the first token, or to the refusal. */
    private static double millis(Streamed streamed) {
        long end = streamed.stamps().length > 0 ? streamed.stamps()[0] : streamed.endNanos();
        return (end - streamed.startNanos()) / 1e6;
    }

    private static double count(Queue<Streamed> answers, Predicate<Streamed> wanted) {
        return answers.stream().filter(wanted).count();
    }
}
