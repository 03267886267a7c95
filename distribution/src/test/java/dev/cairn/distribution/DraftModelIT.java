package dev.cairn.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.distribution.CairnProcess.Ended;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A server whose answers a second model guesses. */
class DraftModelIT {

    private static final Path HOME = CairnProcess.assembled();
    private static final Path PEBBLE = HOME.resolve("models/cairn-pebble");

    private final HttpClient client = HttpClient.newHttpClient();

    private static String[] drafted(Path draft) {
        return new String[] {
            "--model",
            "m=" + PEBBLE,
            "--set",
            "cairn.speculation=draft",
            "--set",
            "cairn.speculation.draft-model=" + draft,
            "--set",
            "cairn.speculation.draft-cache-size=16MiB"
        };
    }

    @Test
    void answersAreTheSameAndSomeAreGuessed() throws Exception {
        List<String> expected;
        try (CairnProcess cairn = CairnProcess.serve(HOME, "--model", "m=" + PEBBLE)) {
            expected = answers(cairn);
        }
        try (CairnProcess cairn = CairnProcess.serve(HOME, drafted(PEBBLE))) {
            assertThat(answers(cairn)).isEqualTo(expected);
            assertThat(get(cairn, "/metrics"))
                    .containsPattern("vllm:spec_decode_num_draft_tokens_total\\{[^}]*} [1-9]");
        }
    }

    private List<String> answers(CairnProcess cairn) throws Exception {
        List<String> answers = new ArrayList<>();
        for (String what :
                List.of(
                        "\"temperature\": 0",
                        "\"temperature\": 1, \"seed\": 5",
                        "\"temperature\": 0, \"response_format\": {\"type\": \"json_object\"}")) {
            String body =
                    ("{\"model\": \"m\", \"prompt\": \"One cairn\", \"max_tokens\": 200, %s}")
                            .formatted(what);
            HttpRequest request =
                    HttpRequest.newBuilder(cairn.url().resolve("/v1/completions"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build();
            HttpResponse<String> answer =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            answers.add(answer.body().replaceFirst("^.*\"choices\":", ""));
        }
        return answers;
    }

    private String get(CairnProcess cairn, String path) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(cairn.url().resolve(path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void aModelOfOtherTokensIsRefusedByName() throws IOException {
        refused("has another vocabulary than the model", drafted(CairnProcess.tinyModel()));
    }

    @Test
    void aDraftThatIsNotNamedIsAskedFor() throws IOException {
        refused(
                "cairn.speculation.draft-model",
                "--model",
                "m=" + PEBBLE,
                "--set",
                "cairn.speculation=draft");
    }

    private static void refused(String why, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("serve", "--port", "0"));
        command.addAll(List.of(arguments));
        Ended ended = CairnProcess.run(HOME, command.toArray(String[]::new));
        assertThat(ended.status()).isNotZero();
        assertThat(ended.err()).contains(why);
    }
}
