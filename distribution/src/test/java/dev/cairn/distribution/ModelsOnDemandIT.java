package dev.cairn.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess.Ended;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Three models in the memory of one. */
class ModelsOnDemandIT {

    private static final Path HOME = CairnProcess.assembled();
    private static final List<String> NAMES = List.of("a", "b", "c");

    private final HttpClient client = HttpClient.newHttpClient();

    private static String[] models(String... more) {
        Path oracles = CairnProcess.tinyModel().getParent();
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--model",
                                "a=" + oracles.resolve("qwen3-qknorm"),
                                "--model",
                                "b=" + oracles.resolve("llama-rope-linear"),
                                "--model",
                                "c=" + oracles.resolve("qwen2-bias")));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private CompletableFuture<String> ask(CairnProcess cairn, String model) {
        String body =
                "{\"model\": \"%s\", \"prompt\": \"cairn\", \"max_tokens\": 12, \"temperature\": 0, \"ignore_eos\": true}"
                        .formatted(model);
        HttpRequest request =
                HttpRequest.newBuilder(cairn.url().resolve("/v1/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .thenApply(answer -> answer.body().replaceFirst("^.*\"choices\":", ""));
    }

    private String get(CairnProcess cairn, String path) {
        try {
            return client.send(
                            HttpRequest.newBuilder(cairn.url().resolve(path)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void modelsTakeTurnsAndAnswerAsIfEachHadItsOwnMemory() throws Exception {
        List<String> expected = new ArrayList<>();
        try (CairnProcess cairn = CairnProcess.serve(HOME, models())) {
            for (String name : NAMES) {
                expected.add(ask(cairn, name).get());
            }
        }
        assertThat(expected).allMatch(answer -> answer.contains("\"completion_tokens\":12"));
        try (CairnProcess cairn =
                CairnProcess.serve(HOME, models("--set", "cairn.models.most-awake=1"))) {
            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                answers.add(ask(cairn, NAMES.get(i % 3)));
            }
            for (int i = 0; i < 12; i++) {
                assertThat(answers.get(i).get()).isEqualTo(expected.get(i % 3));
            }
            assertThat(get(cairn, "/metrics"))
                    .contains("cairn:model_wakings_total{model=\"a\",outcome=\"awake\"}");
        }
    }

    @Test
    void aModelThatNobodyAsksForGivesItsMemoryBack() throws Exception {
        try (CairnProcess cairn =
                CairnProcess.serve(HOME, models("--set", "cairn.models.idle-sleep=100ms"))) {
            String first = ask(cairn, "a").get();
            Patience.until("it sleeps", () -> get(cairn, "/is_sleeping").contains("true"));
            assertThat(ask(cairn, "a").get()).isEqualTo(first);
        }
    }

    @Test
    void aWorkerOfAFleetIsNotPutToSleep() throws IOException {
        Ended ended =
                CairnProcess.run(
                        HOME,
                        "serve",
                        "--port",
                        "0",
                        "--role",
                        "decode",
                        "--set",
                        "cairn.models.most-awake=1");
        assertThat(ended.status()).isNotZero();
        assertThat(ended.err()).contains("cairn.role", "cairn.models.most-awake");
    }
}
