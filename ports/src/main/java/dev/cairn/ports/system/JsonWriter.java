package dev.cairn.ports.system;

import java.util.Map;

/**
 * Writes JSON as compactly as it can be written, non-ASCII characters as they are. Unpaired
 * surrogates are escaped, so that the text survives any encoder. One thread.
 */
public final class JsonWriter {

    private static final String HEX = "0123456789abcdef";

    private JsonWriter() {}

    public static String write(JsonValue value) {
        var out = new StringBuilder(256);
        write(value, out);
        return out.toString();
    }

    public static void write(JsonValue value, StringBuilder out) {
        switch (value) {
            case JsonValue.JsonNull() -> out.append("null");
            case JsonValue.JsonBoolean(boolean flag) -> out.append(flag);
            case JsonValue.JsonNumber(String literal) -> out.append(literal);
            case JsonValue.JsonString(String text) -> quote(text, out);
            case JsonValue.JsonArray(var values) -> {
                out.append('[');
                for (int i = 0; i < values.size(); i++) {
                    if (i > 0) {
                        out.append(',');
                    }
                    write(values.get(i), out);
                }
                out.append(']');
            }
            case JsonValue.JsonObject(var members) -> {
                out.append('{');
                boolean first = true;
                for (Map.Entry<String, JsonValue> member : members.entrySet()) {
                    if (!first) {
                        out.append(',');
                    }
                    first = false;
                    quote(member.getKey(), out);
                    out.append(':');
                    write(member.getValue(), out);
                }
                out.append('}');
            }
        }
    }

    /** Appends a string literal with its quotes. */
    public static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || isUnpairedSurrogate(text, i)) {
                        unicode(c, out);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean isUnpairedSurrogate(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 >= text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c)
                && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    private static void unicode(char c, StringBuilder out) {
        out.append("\\u")
                .append(HEX.charAt(c >> 12))
                .append(HEX.charAt((c >> 8) & 15))
                .append(HEX.charAt((c >> 4) & 15))
                .append(HEX.charAt(c & 15));
    }
}
