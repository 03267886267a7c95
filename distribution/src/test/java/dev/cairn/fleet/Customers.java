package dev.cairn.fleet;

import dev.cairn.distribution.CairnProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Clients of routers, who ask one thing after the other and judge each answer: it is the very one
 * that an undisturbed process gives, or an honest error. Everything else is a complaint.
 */
final class Customers {

    /** A request that has not ended by then is lost. */
    private static final int DEADLINE_SECONDS = 120;

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final List<Integer> HONEST = List.of(429, 503, 504);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final FleetOfRoles fleet;
    private final Seat reference;
    private final List<Seat> routers;
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final List<String> complaints = new ArrayList<>();

    /**
     * @param reference whose answers are right
     */
    Customers(FleetOfRoles fleet, Seat reference, List<Seat> routers) {
        this.fleet = fleet;
        this.reference = reference;
        this.routers = List.copyOf(routers);
    }

    /** So many clients ask for as long as they should, each by chances of its own. */
    void ask(int clients, Random seeds, BooleanSupplier goesOn) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                Random random = new Random(seeds.nextLong());
                running.add(
                        threads.submit(
                                () -> {
                                    while (goesOn.getAsBoolean()) {
                                        String outcome = one(random);
                                        count(outcome);
                                        if (outcome.startsWith("told")) {
                                            // As a client that is told Retry-After does.
                                            LockSupport.parkNanos(RETRY_NANOS);
                                        }
                                    }
                                    return null;
                                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
    }

    private synchronized void count(String outcome) {
        outcomes.merge(outcome, 1, Integer::sum);
    }

    /** How often what came of a request. */
    synchronized Map<String, Integer> outcomes() {
        return new TreeMap<>(outcomes);
    }

    synchronized int answered() {
        return outcomes.getOrDefault("right", 0);
    }

    synchronized List<String> complaints() {
        return List.copyOf(complaints);
    }

    private synchronized String complain(MixedAsk ask, String about) {
        complaints.add(about + " to " + ask.body());
        return "wrong";
    }

    /** One request, to its end. */
    private String one(Random random) throws Exception {
        MixedAsk ask = random.nextInt(4) == 0 ? MixedAsk.lasting(random) : MixedAsk.any(random);
        long begin = System.nanoTime();
        List<Seat> serving = routers.stream().filter(seat -> !seat.isEmpty()).toList();
        Seat router = serving.get(random.nextInt(serving.size()));
        int leavesAfter = random.nextInt(10) == 0 ? 1 + random.nextInt(40) : Integer.MAX_VALUE;
        CairnProcess process = router.process();
        CompletableFuture<String> outcome =
                client.sendAsync(FleetOfRoles.request(process, ask), BodyHandlers.ofLines())
                        .thenApplyAsync(response -> judge(ask, response, leavesAfter));
        try {
            return outcome.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException lost) {
            outcome.cancel(true);
            return complain(ask, "no end in " + DEADLINE_SECONDS + " s at " + router);
        } catch (java.util.concurrent.ExecutionException broken) {
            return router.wasKilledSince(begin) && hasBroken(broken)
                    ? "the router was killed"
                    : complain(ask, router + " broke off: " + broken.getCause());
        }
    }

    private static boolean hasBroken(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof IOException || each instanceof java.io.UncheckedIOException) {
                return true;
            }
        }
        return false;
    }

    private String judge(MixedAsk ask, HttpResponse<Stream<String>> response, int leavesAfter) {
        StringBuilder body = new StringBuilder();
        int left = leavesAfter;
        try (Stream<String> lines = response.body()) {
            for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
                body.append(each.next()).append('\n');
                if (--left == 0) {
                    return "left early";
                }
            }
        }
        String told = body.toString();
        if (response.statusCode() != 200) {
            return HONEST.contains(response.statusCode()) && told.contains("\"error\"")
                    ? "told " + response.statusCode()
                    : complain(ask, response.statusCode() + " " + told);
        }
        WholeAnswer answer = ask.streams() ? WholeAnswer.streamed(told) : WholeAnswer.whole(told);
        WholeAnswer right = fleet.ask(reference.process(), ask);
        if (!answer.problem().isEmpty()) {
            return answer.begins(right)
                    ? "broken off: " + answer.problem()
                    : complain(ask, answer + " does not begin " + right);
        }
        return answer.equals(right) ? "right" : complain(ask, answer + " instead of " + right);
    }
}
