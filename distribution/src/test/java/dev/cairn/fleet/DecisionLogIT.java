package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A router's decisions over sockets are made again from its log; policies are swapped meanwhile.
 */
class DecisionLogIT {

    private static final int REQUESTS = 60;
    private static final int CLIENTS = 6;
    private static final String[] SMALL = {
        "cairn.cache.device.size=64MiB", "cairn.cluster.heartbeat=2s", "cairn.shutdown.grace=5s"
    };

    @TempDir private Path temporary;

    @Test
    void theLogOfAServingRouterIsReplayedToTheSameDecisions() throws Exception {
        long seed = System.nanoTime() & 0xffff;
        System.out.println("DecisionLogIT: seed " + seed);
        Path log = temporary.resolve("decisions.log");
        try (FleetOfRoles fleet = new FleetOfRoles()) {
            CairnProcess one = fleet.alone("decode", SMALL);
            CairnProcess other = fleet.alone("decode", SMALL);
            CairnProcess router =
                    fleet.alone(
                            "router",
                            "cairn.workers="
                                    + one.url().getAuthority()
                                    + ","
                                    + other.url().getAuthority(),
                            "cairn.routing.decision-log=" + log,
                            "cairn.routing.shadow-policy=round-robin");
            fleet.awaitWorkers(router, 2);
            serve(fleet, router, seed);
            assertThat(fleet.metric(router, "cairn:shadow_decisions_total"))
                    .isGreaterThanOrEqualTo(REQUESTS);
            assertThat(router.terminate().status()).isZero();
        }
        CairnProcess.Ended same = replay(log);
        assertThat(same.status()).as(same.err()).isZero();
        JsonObject report = (JsonObject) JsonReader.read(same.out());
        assertThat(report.member("identical").toString()).contains("true");
        CairnProcess.Ended compared = replay(log, "--policy", "random");
        assertThat(compared.status()).as(compared.err()).isZero();
        assertThat(compared.out()).contains("\"comparison\":{\"policy\":\"random\"");
        aChangedByteIsNoticed(log, seed);
    }

    /** All are answered, while one policy after the other decides. */
    private static void serve(FleetOfRoles fleet, CairnProcess router, long seed) throws Exception {
        AtomicInteger answered = new AtomicInteger();
        List<Future<?>> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int client = 0; client < CLIENTS; client++) {
                Random random = new Random(seed + client);
                clients.add(
                        threads.submit(
                                () -> {
                                    for (int i = 0; i < REQUESTS / CLIENTS; i++) {
                                        fleet.ask(router, MixedAsk.any(random));
                                        answered.incrementAndGet();
                                    }
                                }));
            }
            for (String policy : List.of("least-load", "approximate-prefix", "kv-aware")) {
                CairnProcess.Ended swapped =
                        command("routing", "--url", router.url().toString(), "--policy", policy);
                assertThat(swapped.status()).as(swapped.err()).isZero();
                assertThat(swapped.out()).contains("policy         " + policy, "round-robin");
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
        assertThat(answered).hasValue(REQUESTS);
        CairnProcess.Ended unknown =
                command("routing", "--url", router.url().toString(), "--policy", "none-such");
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err()).contains("there is no such policy");
    }

    private void aChangedByteIsNoticed(Path log, long seed) throws IOException {
        byte[] bytes = Files.readAllBytes(log);
        int at = new Random(seed).nextInt(bytes.length);
        System.out.println("DecisionLogIT: byte " + at + " of " + bytes.length + " is changed");
        bytes[at] ^= 0x10;
        Path damaged = temporary.resolve("damaged.log");
        Files.write(damaged, bytes);
        CairnProcess.Ended noticed = replay(damaged);
        assertThat(noticed.status()).isEqualTo(1);
        assertThat(noticed.err()).contains("damaged.log, at byte");
    }

    private static CairnProcess.Ended replay(Path log, String... more) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("replay", "--incident", log.toString(), "--json"));
        arguments.addAll(List.of(more));
        return command(arguments.toArray(String[]::new));
    }

    private static CairnProcess.Ended command(String... arguments) throws IOException {
        return CairnProcess.run(CairnProcess.assembled(), arguments);
    }
}
