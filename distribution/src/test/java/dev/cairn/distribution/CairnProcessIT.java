package dev.cairn.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess.Ended;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CairnProcessIT {

    private static final Path HOME = CairnProcess.assembled();
    private static final String MODEL = CairnProcess.tinyModel().toString();

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void servesFromReadyToTheLastTokenAfterTheSignal() throws Exception {
        try (CairnProcess cairn = CairnProcess.serve(HOME, "--model", "tiny=" + MODEL)) {
            assertThat(get(cairn.url().resolve("/ready")).statusCode()).isEqualTo(200);
            assertThat(get(cairn.url().resolve("/v1/models")).body()).contains("\"id\":\"tiny\"");
            assertThat(get(cairn.url().resolve("/metrics")).body()).contains("# TYPE ");

            try (InputStream stream = stream(cairn.url())) {
                stream.readNBytes(64);
                cairn.signal();
                String rest = new String(stream.readAllBytes(), StandardCharsets.UTF_8);

                assertThat(rest)
                        .contains("\"finish_reason\":\"length\"")
                        .endsWith("data: [DONE]\n\n");
            }
            Ended ended = cairn.terminate();
            assertThat(ended.status()).isZero();
            assertThat(ended.out()).contains("cairn: draining").endsWith("cairn: stopped");
            assertThat(ended.err()).isEmpty();
        }
    }

    @Test
    void theBannerSaysWhatWasChosenAndItsCurlLineWorks() throws Exception {
        try (CairnProcess cairn = CairnProcess.serve(HOME, "--model", MODEL)) {
            String banner = String.join("\n", cairn.output());
            assertThat(banner)
                    .contains("model   qwen3-qknorm from ")
                    .contains("engine  cpu (")
                    .contains("kernels ")
                    .contains("cache   ");

            String curl = cairn.output().getLast().strip();
            Process process = new ProcessBuilder("sh", "-c", curl + " -sS").start();
            String answer =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).contains("\"object\":\"chat.completion\"");
        }
    }

    @Test
    void aPortInUseIsToldInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            Ended ended = CairnProcess.run(HOME, "serve", "--model", MODEL, "--port", port);

            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.err())
                    .isEqualTo(
                            "cairn: cairn.http.port from --port: port %s on 127.0.0.1 is in use; stop what listens there, or take another by --port PORT"
                                    .formatted(port));
        }
    }

    @Test
    void aWrongModelPathIsToldInOneLine() throws IOException {
        Ended ended = CairnProcess.run(HOME, "serve", "--port", "0", "--model", "/no/such/model");

        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err().lines()).hasSize(1);
        assertThat(ended.err())
                .startsWith("cairn: there is no model at /no/such/model; --model takes");
    }

    @Test
    void aWrongValueNamesTheFlagAndStopsTheStart() throws IOException {
        Ended size = CairnProcess.run(HOME, "serve", "--kv-cache-memory", "12GiBs");
        Ended type = CairnProcess.run(HOME, "serve", "--dtype", "bflot16", "--model", MODEL);
        Ended role = CairnProcess.run(HOME, "serve", "--role", "routre");
        Ended router = CairnProcess.run(HOME, "serve", "--role", "router");

        assertThat(List.of(size.status(), type.status(), role.status(), router.status()))
                .containsOnly(2);
        assertThat(size.err())
                .isEqualTo(
                        "cairn: cairn.cache.device.size from --kv-cache-memory: \"12GiBs\" is no size; write 12GiB");
        assertThat(type.err())
                .isEqualTo(
                        "cairn: cairn.dtype from --dtype: \"bflot16\" is no type; write bfloat16, or auto");
        assertThat(role.err())
                .startsWith(
                        "cairn: cairn.role from --role: there is no role \"routre\"; did you mean router?");
        assertThat(router.err()).startsWith("cairn: cairn.workers: a router needs workers;");
    }

    @Test
    void beyondLoopbackAKeyIsAskedFor() throws IOException {
        Ended ended =
                CairnProcess.run(
                        HOME, "serve", "--port", "0", "--host", "0.0.0.0", "--model", MODEL);

        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.err()).contains("cairn.http.host from --host").contains("--api-key");
    }

    @Test
    void chatTalksWithALoadedModelAndWithAServer() throws Exception {
        String[] local = {"chat", "--model", MODEL, "--temperature", "0", "--max-tokens", "5"};
        Ended here = CairnProcess.runWithInput(HOME, "Hello\nAgain\n", local);
        assertThat(here.status()).isZero();

        try (CairnProcess cairn = CairnProcess.serve(HOME, "--model", MODEL)) {
            String[] remote = {
                "chat", "--url", cairn.url().toString(), "--temperature", "0", "--max-tokens", "5"
            };
            Ended there = CairnProcess.runWithInput(HOME, "Hello\nAgain\n", remote);

            assertThat(there.status()).isZero();
            assertThat(there.out()).isEqualTo(here.out()).isNotBlank();
        }
    }

    @Test
    void configShowsWhereEveryValueComesFromAndHidesKeys() throws IOException {
        Ended ended =
                CairnProcess.run(HOME, "config", "--port", "1234", "--api-key", "sk-hush-hush");

        assertThat(ended.status()).isZero();
        assertThat(ended.out())
                .contains("cairn.http.port = 1234")
                .contains("from: --port")
                .contains("cairn.http.api-keys = (hidden)")
                .doesNotContain("sk-hush-hush");
    }

    @Test
    void inspectSaysWhatIsInAModel() throws IOException {
        Ended ended = CairnProcess.run(HOME, "models", "inspect", MODEL);

        assertThat(ended.status()).isZero();
        assertThat(ended.out())
                .contains("family         qwen3")
                .contains("parameters ")
                .contains("tokenizer ")
                .contains("chat template of");
    }

    private HttpResponse<String> get(URI url) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString());
    }

    private InputStream stream(URI url) throws IOException, InterruptedException {
        String body =
                """
                {"model": "tiny", "prompt": "Hello", "max_tokens": 400, "stream": true,
                 "temperature": 0, "ignore_eos": true}
                """;
        HttpRequest request =
                HttpRequest.newBuilder(url.resolve("/v1/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        HttpResponse<InputStream> response =
                client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }
}
