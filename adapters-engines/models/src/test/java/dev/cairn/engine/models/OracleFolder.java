package dev.cairn.engine.models;

import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A folder of a model with what the reference implementation answered for it, {@code oracle.json}.
 */
record OracleFolder(Path path, JsonObject answers) {

    static OracleFolder read(Path path) {
        try {
            return new OracleFolder(
                    path,
                    (JsonObject) JsonReader.read(Files.readString(path.resolve("oracle.json"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code --model} would be. */
    String location() {
        Path gguf = path.resolve("model.gguf");
        return (Files.exists(gguf) ? gguf : path).toString();
    }

    record TextCase(
            Optional<String> text,
            int[] ids,
            int[] idsWithSpecial,
            String decoded,
            Optional<String> decodedSkippingSpecial) {}

    List<TextCase> texts() {
        return objects("text")
                .map(
                        entry -> {
                            boolean idsOnly = entry.member("ids_only") != null;
                            int[] bare =
                                    ints(
                                            entry.member(
                                                    idsOnly ? "ids_only" : "ids_without_special"));
                            return new TextCase(
                                    idsOnly ? Optional.empty() : Optional.of(text(entry, "text")),
                                    bare,
                                    idsOnly ? bare : ints(entry.member("ids")),
                                    text(entry, "decoded"),
                                    Optional.of(text(entry, "decoded_skip_special")));
                        });
    }

    /**
     * @param rendered the reference's prompt; empty where it refused
     * @param refusal words that a refusal must have, if the template itself refused
     */
    record ChatCase(
            Conversation conversation,
            Optional<String> rendered,
            int[] ids,
            Optional<String> refusal) {}

    List<ChatCase> chats() {
        return objects("chat")
                .map(
                        entry -> {
                            JsonObject conversation = (JsonObject) entry.member("conversation");
                            Optional<String> rendered =
                                    Optional.ofNullable(entry.member("rendered"))
                                            .map(value -> ((JsonString) value).value());
                            return new ChatCase(
                                    conversation(conversation),
                                    rendered,
                                    rendered.isPresent() ? ints(entry.member("ids")) : new int[0],
                                    entry.member("error") instanceof JsonString(String error)
                                            ? Optional.of(error)
                                            : Optional.empty());
                        });
    }

    private record Objects(List<JsonValue> values) {

        <T> List<T> map(Function<JsonObject, T> function) {
            return values.stream().map(value -> function.apply((JsonObject) value)).toList();
        }
    }

    private Objects objects(String key) {
        return new Objects(
                answers.member(key) instanceof JsonArray(List<JsonValue> values)
                        ? values
                        : List.of());
    }

    /** The conversation as an OpenAI client sends it: a tool call's arguments are JSON text. */
    static Conversation conversation(JsonObject sent) {
        JsonValue arguments = sent.member("chat_template_kwargs");
        return new Conversation(
                ((JsonArray) sent.member("messages"))
                        .values().stream().map(message -> asSent((JsonObject) message)).toList(),
                sent.member("tools") instanceof JsonArray(List<JsonValue> tools)
                        ? tools
                        : List.of(),
                truth(sent, "add_generation_prompt", true),
                truth(sent, "continue_final_message", false),
                arguments instanceof JsonObject object ? object : JsonObject.empty(),
                sent.member("chat_template") instanceof JsonString(String template)
                        ? Optional.of(template)
                        : Optional.empty());
    }

    private static JsonObject asSent(JsonObject message) {
        if (!(message.member("tool_calls") instanceof JsonArray(List<JsonValue> calls))) {
            return message;
        }
        List<JsonObject> sent =
                calls.stream()
                        .map(
                                call -> {
                                    JsonObject function =
                                            (JsonObject) ((JsonObject) call).member("function");
                                    if (!(function.member("arguments")
                                            instanceof JsonObject arguments)) {
                                        return (JsonObject) call;
                                    }
                                    return with(
                                            (JsonObject) call,
                                            "function",
                                            with(
                                                    function,
                                                    "arguments",
                                                    JsonValue.of(JsonWriter.write(arguments))));
                                })
                        .toList();
        return with(message, "tool_calls", JsonValue.array(sent));
    }

    private static JsonObject with(JsonObject object, String name, JsonValue value) {
        Map<String, JsonValue> members = new LinkedHashMap<>(object.members());
        members.put(name, value);
        return new JsonObject(members);
    }

    private static boolean truth(JsonObject object, String key, boolean otherwise) {
        return object.member(key) instanceof JsonBoolean(boolean value) ? value : otherwise;
    }

    private static String text(JsonObject object, String key) {
        return ((JsonString) object.member(key)).value();
    }

    private static int[] ints(JsonValue value) {
        return ((JsonArray) value)
                .values().stream()
                        .mapToInt(id -> (int) ((JsonNumber) id).longValueExact())
                        .toArray();
    }
}
