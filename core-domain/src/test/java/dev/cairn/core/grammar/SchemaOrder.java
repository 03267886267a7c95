package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Texts of a value: members in the order in which a schema names them first, or as they come. */
final class SchemaOrder {

    private final List<String> names;

    SchemaOrder(JsonValue schema) {
        Set<String> declared = new LinkedHashSet<>();
        Set<String> required = new LinkedHashSet<>();
        collect(schema, declared, required);
        declared.addAll(required);
        this.names = new ArrayList<>(declared);
    }

    private static void collect(JsonValue schema, Set<String> declared, Set<String> required) {
        switch (schema) {
            case JsonArray(var values) -> values.forEach(each -> collect(each, declared, required));
            case JsonObject object -> {
                if (object.member("properties") instanceof JsonObject(var properties)) {
                    declared.addAll(properties.keySet());
                }
                if (object.member("required") instanceof JsonArray(var some)) {
                    some.forEach(
                            name -> {
                                if (name instanceof JsonString(var text)) {
                                    required.add(text);
                                }
                            });
                }
                object.members().values().forEach(each -> collect(each, declared, required));
            }
            default -> {}
        }
    }

    /** Without blanks, and with one behind each comma and colon. */
    List<String> texts(JsonValue value) {
        JsonValue ordered = ordered(value);
        var spaced = new StringBuilder();
        write(ordered, spaced);
        return List.of(JsonWriter.write(ordered), spaced.toString(), JsonWriter.write(value));
    }

    private JsonValue ordered(JsonValue value) {
        return switch (value) {
            case JsonObject(var members) -> {
                List<String> keys = new ArrayList<>(members.keySet());
                keys.sort((a, b) -> Integer.compare(place(a), place(b)));
                JsonObject.Builder all = JsonObject.builder();
                keys.forEach(key -> all.put(key, ordered(members.get(key))));
                yield all.build();
            }
            case JsonArray(var values) ->
                    new JsonArray(values.stream().map(this::ordered).toList());
            case JsonNumber(var literal) -> plain(new BigDecimal(literal));
            default -> value;
        };
    }

    private int place(String name) {
        int place = names.indexOf(name);
        return place < 0 ? names.size() : place;
    }

    private static JsonNumber plain(BigDecimal number) {
        return new JsonNumber(
                number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString());
    }

    private static void write(JsonValue value, StringBuilder out) {
        switch (value) {
            case JsonObject(var members) -> {
                out.append('{');
                members.forEach(
                        (name, each) -> {
                            out.append(out.charAt(out.length() - 1) == '{' ? "" : ", ");
                            JsonWriter.quote(name, out);
                            out.append(": ");
                            write(each, out);
                        });
                out.append('}');
            }
            case JsonArray(var values) -> {
                out.append('[');
                for (int i = 0; i < values.size(); i++) {
                    out.append(i == 0 ? "" : ", ");
                    write(values.get(i), out);
                }
                out.append(']');
            }
            default -> JsonWriter.write(value, out);
        }
    }
}
