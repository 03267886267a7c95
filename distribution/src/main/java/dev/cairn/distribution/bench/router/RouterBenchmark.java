package dev.cairn.distribution.bench.router;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.server.ServerException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Routers before the same two stand-in engines, in turns: what a request, a long request and an
 * event cost them, and how long an answer takes. A first round warms up and does not count.
 */
public final class RouterBenchmark {

    private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int LONG_BYTES = 218_900;
    private static final int EVENTS = 200;
    private static final int STREAMS = 64;
    private static final Duration PACE = Duration.ofMillis(10);

    private static final String SHORT =
            body(
                    "UNIQ"
                            + ClosedLoop.UNIQUE
                            + " What is the capital of France? Please answer in one word.",
                    false);

    private final int rounds;
    private final List<String> arguments;
    private final Map<String, String> peers;
    private final Map<String, List<Double>> seen = new LinkedHashMap<>();

    /**
     * @param arguments of {@code cairn serve --role router} beside its workers
     * @param peers commands of other routers, by name
     */
    public RouterBenchmark(int rounds, List<String> arguments, Map<String, String> peers) {
        this.rounds = rounds;
        this.arguments = List.copyOf(arguments);
        this.peers = new LinkedHashMap<>(peers);
    }

    /**
     * @throws ServerException if a router does not start, or answers something else than 200
     */
    public BenchmarkReport run() {
        List<RouterProcess> routers = new ArrayList<>();
        try (StandIn one = new StandIn(EVENTS, PACE);
                StandIn two = new StandIn(EVENTS, PACE)) {
            List<String> urls = List.of(one.url(), two.url());
            try {
                routers.add(RouterProcess.own(urls, arguments));
                peers.forEach(
                        (name, command) -> routers.add(RouterProcess.other(name, command, urls)));
                for (int round = -1; round < rounds; round++) {
                    measure(routers, one.port(), round >= 0);
                }
            } finally {
                routers.forEach(RouterProcess::close);
            }
        } catch (IOException broken) {
            throw new ServerException("a router broke off: " + broken.getMessage(), broken);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ServerException("interrupted", stopped);
        }
        return new BenchmarkReport(
                "router",
                "two stand-in engines; us = processor time of the router, p50 = time of the answer",
                results(routers.stream().map(RouterProcess::name).toList()));
    }

    private void measure(List<RouterProcess> routers, int engine, boolean counts)
            throws IOException, InterruptedException {
        String words = words();
        String shared = body(words + " UNIQ" + ClosedLoop.UNIQUE, false);
        String distinct = body("UNIQ" + ClosedLoop.UNIQUE + " " + words, false);
        var direct = new ClosedLoop(engine, SHORT).run(1, RUN_NANOS / 2);
        note("direct/c1-p50", direct.median(), counts);
        for (int clients : new int[] {1, 16, 64}) {
            for (RouterProcess router : routers) {
                requests(router, "c" + clients, SHORT, clients, counts);
            }
        }
        for (RouterProcess router : routers) {
            requests(router, "long-shared", shared, 16, counts);
        }
        for (RouterProcess router : routers) {
            requests(router, "long-distinct", distinct, 16, counts);
        }
        for (RouterProcess router : routers) {
            double before = router.processorMicros();
            var streams =
                    new ClosedLoop(router.port(), body("tell me more", true)).rounds(STREAMS, 1);
            double micros = router.processorMicros() - before;
            note(router.name() + "/events-cpu", micros / streams.events(), counts);
            note(router.name() + "/memory", router.residentMebibytes(), counts);
        }
    }

    private void requests(
            RouterProcess router, String what, String body, int clients, boolean counts)
            throws IOException, InterruptedException {
        var load = new ClosedLoop(router.port(), body);
        double before = router.processorMicros();
        var answered = load.run(clients, RUN_NANOS);
        double micros = router.processorMicros() - before;
        note(router.name() + "/" + what + "-cpu", micros / answered.micros().length, counts);
        note(router.name() + "/" + what + "-p50", answered.median(), counts);
    }

    private void note(String name, double value, boolean counts) {
        if (counts) {
            seen.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
    }

    /** Ours beside the cheapest of the others, where there are any. */
    private List<Result> results(List<String> names) {
        List<Result> results = new ArrayList<>();
        seen.forEach(
                (name, runs) -> {
                    String what = name.substring(name.indexOf('/') + 1);
                    Result plain = new Result(shown(name), unit(what), runs);
                    boolean isJudged = name.startsWith("cairn/") && what.endsWith("-cpu");
                    results.add(isJudged && names.size() > 1 ? judged(plain, what, names) : plain);
                });
        return results;
    }

    private Result judged(Result ours, String what, List<String> names) {
        double allowed = what.equals("c1-cpu") ? 1.25 : 1;
        double best =
                names.stream()
                        .skip(1)
                        .mapToDouble(
                                name -> new Result("", "", seen.get(name + "/" + what)).value())
                        .min()
                        .orElseThrow();
        return Result.judged(
                ours.name(),
                ours.unit(),
                ours.runs(),
                String.format(Locale.ROOT, "<= %.2fx of the cheapest, %.1f us", allowed, best),
                ours.value() <= allowed * best);
    }

    private static String shown(String name) {
        return name.startsWith("cairn/") ? name.substring(6) : name;
    }

    private static String unit(String what) {
        return what.equals("memory") ? "MiB" : what.equals("events-cpu") ? "us/event" : "us";
    }

    private static String body(String text, boolean stream) {
        return "{\"model\":\"m\",\"stream\":"
                + stream
                + ",\"max_tokens\":16,\"temperature\":0,\"messages\":[{\"role\":\"system\",\"content\":"
                + "\"You are a helpful assistant.\"},{\"role\":\"user\",\"content\":\""
                + text
                + "\"}]}";
    }

    private static String words() {
        String[] all = "alpha beta gamma delta token cache router fleet stream model".split(" ");
        Random random = new Random(1);
        StringBuilder text = new StringBuilder(LONG_BYTES + 8);
        while (text.length() < LONG_BYTES) {
            text.append(all[random.nextInt(all.length)]).append(' ');
        }
        return text.substring(0, LONG_BYTES);
    }
}
