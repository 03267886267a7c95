package dev.cairn.transport.http;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNull;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;

/**
 * What an error repeats of a request: short, so that a small bad request cannot make a large
 * answer.
 */
final class Echo {

    /** Characters of input in one message, at most. */
    static final int LIMIT = 100;

    private Echo() {}

    static String of(JsonValue value) {
        return switch (value) {
            case JsonNull() -> "null";
            case JsonBoolean(boolean flag) -> Boolean.toString(flag);
            case JsonNumber(String literal) -> of(literal);
            case JsonString(String text) -> "\"" + of(text) + "\"";
            case JsonArray(var values) -> "a list of " + values.size();
            case JsonObject _ -> "an object";
        };
    }

    static String of(String text) {
        if (text.length() <= LIMIT) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(LIMIT - 1)) ? LIMIT - 1 : LIMIT;
        return text.substring(0, end) + "…";
    }
}
