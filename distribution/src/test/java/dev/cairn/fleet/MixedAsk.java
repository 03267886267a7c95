package dev.cairn.fleet;

import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Random;

/**
 * A random request of any kind.
 *
 * @param path of the API
 * @param isLong whether its prompt is one that others read
 */
record MixedAsk(String path, JsonObject body, boolean streams, boolean isLong) {

    static final int LONG = 600;

    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    private static final List<String> QUESTIONS =
            List.of("Who are you?", "Weather in Oslo?", "Repeat: {\"a\": 1}", "3 + 4 =");
    private static final String SCHEMA =
            """
            {"type":"json_schema","json_schema":{"name":"made","schema":{"type":"object",
             "properties":{"city":{"type":"string","maxLength":12},"count":{"type":"integer"},
             "tags":{"type":"array","items":{"enum":["a","bc","d"]},"maxItems":3}},
             "required":["city","count","tags"],"additionalProperties":false}}}""";
    private static final String TOOLS =
            """
            [{"type":"function","function":{"name":"look_up","parameters":{"type":"object",
             "properties":{"word":{"type":"string","maxLength":10},"deep":{"type":"boolean"}},
             "required":["word","deep"],"additionalProperties":false}}}]""";

    static MixedAsk any(Random random) {
        return random.nextInt(3) == 0 ? completion(random) : chat(random);
    }

    /** One whose answer is long enough to lose its worker in the middle. */
    static MixedAsk lasting(Random random) {
        boolean chat = random.nextBoolean();
        JsonValue.Builder body = JsonObject.builder();
        if (chat) {
            body.put("messages", question(random)).put("top_logprobs", 2L).put("logprobs", true);
        } else {
            body.put("prompt", QUESTIONS.get(random.nextInt(QUESTIONS.size())));
            body.put("logprobs", 2L);
        }
        body.put("ignore_eos", true).put("max_tokens", 900L);
        if (random.nextInt(3) == 0) {
            body.put("n", 2L);
        }
        sample(body, random);
        return streamed(chat ? CHAT : COMPLETIONS, body, true, false);
    }

    private static MixedAsk chat(Random random) {
        JsonValue.Builder body = JsonObject.builder().put("messages", question(random));
        sample(body, random);
        switch (random.nextInt(5)) {
            case 0 -> body.put("response_format", JsonReader.read(SCHEMA));
            case 1 -> body.put("tools", JsonReader.read(TOOLS)).put("tool_choice", "required");
            case 2 -> body.put("stop", JsonReader.read("[\"e\",\"am\"]"));
            case 3 -> body.put("logprobs", true).put("top_logprobs", (long) random.nextInt(4));
            default -> body.put("n", 1L + random.nextInt(3));
        }
        body.put("max_tokens", 120L + random.nextInt(40));
        return streamed(CHAT, body, random.nextBoolean(), false);
    }

    private static MixedAsk completion(Random random) {
        JsonValue.Builder body = JsonObject.builder();
        boolean isLong = random.nextInt(2) == 0;
        int length = isLong ? LONG + random.nextInt(800) : 1 + random.nextInt(60);
        StringBuilder ids = new StringBuilder("[");
        for (int i = 0; i < length; i++) {
            ids.append(i == 0 ? "" : ",").append(20 + random.nextInt(200));
        }
        body.put("prompt", JsonReader.read(ids.append("]").toString()));
        body.put("max_tokens", 8L + random.nextInt(20)).put("ignore_eos", true);
        sample(body, random);
        if (random.nextBoolean()) {
            body.put("logprobs", (long) random.nextInt(4));
        }
        if (random.nextInt(4) == 0) {
            body.put("n", 2L);
        }
        return streamed(COMPLETIONS, body, random.nextBoolean(), isLong);
    }

    private static void sample(JsonValue.Builder body, Random random) {
        body.put("temperature", random.nextBoolean() ? 0.9 : 0.0);
        body.put("seed", (long) random.nextInt(1_000_000));
        if (random.nextInt(4) == 0) {
            body.put("frequency_penalty", 0.3).put("top_p", 0.9);
        }
    }

    private static JsonValue question(Random random) {
        return JsonValue.array(
                List.of(
                        JsonObject.builder()
                                .put("role", "user")
                                .put("content", QUESTIONS.get(random.nextInt(QUESTIONS.size())))
                                .build()));
    }

    private static MixedAsk streamed(
            String path, JsonValue.Builder body, boolean streams, boolean isLong) {
        if (streams) {
            body.put("stream", true);
            body.put("stream_options", JsonReader.read("{\"include_usage\":true}"));
        }
        return new MixedAsk(path, body.build(), streams, isLong);
    }
}
