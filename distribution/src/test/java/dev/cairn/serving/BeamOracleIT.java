package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Beam search finds the answers of Hugging Face transformers, with their scores. The expectations
 * were made by {@code docs/measure/beam_oracle.py}.
 */
class BeamOracleIT {

    /** A score may be a product of a log-probability and the length of its answer. */
    private static final double TOLERANCE = 2e-3;

    @ParameterizedTest
    @ValueSource(strings = {"qwen2-bias", "gemma3-local-global", "mixtral-moe"})
    void answersAreThoseOfTransformers(String name) throws IOException, URISyntaxException {
        Path file =
                Path.of(BeamOracleIT.class.getResource("/oracles/" + name + "/beams.json").toURI());
        var oracle = (JsonObject) JsonReader.read(Files.readString(file));
        List<JsonObject> cases =
                values(oracle, "cases").stream().map(value -> (JsonObject) value).toList();
        assertThat(cases).hasSizeGreaterThan(10);
        try (LocalCairn cairn = LocalCairn.open(file.getParent(), LocalCairn.exact(512, 96))) {
            // All at once, so that beams of several requests share steps.
            List<CompletableFuture<List<List<TokenReport>>>> answers =
                    cases.stream().map(each -> start(cairn, each)).toList();
            for (int i = 0; i < cases.size(); i++) {
                compare("case " + i, answers.get(i).join(), cases.get(i));
            }
        }
    }

    private static CompletableFuture<List<List<TokenReport>>> start(
            LocalCairn cairn, JsonObject oracle) {
        var search =
                new BeamSearch(
                        (int) number(oracle, "width"),
                        (float) number(oracle, "length_penalty"),
                        oracle.member("early_stopping") instanceof JsonBoolean(boolean early)
                                && early);
        GenerationCall call =
                Calls.beams(
                        integers(oracle.member("prompt_ids")).stream()
                                .mapToInt(Integer::intValue)
                                .toArray(),
                        (int) number(oracle, "max_tokens"),
                        search,
                        integers(oracle.member("end_ids")));
        List<List<TokenReport>> answers = new ArrayList<>();
        for (int i = 0; i < search.width(); i++) {
            answers.add(new ArrayList<>());
        }
        var future = new CompletableFuture<List<List<TokenReport>>>();
        cairn.inference()
                .generate(
                        call,
                        event -> {
                            switch (event) {
                                case AnswerEvent.Delta delta ->
                                        answers.get(delta.choice()).addAll(delta.tokens());
                                case AnswerEvent.Ended _ -> future.complete(answers);
                                case AnswerEvent.Failed(var problem) ->
                                        future.completeExceptionally(
                                                new AssertionError(problem.message()));
                                case AnswerEvent.Started _, AnswerEvent.ChoiceEnded _ -> {}
                            }
                        });
        return future;
    }

    private static void compare(String name, List<List<TokenReport>> answers, JsonObject oracle) {
        List<JsonValue> expected = values(oracle, "answers");
        List<JsonValue> scores = values(oracle, "scores");
        assertThat(answers).hasSameSizeAs(expected);
        for (int i = 0; i < answers.size(); i++) {
            List<TokenReport> answer = answers.get(i);
            assertThat(answer.stream().map(TokenReport::id).toList())
                    .as("%s, answer %d", name, i)
                    .isEqualTo(integers(expected.get(i)));
            double sum = answer.stream().mapToDouble(TokenReport::logprob).sum();
            assertThat(sum / Math.pow(answer.size(), number(oracle, "length_penalty")))
                    .as("%s, score of answer %d", name, i)
                    .isCloseTo(((JsonNumber) scores.get(i)).doubleValue(), within(TOLERANCE));
        }
    }

    private static double number(JsonObject object, String name) {
        return ((JsonNumber) object.member(name)).doubleValue();
    }

    private static List<JsonValue> values(JsonObject object, String name) {
        return ((JsonArray) object.member(name)).values();
    }

    private static List<Integer> integers(JsonValue list) {
        return ((JsonArray) list)
                .values().stream()
                        .map(value -> (int) ((JsonNumber) value).longValueExact())
                        .toList();
    }
}
