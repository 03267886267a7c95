package dev.cairn.ports.system;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON (RFC 8259), strictly: no comments, no trailing commas, no duplicate members, nothing
 * after the value.
 *
 * <p>Memory is bounded by the text; nesting by {@code maxDepth}, so that a hostile text cannot
 * exhaust the stack. One thread.
 */
public final class JsonReader {

    /** Deeper than any request or model file that is meant to be read. */
    public static final int DEFAULT_MAX_DEPTH = 128;

    private final String text;
    private final int maxDepth;
    private final boolean lastWins;
    private int at;

    private JsonReader(String text, int maxDepth, boolean lastWins) {
        this.text = text;
        this.maxDepth = maxDepth;
        this.lastWins = lastWins;
    }

    /**
     * @throws JsonException if the text is not one JSON value
     */
    public static JsonValue read(String text) {
        return read(text, DEFAULT_MAX_DEPTH);
    }

    /**
     * @throws JsonException if the text is not one JSON value, or nested deeper than maxDepth
     */
    public static JsonValue read(String text, int maxDepth) {
        return new JsonReader(text, maxDepth, false).whole();
    }

    /**
     * What a model wrote, read as most readers do: of members of one name, which RFC 8259 leaves
     * open, the last counts. Nested to {@link #DEFAULT_MAX_DEPTH}.
     *
     * @throws JsonException if the text is not one JSON value
     */
    public static JsonValue readLastWins(String text) {
        return new JsonReader(text, DEFAULT_MAX_DEPTH, true).whole();
    }

    private JsonValue whole() {
        skipSpace();
        JsonValue value = value(0);
        skipSpace();
        if (at < text.length()) {
            throw new JsonException("unexpected text after the value", at);
        }
        return value;
    }

    private JsonValue value(int depth) {
        if (depth > maxDepth) {
            throw new JsonException("nested deeper than " + maxDepth, at);
        }
        if (at >= text.length()) {
            throw new JsonException("a value is missing", at);
        }
        char first = text.charAt(at);
        return switch (first) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> new JsonValue.JsonString(string());
            case 't' -> literal("true", new JsonValue.JsonBoolean(true));
            case 'f' -> literal("false", new JsonValue.JsonBoolean(false));
            case 'n' -> literal("null", JsonValue.NULL);
            default -> number();
        };
    }

    private JsonValue literal(String word, JsonValue value) {
        if (!text.startsWith(word, at)) {
            throw new JsonException("unknown word", at);
        }
        at += word.length();
        return value;
    }

    private JsonValue object(int depth) {
        at++;
        Map<String, JsonValue> members = new LinkedHashMap<>();
        skipSpace();
        if (peek() == '}') {
            at++;
            return JsonValue.JsonObject.empty();
        }
        while (true) {
            skipSpace();
            if (peek() != '"') {
                throw new JsonException("a member's name in double quotes is missing", at);
            }
            int start = at;
            String name = string();
            skipSpace();
            expect(':');
            skipSpace();
            if (members.put(name, value(depth + 1)) != null && !lastWins) {
                throw new JsonException(
                        "member \"" + abbreviated(name) + "\" appears twice", start);
            }
            skipSpace();
            if (peek() == ',') {
                at++;
            } else {
                expect('}');
                return new JsonValue.JsonObject(members);
            }
        }
    }

    private JsonValue array(int depth) {
        at++;
        List<JsonValue> values = new ArrayList<>();
        skipSpace();
        if (peek() == ']') {
            at++;
            return new JsonValue.JsonArray(values);
        }
        while (true) {
            skipSpace();
            values.add(value(depth + 1));
            skipSpace();
            if (peek() == ',') {
                at++;
            } else {
                expect(']');
                return new JsonValue.JsonArray(values);
            }
        }
    }

    private String string() {
        int start = ++at;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '"') {
                return text.substring(start, at++);
            }
            if (c == '\\') {
                return escapedString(start);
            }
            if (c < ' ') {
                throw new JsonException("a control character in a string must be escaped", at);
            }
            at++;
        }
        throw new JsonException("a string has no end", start - 1);
    }

    private String escapedString(int start) {
        var result =
                new StringBuilder(text.length() - start < 64 ? 64 : at - start + 64)
                        .append(text, start, at);
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return result.toString();
            }
            if (c < ' ') {
                throw new JsonException("a control character in a string must be escaped", at - 1);
            }
            result.append(c == '\\' ? escape() : c);
        }
        throw new JsonException("a string has no end", start - 1);
    }

    private char escape() {
        if (at >= text.length()) {
            throw new JsonException("a string has no end", at);
        }
        char kind = text.charAt(at++);
        return switch (kind) {
            case '"', '\\', '/' -> kind;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hex();
            default -> throw new JsonException("unknown escape", at - 2);
        };
    }

    private char hex() {
        if (at + 4 > text.length()) {
            throw new JsonException("four hexadecimal digits are missing", at);
        }
        int code = 0;
        for (int end = at + 4; at < end; at++) {
            int digit = Character.digit(text.charAt(at), 16);
            if (digit < 0 || text.charAt(at) > 'f') {
                throw new JsonException("four hexadecimal digits are missing", at);
            }
            code = code * 16 + digit;
        }
        return (char) code;
    }

    private JsonValue number() {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits(start);
        }
        if (peek() == '.') {
            at++;
            digits(start);
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits(start);
        }
        return new JsonValue.JsonNumber(text.substring(start, at));
    }

    private void digits(int start) {
        int first = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == first) {
            throw new JsonException("this is no JSON value", start);
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw new JsonException("'" + wanted + "' is missing", at);
        }
        at++;
    }

    private void skipSpace() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return;
            }
            at++;
        }
    }

    private static String abbreviated(String name) {
        return name.length() <= 60 ? name : name.substring(0, 60) + "…";
    }
}
