package dev.cairn.distribution.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.cairn.distribution.CairnProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class TracesIT {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    private final Queue<byte[]> exported = new ConcurrentLinkedQueue<>();

    @Test
    void aRequestsSpanReachesTheCollectorInItsCallersTrace() throws Exception {
        HttpServer collector =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", this::collect);
        collector.start();
        String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort();
        try (CairnProcess cairn =
                CairnProcess.serve(
                        CairnProcess.assembled(),
                        "--model",
                        "tiny=" + CairnProcess.tinyModel(),
                        "--set",
                        "cairn.telemetry.otlp.endpoint=" + endpoint)) {
            ask(cairn);
            // What is still held is sent before the end.
            assertThat(cairn.terminate().status()).isZero();
        } finally {
            collector.stop(0);
        }

        assertThat(exported).isNotEmpty();
        byte[] trace = HexFormat.of().parseHex(TRACE);
        assertThat(exported)
                .anySatisfy(
                        body -> {
                            assertThat(latin(body)).contains(latin(trace));
                            assertThat(latin(body)).contains("gen_ai.request.model");
                            assertThat(latin(body)).contains("tiny");
                        });
    }

    private static void ask(CairnProcess cairn) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(cairn.url().resolve("/v1/completions"))
                        .header("Content-Type", "application/json")
                        .header("traceparent", "00-" + TRACE + "-b7ad6b7169203331-01")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"model\":\"tiny\",\"prompt\":\"Hi\",\"max_tokens\":2}"))
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
    }

    private void collect(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        exported.add(body);
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    /** Bytes as characters, so that parts of them can be looked for. */
    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
