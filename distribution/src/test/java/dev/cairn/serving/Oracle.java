package dev.cairn.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A small model and what Hugging Face transformers make of it, from the test resources.
 *
 * @param model folder or file
 * @param cases prompts with their answers
 */
record Oracle(Path model, List<JsonValue> cases) {

    /**
     * Largest difference of a log-probability that float32 in another order of summation may make.
     */
    private static final double TOLERANCE = 1e-3;

    static Oracle read(String name) throws IOException, URISyntaxException {
        return read(
                Path.of(Oracle.class.getResource("/oracles/" + name + "/oracle.json").toURI())
                        .getParent());
    }

    /** Of a folder; its answers may also stand as objects with their log-probability. */
    static Oracle read(Path folder) throws IOException {
        var oracle = (JsonObject) JsonReader.read(Files.readString(folder.resolve("oracle.json")));
        Path gguf = folder.resolve("model.gguf");
        return new Oracle(
                Files.exists(gguf) ? gguf : folder, ((JsonArray) oracle.member("cases")).values());
    }

    /** Asks for every answer, with the log-probabilities of prompt and answer. */
    void compare(LocalCairn cairn) {
        for (JsonValue value : cases) {
            compare(cairn, (JsonObject) value);
        }
    }

    private static void compare(LocalCairn cairn, JsonObject oracle) {
        int[] prompt = numbers(oracle, "prompt_ids").stream().mapToInt(Double::intValue).toArray();
        List<Integer> greedy =
                values(oracle, "greedy").stream().map(token -> (int) number(token, "id")).toList();
        Collected answer =
                Collected.start(cairn.inference(), Calls.greedy(prompt, greedy.size())).join();
        assertThat(answer.ids()).as("greedy tokens after %d", prompt.length).isEqualTo(greedy);
        List<Double> expected =
                values(
                                oracle,
                                oracle.member("greedy_logprobs") == null
                                        ? "greedy"
                                        : "greedy_logprobs")
                        .stream()
                        .map(token -> number(token, "logprob"))
                        .toList();
        for (int i = 0; i < greedy.size(); i++) {
            assertThat((double) answer.tokens().get(i).logprob())
                    .as("token %d of the answer after %d", i, prompt.length)
                    .isCloseTo(expected.get(i), within(TOLERANCE));
        }
        List<JsonValue> scores = values(oracle, "prompt_logprobs");
        assertThat(answer.prompt()).hasSize(prompt.length);
        assertThat(answer.prompt().getFirst()).isNull();
        for (int i = 1; i < prompt.length; i++) {
            assertThat(answer.prompt().get(i).id()).isEqualTo(prompt[i]);
            assertThat((double) answer.prompt().get(i).logprob())
                    .as("token %d of %d in the prompt", i, prompt.length)
                    .isCloseTo(number(scores.get(i), "logprob"), within(TOLERANCE));
        }
    }

    private static List<Double> numbers(JsonObject object, String name) {
        return values(object, name).stream().map(value -> number(value, name)).toList();
    }

    private static List<JsonValue> values(JsonObject object, String name) {
        return ((JsonArray) object.member(name)).values();
    }

    /** A number, or what an object has by a name. */
    private static double number(JsonValue value, String name) {
        JsonValue own = value instanceof JsonObject object ? object.member(name) : value;
        return ((JsonNumber) own).doubleValue();
    }
}
