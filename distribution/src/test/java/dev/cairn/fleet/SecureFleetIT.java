package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.tck.MadeCertificate;
import dev.cairn.tck.Patience;
import dev.cairn.transport.node.NodeAddress;
import dev.cairn.transport.node.NodeClient;
import dev.cairn.transport.node.NodeOptions;
import dev.cairn.transport.node.NodeTls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A router and its workers, who speak TLS to each other and to nobody else. */
class SecureFleetIT {

    private static final String REMOTE =
            "cairn:routed_requests_total{model_name=\"cairn-pebble\",prefill=\"remote\"}";
    private static final String KEY = "a key of this test";

    /** Nobody is given up, however busy the machine is. */
    private static final List<String> PATIENT =
            List.of(
                    "cairn.cache.device.size=64MiB",
                    "cairn.cache.host.size=64MiB",
                    "cairn.node.silence=60s",
                    "cairn.node.connect-time=30s",
                    "cairn.split.patience=60s");

    @TempDir private Path folder;

    private final List<NodeClient> clients = new ArrayList<>();
    private final FleetOfRoles fleet;

    SecureFleetIT() throws Exception {
        this.fleet = new FleetOfRoles();
    }

    @AfterEach
    void end() {
        clients.forEach(NodeClient::close);
        fleet.close();
    }

    @Test
    void routerAndWorkersSpeakTlsAndStrangersAreRefused() throws Exception {
        long seed = Long.getLong("cairn.test.seed", System.nanoTime() & 0xffff);
        System.out.println("SecureFleetIT: seed " + seed);
        MadeCertificate own = MadeCertificate.make(folder, "worker");
        MadeCertificate other = MadeCertificate.make(folder, "other");
        String[] worker =
                with(
                        "cairn.http.tls.certificate=" + own.certificate(),
                        "cairn.http.tls.private-key=" + own.privateKey(),
                        "cairn.node.tls.authorities=" + own.certificate(),
                        "cairn.node.key=" + KEY);
        CairnProcess reading = fleet.alone("prefill", worker);
        CairnProcess answering = fleet.alone("decode", worker);
        CairnProcess router =
                fleet.routerOf(
                        List.of(reading, answering),
                        with(
                                "cairn.node.tls.authorities=" + own.certificate(),
                                "cairn.node.key=" + KEY));
        Patience.until("both are known", () -> fleet.knowsWorkers(router, 2));
        CairnProcess reference = fleet.alone("decode", with());
        MixedAsk ask = longOne(new Random(seed));
        assertThat(fleet.ask(router, ask)).isEqualTo(fleet.ask(reference, ask));
        assertThat(fleet.metric(router, REMOTE))
                .as("prompts that one worker read for the other, over TLS")
                .isEqualTo(1);

        NodeOptions right = NodeOptions.defaults().withKey(KEY);
        NodeClient friend = client(answering, right.withTls(new NodeTls(own.certificate())));
        Patience.until("it is let in", () -> friend.state().isReady());
        NodeClient plain = client(answering, right);
        NodeClient deceived = client(answering, right.withTls(new NodeTls(other.certificate())));
        NodeClient keyless =
                client(
                        answering,
                        NodeOptions.defaults()
                                .withKey("another")
                                .withTls(new NodeTls(own.certificate())));
        Patience.until(
                "the certificate is refused",
                () -> deceived.state().trouble().contains("certification path"));
        Patience.until("the key is refused", () -> keyless.state().trouble().contains("401"));
        Patience.until("plain HTTP fails", () -> failed(plain));
        assertThat(List.of(plain, deceived, keyless))
                .noneMatch(stranger -> stranger.state().reachable());
    }

    private static boolean failed(NodeClient client) {
        String trouble = client.state().trouble();
        return !trouble.isEmpty() && !trouble.equals("it was not reached yet");
    }

    private static MixedAsk longOne(Random random) {
        return Stream.generate(() -> MixedAsk.any(random))
                .filter(MixedAsk::isLong)
                .findFirst()
                .orElseThrow();
    }

    private static String[] with(String... more) {
        List<String> all = new ArrayList<>(PATIENT);
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private NodeClient client(CairnProcess worker, NodeOptions options) {
        var client =
                new NodeClient(
                        NodeAddress.parse(worker.url().getAuthority()),
                        "",
                        "",
                        options,
                        SystemClock.INSTANCE,
                        _ -> {});
        clients.add(client);
        return client;
    }
}
