package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.tck.Patience;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers get other roles and are taken out of service while streams run, and none is dropped. */
class DutyIT {

    private static final int STREAMS = 4;
    private static final String ROLE = "/v1/cairn/role";
    private static final String[] WORKER = {
        "cairn.cache.device.size=64MiB",
        "cairn.cache.host.size=64MiB",
        "cairn.cluster.heartbeat=20s",
        "cairn.node.silence=20s"
    };

    private final FleetOfRoles fleet;
    private final Random random;

    DutyIT() throws Exception {
        long seed = System.nanoTime() & 0xffff;
        System.out.println("DutyIT: seed " + seed);
        this.random = new Random(seed);
        this.fleet = new FleetOfRoles();
    }

    @AfterEach
    void end() {
        fleet.close();
    }

    @Test
    void rolesFlipAndWorkersDrainUnderStreams() throws Exception {
        CairnProcess router =
                fleet.member("router", "cairn.cluster.heartbeat=20s", "cairn.node.silence=20s");
        CairnProcess reading = fleet.member("prefill", WORKER);
        CairnProcess one = fleet.member("decode", WORKER);
        CairnProcess other = fleet.member("decode", WORKER);
        fleet.awaitWorkers(router, 2);

        duringStreams(router, () -> become(other, "prefill"));
        assertThat(migrations(router)).as("streams that a role moved").isZero();
        awaitWorkers(router, 1);

        HttpResponse<String> last = fleet.command(one, ROLE, "{\"role\":\"prefill\"}");
        assertThat(last.statusCode()).isEqualTo(400);
        assertThat(last.body()).contains("the last worker here that answers");
        become(reading, "decode");
        awaitWorkers(router, 2);
        assertThat(fleet.command(other, ROLE, "{\"role\":\"decode\"}").body())
                .contains("the last worker here that reads prompts");

        duringStreams(
                router,
                () ->
                        assertThat(fleet.command(one, "/v1/cairn/drain", "{}").body())
                                .contains("\"draining\":true"));
        assertThat(migrations(router)).as("streams that the drained one had").isPositive();
        awaitWorkers(router, 1);
        assertThat(fleet.page(one, "/ready").statusCode()).isEqualTo(503);
        assertThat(fleet.metric(router, "cairn:routing_bookings")).isZero();
    }

    private void become(CairnProcess worker, String role) {
        HttpResponse<String> answer = fleet.command(worker, ROLE, "{\"role\":\"" + role + "\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("\"role\":\"" + role + "\"");
    }

    private void awaitWorkers(CairnProcess router, int answering) {
        Patience.until(
                answering + " workers answer",
                () -> fleet.metric(router, "cairn:routing_workers") == answering);
    }

    private double migrations(CairnProcess router) {
        return fleet.metric(router, "cairn:migrations_total");
    }

    /** Something happens when all streams have begun; they end as if it had not. */
    private void duringStreams(CairnProcess router, Runnable event) throws Exception {
        AtomicInteger begun = new AtomicInteger();
        List<MixedAsk> asks = new ArrayList<>();
        List<Future<WholeAnswer>> answers = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < STREAMS; i++) {
                MixedAsk ask = MixedAsk.lasting(random);
                asks.add(ask);
                answers.add(
                        clients.submit(
                                () ->
                                        fleet.stream(
                                                router,
                                                ask,
                                                chunks -> begun.addAndGet(chunks == 5 ? 1 : 0))));
            }
            Patience.until("all streams have begun", () -> begun.get() == STREAMS);
            event.run();
        }
        for (int i = 0; i < STREAMS; i++) {
            assertThat(answers.get(i).get()).isEqualTo(fleet.ask(router, asks.get(i)));
        }
    }
}
