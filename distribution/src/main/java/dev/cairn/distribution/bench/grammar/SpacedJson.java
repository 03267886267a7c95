package dev.cairn.distribution.bench.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.util.Map;

/** JSON on one line with a space behind every comma and colon, as Python writes it. */
final class SpacedJson {

    private SpacedJson() {}

    static String write(JsonValue value) {
        var out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(JsonValue value, StringBuilder out) {
        switch (value) {
            case JsonObject(var members) -> {
                String between = "{";
                for (Map.Entry<String, JsonValue> member : members.entrySet()) {
                    out.append(between).append(JsonWriter.write(JsonValue.of(member.getKey())));
                    write(member.getValue(), out.append(": "));
                    between = ", ";
                }
                out.append(members.isEmpty() ? "{}" : "}");
            }
            case JsonArray(var elements) -> {
                String between = "[";
                for (JsonValue element : elements) {
                    write(element, out.append(between));
                    between = ", ";
                }
                out.append(elements.isEmpty() ? "[]" : "]");
            }
            default -> out.append(JsonWriter.write(value));
        }
    }
}
