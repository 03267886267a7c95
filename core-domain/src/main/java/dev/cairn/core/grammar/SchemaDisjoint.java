package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Whether two schemas are seen at a glance to allow nothing in common. */
final class SchemaDisjoint {

    private final Function<JsonValue, JsonObject> flat;

    /**
     * @param flat a schema without references
     */
    SchemaDisjoint(Function<JsonValue, JsonObject> flat) {
        this.flat = flat;
    }

    boolean test(JsonObject a, JsonObject b) {
        List<JsonValue> valuesA = values(a);
        List<JsonValue> valuesB = values(b);
        if (valuesA != null && valuesB != null) {
            return valuesA.stream()
                    .noneMatch(left -> valuesB.stream().anyMatch(right -> mayEqual(left, right)));
        }
        List<JsonValue> typesA = types(a, valuesA);
        List<JsonValue> typesB = types(b, valuesB);
        if (typesA == null || typesB == null) {
            return false;
        }
        JsonValue object = new JsonString("object");
        boolean objects = false;
        for (JsonValue type : typesA) {
            if (typesB.contains(type)) {
                if (!type.equals(object)) {
                    return false;
                }
                objects = true;
            }
        }
        return !objects || toldApartByProperty(a, b);
    }

    private boolean toldApartByProperty(JsonObject a, JsonObject b) {
        if (!(a.member("properties") instanceof JsonObject(Map<String, JsonValue> left))
                || !(b.member("properties") instanceof JsonObject(Map<String, JsonValue> right))) {
            return false;
        }
        for (Map.Entry<String, JsonValue> entry : left.entrySet()) {
            JsonValue other = right.get(entry.getKey());
            if (other != null && requires(a, entry.getKey()) && requires(b, entry.getKey())) {
                List<JsonValue> valuesA = values(flat.apply(entry.getValue()));
                List<JsonValue> valuesB = values(flat.apply(other));
                if (valuesA != null
                        && valuesB != null
                        && valuesA.stream()
                                .noneMatch(x -> valuesB.stream().anyMatch(y -> mayEqual(x, y)))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Numbers are equal in more spellings than one, so two numbers or containers may be equal. */
    private static boolean mayEqual(JsonValue a, JsonValue b) {
        boolean plain = a instanceof JsonString || b instanceof JsonString;
        return plain || !a.getClass().equals(b.getClass())
                ? a.equals(b)
                : !(a instanceof JsonValue.JsonBoolean) || a.equals(b);
    }

    private static boolean requires(JsonObject schema, String name) {
        return schema.member("required") instanceof JsonArray(var names)
                && names.contains(new JsonString(name));
    }

    private static List<JsonValue> values(JsonObject schema) {
        if (schema.member("const") != null) {
            return List.of(schema.member("const"));
        }
        return schema.member("enum") instanceof JsonArray(var values) ? values : null;
    }

    /** Types with {@code integer} read as {@code number}; null where all are allowed. */
    private static List<JsonValue> types(JsonObject schema, List<JsonValue> values) {
        if (values != null) {
            return values.stream()
                    .<JsonValue>map(v -> new JsonString(SchemaTypes.typeOf(v)))
                    .toList();
        }
        JsonValue type = schema.member("type");
        if (type == null) {
            return null;
        }
        List<JsonValue> all = type instanceof JsonArray(var listed) ? listed : List.of(type);
        return all.stream()
                .map(t -> t.equals(new JsonString("integer")) ? new JsonString("number") : t)
                .toList();
    }
}
