package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.tck.Patience;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients of a router are answered as by one process, whatever happens to its workers. */
class RoutedServingIT {

    private static final boolean NIGHTLY = "nightly".equals(System.getProperty("cairn.test.size"));
    private static final int REQUESTS = NIGHTLY ? 1_000 : 80;
    private static final int MIGRATIONS = NIGHTLY ? 100 : 12;
    private static final int STREAMS = 4;
    private static final String[] SMALL = {
        "cairn.cache.device.size=64MiB", "cairn.cluster.heartbeat=2s", "cairn.shutdown.grace=5s"
    };

    /** Streams wait for a worker as long as starting one takes on a loaded machine. */
    private static final String[] WAITING = {
        "cairn.cluster.heartbeat=2s", "cairn.routing.longest-wait=60s", "cairn.shutdown.grace=5s"
    };

    /** Nobody goes away unless the test says so, however busy the machine is. */
    private static final String[] PATIENT = {
        "cairn.cache.device.size=64MiB",
        "cairn.cache.host.size=64MiB",
        "cairn.cluster.heartbeat=20s",
        "cairn.node.silence=20s",
        "cairn.split.patience=10s",
        "cairn.shutdown.grace=5s"
    };

    private static final String REMOTE =
            "cairn:routed_requests_total{model_name=\"cairn-pebble\",prefill=\"remote\"}";

    private final FleetOfRoles fleet;
    private final Random random;

    RoutedServingIT() throws Exception {
        long seed = Long.getLong("cairn.test.seed", System.nanoTime() & 0xffff);
        System.out.println("RoutedServingIT: seed " + seed);
        this.random = new Random(seed);
        this.fleet = new FleetOfRoles();
    }

    @AfterEach
    void end() {
        fleet.close();
    }

    @Test
    void mixedRequestsAreAnsweredAsByOneProcess() throws Exception {
        CairnProcess router = fleet.member("router", PATIENT);
        CairnProcess reference = fleet.alone("decode", PATIENT);
        fleet.member("prefill", PATIENT);
        fleet.member("prefill", PATIENT);
        CairnProcess one = fleet.member("decode", PATIENT);
        CairnProcess other = fleet.member("decode", PATIENT);
        fleet.awaitWorkers(router, 2);
        assertThat(fleet.page(router, "/ready").statusCode()).isEqualTo(200);
        List<MixedAsk> asks = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            asks.add(MixedAsk.any(random));
        }
        List<WholeAnswer> routed =
                together(
                        asks.stream()
                                .<Callable<WholeAnswer>>map(ask -> () -> fleet.ask(router, ask))
                                .toList(),
                        8);
        for (int i = 0; i < asks.size(); i++) {
            assertThat(routed.get(i))
                    .as("%s", asks.get(i).body())
                    .isEqualTo(fleet.ask(reference, asks.get(i)));
        }
        long longPrompts = asks.stream().filter(MixedAsk::isLong).count();
        double split = fleet.metric(router, REMOTE);
        System.out.printf(
                "RoutedServingIT: %d requests, %.0f of %d long prompts split%n",
                REQUESTS, split, longPrompts);
        assertThat(split).isGreaterThanOrEqualTo(0.9 * longPrompts);
        assertThat(fleet.metric(router, "cairn:routing_bookings")).isZero();
        for (CairnProcess worker : List.of(one, other)) {
            assertThat(fleet.metric(worker, "vllm:request_success_total")).isPositive();
        }
        withoutWorkersThatIsTold(router, one, other);
    }

    private void withoutWorkersThatIsTold(CairnProcess router, CairnProcess... workers) {
        for (CairnProcess worker : workers) {
            worker.close();
        }
        Patience.until("all are gone", () -> fleet.metric(router, "cairn:routing_workers") == 0);
        assertThat(fleet.page(router, "/ready").statusCode()).isEqualTo(503);
        Patience.until(
                "nobody is expected back",
                () -> fleet.send(router, MixedAsk.any(random)).statusCode() == 503);
        HttpResponse<String> refused = fleet.send(router, MixedAsk.any(random));
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("\"error\"").doesNotContain("127.0.0.1");
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void streamsGoOnWhenTheirWorkersAreKilledStoppedOrDrained() throws Exception {
        CairnProcess router = fleet.member("router", WAITING);
        CairnProcess reference = fleet.alone("decode", SMALL);
        List<CairnProcess> workers = new ArrayList<>();
        workers.add(fleet.member("decode", SMALL));
        workers.add(fleet.member("decode", SMALL));
        int round = 0;
        while (migrations(router) < MIGRATIONS) {
            fleet.awaitWorkers(router, 2);
            disturb(router, reference, workers, round++);
        }
        System.out.printf(
                "RoutedServingIT: %.0f migrations, %.3f s of gap on average%n",
                migrations(router),
                fleet.metric(router, "cairn:migration_gap_seconds_sum")
                        / fleet.metric(router, "cairn:migration_gap_seconds_count"));
        assertThat(fleet.metric(router, "cairn:routing_bookings")).isZero();
    }

    private double migrations(CairnProcess router) {
        return fleet.metric(router, "cairn:migrations_total");
    }

    /** Streams run on both workers; one of these goes away in one of three ways. */
    private void disturb(
            CairnProcess router, CairnProcess reference, List<CairnProcess> workers, int round)
            throws Exception {
        List<MixedAsk> asks = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            asks.add(MixedAsk.lasting(random));
        }
        AtomicInteger begun = new AtomicInteger();
        List<Callable<WholeAnswer>> streams = new ArrayList<>();
        for (MixedAsk ask : asks) {
            streams.add(
                    () ->
                            fleet.stream(
                                    router,
                                    ask,
                                    chunks -> {
                                        if (chunks == 10) {
                                            begun.incrementAndGet();
                                        }
                                    }));
        }
        CairnProcess gone = workers.removeFirst();
        List<WholeAnswer> answers;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<WholeAnswer>> running = streams.stream().map(clients::submit).toList();
            Patience.until("all streams have begun", () -> begun.get() == STREAMS);
            switch (round % 3) {
                case 0 -> gone.close();
                case 1 -> gone.signal("STOP");
                default -> gone.signal();
            }
            answers = results(running);
        }
        gone.close();
        for (int i = 0; i < asks.size(); i++) {
            assertThat(answers.get(i))
                    .as("round %d, %s", round, asks.get(i).body())
                    .isEqualTo(fleet.ask(reference, asks.get(i)));
        }
        workers.add(fleet.member("decode", SMALL));
    }

    private static List<WholeAnswer> together(List<Callable<WholeAnswer>> asks, int atOnce)
            throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(atOnce)) {
            return results(asks.stream().map(clients::submit).toList());
        }
    }

    private static List<WholeAnswer> results(List<Future<WholeAnswer>> running) throws Exception {
        List<WholeAnswer> answers = new ArrayList<>();
        for (Future<WholeAnswer> each : running) {
            answers.add(each.get());
        }
        return answers;
    }
}
