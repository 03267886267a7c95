package dev.cairn.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.distribution.telemetry.OtlpReceiver;
import dev.cairn.distribution.telemetry.OtlpReceiver.Received;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.tck.Patience;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a collector sees of one request that a router, a reader and a writer worked on. */
class FleetTraceIT {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String CALLER = "b7ad6b7169203331";

    @Test
    void oneTraceShowsRouterPrefillTransferAndDecode() throws Exception {
        long seed = Long.getLong("cairn.test.seed", System.nanoTime() & 0xffff);
        System.out.println("FleetTraceIT: seed " + seed);
        try (var collector = new OtlpReceiver();
                var fleet = new FleetOfRoles()) {
            // Nobody goes away or is given up, however busy the machine is.
            String[] settings = {
                "cairn.telemetry.otlp.endpoint=" + collector.endpoint(),
                "cairn.cache.device.size=64MiB",
                "cairn.cache.host.size=64MiB",
                "cairn.node.silence=60s",
                "cairn.split.patience=60s"
            };
            List<CairnProcess> workers =
                    List.of(fleet.alone("prefill", settings), fleet.alone("decode", settings));
            CairnProcess router = fleet.routerOf(workers, settings);
            Patience.until("both are known", () -> fleet.knowsWorkers(router, 2));
            ask(router, new Random(seed));
            // What is still held is sent before the end.
            for (CairnProcess each : List.of(router, workers.get(0), workers.get(1))) {
                assertThat(each.terminate().status()).isZero();
            }
            check(collector.spans(TRACE));
        }
    }

    private static void check(List<Received> spans) {
        Received routed = named(spans, "text_completion cairn-pebble");
        Received answered = named(spans, "node generate");
        Received pulled = named(spans, "pull prompt");
        Received read = named(spans, "read prompt");
        Received moved = named(spans, "transfer blocks");
        Received decoded = named(spans, "decode");
        assertThat(routed.parent()).isEqualTo(CALLER);
        assertThat(answered.parent()).isEqualTo(routed.id());
        assertThat(pulled.parent()).isEqualTo(answered.id());
        assertThat(read.parent()).isEqualTo(pulled.id());
        assertThat(moved.parent()).isEqualTo(pulled.id());
        assertThat(decoded.parent()).isEqualTo(answered.id());
        // Each on the clock of the process that measured it, so only pairs of one process compare.
        assertThat(moved.beginNanos()).isBetween(pulled.beginNanos(), pulled.endNanos());
        assertThat(decoded.beginNanos()).isGreaterThanOrEqualTo(moved.endNanos());
        assertThat(answered.endNanos()).isGreaterThanOrEqualTo(decoded.beginNanos());
        assertThat(spans).extracting(Received::parent).doesNotContain("");
    }

    private static Received named(List<Received> spans, String name) {
        List<Received> found = spans.stream().filter(span -> span.name().equals(name)).toList();
        assertThat(found).as("%s in %s", name, spans).hasSize(1);
        return found.getFirst();
    }

    private static void ask(CairnProcess router, Random random) throws Exception {
        MixedAsk ask =
                Stream.generate(() -> MixedAsk.any(random))
                        .filter(MixedAsk::isLong)
                        .findFirst()
                        .orElseThrow();
        HttpRequest request =
                HttpRequest.newBuilder(router.url().resolve(ask.path()))
                        .header("Content-Type", "application/json")
                        .header("traceparent", "00-" + TRACE + "-" + CALLER + "-01")
                        .POST(BodyPublishers.ofString(JsonWriter.write(ask.body())))
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }
    }
}
