package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.client.Listener;
import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * A prompt of 4,096 tokens comes while answers run: they are to slow down to half at most, and it
 * is to wait at most twice as long as alone. Both sides are measured in the same run.
 */
final class LongPromptCase implements LatencyCase {

    private static final int LONG = 4096;
    private static final int RUNNING = 8;
    private static final int WARM = 2;
    private static final int ALONE = 3;
    private static final int BESIDE = 5;
    private static final int ANSWER = 512;
    private static final long QUIET_MILLIS = 2_000;
    private static final String GOAL = "<= 2";

    @Override
    public String name() {
        return "long-prompt";
    }

    @Override
    public List<Result> measure(ServerUnderTest server) {
        long longest = server.maxModelTokens().orElse((long) LONG + 16);
        if (longest < LONG + 16) {
            String why = "the model takes " + longest + " tokens";
            return List.of(
                    Result.unjudged("long-prompt/tpot-ratio", "ratio", GOAL, why),
                    Result.unjudged("long-prompt/ttft-ratio", "ratio", GOAL, why));
        }
        // Every long prompt is new: a cached one would cost nothing.
        Iterator<List<Message>> prompts =
                CasePrompts.of(server, WARM + 2 * ALONE + BESIDE, LONG, 22).iterator();
        List<List<Message>> small = CasePrompts.of(server, 64, 32, 23);
        Requests requests = server.requests(JsonObject.empty());
        try (LoadClient client = server.client()) {
            alone(client, requests, prompts, WARM);
            List<Double> alone = alone(client, requests, prompts, ALONE);
            Beside beside = new Beside();
            try (Streams streams = new Streams(server, requests, RUNNING, small, ANSWER)) {
                Pause.millis(QUIET_MILLIS / 2);
                for (int i = 0; i < BESIDE; i++) {
                    beside.measure(client, requests, prompts.next(), streams);
                }
            }
            // Before and after, because a server grows faster, and machines busier or idler.
            alone.addAll(alone(client, requests, prompts, ALONE));
            return results(alone, beside);
        }
    }

    private static List<Double> alone(
            LoadClient client, Requests requests, Iterator<List<Message>> prompts, int times) {
        List<Double> alone = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            alone.add(millis(ask(client, requests, prompts.next())));
        }
        return alone;
    }

    /** What was measured while answers ran, in milliseconds. */
    private static final class Beside {

        private final List<Double> quiet = new ArrayList<>();
        private final List<Double> during = new ArrayList<>();
        private final List<Double> firstToken = new ArrayList<>();

        /** Quiet and loaded times alternate, so that a busy machine weighs on both. */
        void measure(LoadClient client, Requests requests, List<Message> prompt, Streams streams) {
            long from = System.nanoTime();
            Pause.millis(QUIET_MILLIS);
            quiet.add(perToken(streams, from, System.nanoTime()));
            Streamed streamed = ask(client, requests, prompt);
            if (streamed.stamps().length > 0) {
                during.add(perToken(streams, streamed.startNanos(), streamed.stamps()[0]));
                firstToken.add(millis(streamed));
            }
        }
    }

    private static List<Result> results(List<Double> alone, Beside beside) {
        Result running = new Result("long-prompt/tpot-quiet", "ms", beside.quiet);
        Result during = new Result("long-prompt/tpot-during", "ms", beside.during);
        Result unloaded = new Result("long-prompt/ttft-alone", "ms", alone);
        Result waiting = new Result("long-prompt/ttft-beside", "ms", beside.firstToken);
        return List.of(
                ratio("long-prompt/tpot-ratio", during, running),
                ratio("long-prompt/ttft-ratio", waiting, unloaded),
                running,
                during,
                unloaded,
                waiting);
    }

    private static Result ratio(String name, Result measured, Result base) {
        double ratio = measured.value() / base.value();
        return Double.isFinite(ratio)
                ? Result.judged(name, "ratio", List.of(ratio), GOAL, ratio <= 2)
                : Result.unjudged(name, "ratio", GOAL, "the server gave no answers");
    }

    /** Milliseconds per token of the running answers; NaN, which no result keeps, if none came. */
    private static double perToken(Streams streams, long from, long to) {
        return streams.nanosPerToken(from, to) / 1e6;
    }

    private static Streamed ask(LoadClient client, Requests requests, List<Message> prompt) {
        return client.stream(requests.ask(prompt, 8, false), Listener.NONE);
    }

    /** To the first token; NaN, which no result keeps, if none came. */
    private static double millis(Streamed streamed) {
        return streamed.stamps().length == 0
                ? Double.NaN
                : (streamed.stamps()[0] - streamed.startNanos()) / 1e6;
    }
}
