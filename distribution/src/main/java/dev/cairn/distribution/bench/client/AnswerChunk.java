package dev.cairn.distribution.bench.client;

import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What an event of a streamed chat or completion says, in the dialects of OpenAI, vLLM, SGLang and
 * llama.cpp.
 *
 * @param text new text of the answer
 * @param speaks whether anything was generated: text, reasoning or a tool call
 */
record AnswerChunk(
        String text, boolean speaks, Optional<Streamed.TokenUsage> usage, Optional<String> error) {

    private static final List<String> SPEECH =
            List.of("text", "content", "reasoning_content", "reasoning");

    static AnswerChunk read(String event) throws IOException {
        JsonValue value;
        try {
            value = JsonReader.read(event);
        } catch (JsonException broken) {
            throw new IOException("an event is no JSON: " + broken.getMessage(), broken);
        }
        if (!(value instanceof JsonObject chunk)) {
            throw new IOException("an event is no JSON object");
        }
        Optional<String> error = error(chunk);
        StringBuilder text = new StringBuilder();
        boolean speaks = false;
        if (chunk.member("choices") instanceof JsonArray(var choices)) {
            for (JsonValue choice : choices) {
                speaks |= choice instanceof JsonObject object && readChoice(object, text);
            }
        }
        return new AnswerChunk(text.toString(), speaks, usage(chunk), error);
    }

    /** The message of an error object, of a body or of an event within a stream. */
    static Optional<String> error(JsonObject body) {
        return switch (body.member("error")) {
            case JsonObject error when error.member("message") instanceof JsonString(var said) ->
                    Optional.of(said);
            case JsonString(var said) -> Optional.of(said);
            case null, default ->
                    "error".equals(string(body, "object"))
                            ? Optional.of(string(body, "message"))
                            : Optional.empty();
        };
    }

    static Optional<Streamed.TokenUsage> usage(JsonObject body) {
        if (!(body.member("usage") instanceof JsonObject usage)) {
            return Optional.empty();
        }
        Optional<Long> cached =
                usage.member("prompt_tokens_details") instanceof JsonObject details
                        ? number(details, "cached_tokens")
                        : Optional.empty();
        return number(usage, "completion_tokens")
                .map(
                        completion ->
                                new Streamed.TokenUsage(
                                        number(usage, "prompt_tokens").orElse(0L),
                                        completion,
                                        cached));
    }

    private static boolean readChoice(JsonObject choice, StringBuilder text) {
        JsonObject said = choice.member("delta") instanceof JsonObject delta ? delta : choice;
        boolean speaks =
                said.member("tool_calls") instanceof JsonArray(var calls) && !calls.isEmpty();
        for (String name : SPEECH) {
            String part = string(said, name);
            speaks |= !part.isEmpty();
            if (name.equals("text") || name.equals("content")) {
                text.append(part);
            }
        }
        return speaks;
    }

    private static String string(JsonObject object, String name) {
        return object.member(name) instanceof JsonString(var text) ? text : "";
    }

    private static Optional<Long> number(JsonObject object, String name) {
        return object.member(name) instanceof JsonNumber number
                        && number.isIntegerLiteral()
                        && number.doubleValue() >= 0
                        && number.doubleValue() < 1e15
                ? Optional.of(number.longValueExact())
                : Optional.empty();
    }
}
