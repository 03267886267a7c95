package dev.cairn.distribution.bench.prompt;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.Builder;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.stream.Collectors;

/** The two ways to ask for text. */
public enum Api {
    CHAT("/v1/chat/completions"),
    COMPLETIONS("/v1/completions");

    private final String path;

    Api(String path) {
        this.path = path;
    }

    public String path() {
        return path;
    }

    /** Puts a conversation into a body; a completion gets its texts one after the other. */
    public Builder put(Builder body, List<Message> messages) {
        return switch (this) {
            case CHAT ->
                    body.put(
                            "messages",
                            JsonValue.array(messages.stream().map(Message::json).toList()));
            case COMPLETIONS -> body.put("prompt", text(messages));
        };
    }

    static String text(List<Message> messages) {
        return messages.stream().map(Message::content).collect(Collectors.joining("\n"));
    }

    JsonObject body(List<Message> messages) {
        return put(JsonObject.builder(), messages).build();
    }
}
