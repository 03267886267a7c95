package dev.cairn.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess.Ended;
import dev.cairn.tck.LocalHub;
import dev.cairn.tck.Patience;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model by its name on a hub: pulled in two processes, the first of which is killed, and served.
 */
class HubIT {

    private static final Path HOME = CairnProcess.assembled();

    @TempDir private Path cache;

    @Test
    void aKilledPullGoesOnAndTheModelIsServedWithoutTheHub() throws Exception {
        try (LocalHub hub = hub()) {
            hub.cuts.set(Integer.MAX_VALUE);
            try (CairnProcess pull =
                    CairnProcess.begin(HOME, with(hub, "models", "pull", "org/tiny"))) {
                Patience.until("parts came", () -> parts(hub).size() > 3);
                pull.signal("KILL");
            }
            hub.cuts.set(0);
            hub.requests.clear();

            Ended pulled = CairnProcess.run(HOME, with(hub, "models", "pull", "org/tiny"));

            assertThat(pulled.status()).as(pulled.err()).isZero();
            assertThat(pulled.err()).contains("fetching org/tiny: 5 files, ");
            assertThat(parts(hub)).hasSize(1).allMatch(part -> part.contains("bytes="));
            assertThat(CairnProcess.run(HOME, with(hub, "models")).out())
                    .contains("org/tiny (fetched)");
        }
        try (CairnProcess cairn =
                CairnProcess.serve(
                        HOME,
                        "--model",
                        "org/tiny",
                        "--set",
                        "cairn.hub.cache=" + cache,
                        "--set",
                        "cairn.hub.offline=true")) {
            assertThat(answer(cairn)).contains("\"model\":\"org/tiny\"", "\"text\":");
        }
    }

    @Test
    void aNameThatNobodyKnowsIsSaid() throws IOException {
        try (LocalHub hub = hub()) {
            Ended ended =
                    CairnProcess.run(
                            HOME, with(hub, "serve", "--port", "0", "--model", "modles/a"));

            assertThat(ended.status()).isNotZero();
            assertThat(ended.err())
                    .contains("has no model modles/a", "no file or folder modles/a here either");
        }
    }

    private static LocalHub hub() throws IOException {
        LocalHub hub = new LocalHub();
        for (String name :
                List.of(
                        "config.json",
                        "generation_config.json",
                        "model.safetensors",
                        "tokenizer.json",
                        "tokenizer_config.json")) {
            hub.with(name, Files.readAllBytes(CairnProcess.tinyModel().resolve(name)));
        }
        return hub;
    }

    private static List<String> parts(LocalHub hub) {
        return hub.requestsOf("GET /model.safetensors");
    }

    private String[] with(LocalHub hub, String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(
                List.of(
                        "--set",
                        "cairn.hub.endpoint=" + hub.endpoint(),
                        "--set",
                        "cairn.hub.cache=" + cache));
        return all.toArray(String[]::new);
    }

    private static String answer(CairnProcess cairn) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(cairn.url().resolve("/v1/completions"))
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"model\": \"org/tiny\", \"prompt\": \"a\", \"max_tokens\": 4, \"ignore_eos\": true}"))
                        .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }
}
