package dev.cairn.distribution.bench.prompt;

import dev.cairn.ports.system.JsonValue.JsonObject;

/**
 * A message of a conversation.
 *
 * @param role {@code system}, {@code user} or {@code assistant}: what every chat template takes
 */
public record Message(String role, String content) {

    static Message system(String content) {
        return new Message("system", content);
    }

    static Message user(String content) {
        return new Message("user", content);
    }

    /** An answer that was given, as the next prompt repeats it. */
    public static Message assistant(String content) {
        return new Message("assistant", content);
    }

    JsonObject json() {
        return JsonObject.builder().put("role", role).put("content", content).build();
    }
}
