package dev.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.distribution.CairnProcess;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The real program with a cross-encoder and an embedding model, against PyTorch's answers. */
class RerankIT {

    private static final Path MODELS =
            CairnProcess.checkout().resolve("adapters-engines/onnx/src/test/resources");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static CairnProcess cairn;

    @BeforeAll
    static void serve() throws IOException {
        cairn =
                CairnProcess.serve(
                        CairnProcess.assembled(),
                        "--model",
                        "vectors=" + MODELS.resolve("tiny-encoder"),
                        "--model",
                        "scores=" + MODELS.resolve("tiny-cross-encoder"));
    }

    @AfterAll
    static void stop() throws IOException {
        HTTP.close();
        assertThat(cairn.terminate().status()).isZero();
    }

    @Test
    void pairsHaveTheScoresOfPyTorchWholeAndCut() throws IOException, InterruptedException {
        Path file = MODELS.resolve("tiny-cross-encoder/answers.json");
        List<JsonValue> answers = ((JsonArray) JsonReader.read(Files.readString(file))).values();
        assertThat(answers).hasSize(45);
        for (JsonValue value : answers) {
            var answer = (JsonObject) value;
            JsonObject call =
                    JsonObject.builder()
                            .put("text_1", answer.member("first"))
                            .put("text_2", answer.member("second"))
                            .put("truncate_prompt_tokens", answer.member("longest"))
                            .build();
            var one =
                    (JsonObject)
                            ((JsonArray) post("/score", call).member("data")).values().getFirst();
            assertThat(number(one, "score"))
                    .as("%s", answer)
                    .isCloseTo(number(answer, "score"), within(2e-5));
        }
    }

    @Test
    void documentsComeInTheOrderOfTheirScores() throws IOException, InterruptedException {
        JsonObject call =
                (JsonObject)
                        JsonReader.read(
                                """
                                {"query": "stone", "top_n": 3, "documents":
                                    ["KV blocks decide the route", "stone", {"text": "0123"}, "a cairn"]}
                                """);
        JsonObject answer = post("/v1/rerank", call);
        List<JsonValue> results = ((JsonArray) answer.member("results")).values();
        assertThat(((JsonString) answer.member("model")).value()).isEqualTo("scores");
        assertThat(results).hasSize(3);
        assertThat(results)
                .extracting(result -> -number((JsonObject) result, "relevance_score"))
                .isSorted();
    }

    @Test
    void anEmbeddingModelComparesVectors() throws IOException, InterruptedException {
        JsonObject call =
                (JsonObject)
                        JsonReader.read(
                                """
                                {"model": "vectors", "query": "stone", "documents":
                                    ["The quick brown fox", "stone"]}
                                """);
        var best =
                (JsonObject)
                        ((JsonArray) post("/v2/rerank", call).member("results"))
                                .values()
                                .getFirst();
        assertThat(number(best, "index")).isEqualTo(1);
        assertThat(number(best, "relevance_score")).isCloseTo(1, within(1e-6));
    }

    private static double number(JsonObject object, String member) {
        return ((JsonNumber) object.member(member)).doubleValue();
    }

    private static JsonObject post(String path, JsonObject body)
            throws IOException, InterruptedException {
        HttpResponse<String> answer =
                HTTP.send(
                        HttpRequest.newBuilder(cairn.url().resolve(path))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(JsonWriter.write(body)))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return (JsonObject) JsonReader.read(answer.body());
    }
}
