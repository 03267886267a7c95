package dev.cairn.engine.remote;

import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The prompt of a body, as engines make it of one: what the routing of requests by cache blocks
 * needs to know. Of what is not plain text (pictures, several prompts at once) nothing is made.
 *
 * <p>Threads: any.
 */
final class PromptText {

    private PromptText() {}

    /**
     * @param path {@code /v1/chat/completions} or {@code /v1/completions}
     * @param body that was found to be sound
     * @return empty if it is of a kind that is not read
     */
    static Optional<Prompt> of(String path, byte[] body) {
        if (!(JsonReader.read(new String(body, StandardCharsets.UTF_8))
                instanceof JsonObject all)) {
            return Optional.empty();
        }
        return path.equals("/v1/chat/completions") ? chat(all) : completion(all);
    }

    private static Optional<Prompt> completion(JsonObject all) {
        boolean special = flag(all, "add_special_tokens", true);
        return switch (all.member("prompt")) {
            case JsonString(var text) -> Optional.of(new Prompt.Text(text, special));
            case JsonArray(var ids) -> ids(ids).map(Prompt.TokenIds::new);
            case null, default -> Optional.empty();
        };
    }

    private static Optional<int[]> ids(List<JsonValue> values) {
        int[] ids = new int[values.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!(values.get(i) instanceof JsonNumber number)) {
                return Optional.empty();
            }
            ids[i] = (int) number.doubleValue();
        }
        return Optional.of(ids);
    }

    private static Optional<Prompt> chat(JsonObject all) {
        if (!(all.member("messages") instanceof JsonArray(var values))
                || all.member("chat_template") instanceof JsonString) {
            return Optional.empty();
        }
        List<JsonObject> messages = new ArrayList<>(values.size());
        for (JsonValue value : values) {
            if (!(value instanceof JsonObject message) || !isText(message.member("content"))) {
                return Optional.empty();
            }
            messages.add(message);
        }
        boolean continued = flag(all, "continue_final_message", false);
        return Optional.of(
                new Prompt.Chat(
                        new Conversation(
                                messages,
                                all.member("tools") instanceof JsonArray(var tools)
                                        ? tools
                                        : List.of(),
                                flag(all, "add_generation_prompt", !continued),
                                continued,
                                arguments(all),
                                Optional.empty()),
                        flag(all, "add_special_tokens", false)));
    }

    private static JsonObject arguments(JsonObject all) {
        return all.member("chat_template_kwargs") instanceof JsonObject arguments
                ? arguments
                : JsonObject.builder().build();
    }

    private static boolean isText(JsonValue content) {
        return !(content instanceof JsonArray(var parts))
                || parts.stream()
                        .allMatch(
                                part ->
                                        part instanceof JsonString
                                                || (part instanceof JsonObject object
                                                        && object.member("type")
                                                                instanceof JsonString(var type)
                                                        && type.equals("text")));
    }

    private static boolean flag(JsonObject all, String name, boolean usual) {
        return all.member(name) instanceof JsonBoolean(var value) ? value : usual;
    }
}
