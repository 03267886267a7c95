package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** JSON Schema 2020-12 as its text says, for the keywords that the tests use. */
final class Validator {

    private final JsonValue root;

    Validator(JsonValue root) {
        this.root = root;
    }

    /**
     * Whether a text is valid. A free member's name may come twice, of which the last counts, and
     * free values may nest deeper than the reader goes.
     */
    boolean validatesText(String text) {
        try {
            return validates(JsonReader.readLastWins(text));
        } catch (JsonException problem) {
            return problem.getMessage().contains("deeper");
        }
    }

    boolean validates(JsonValue value) {
        return is(root, value);
    }

    private boolean is(JsonValue schema, JsonValue value) {
        if (schema instanceof JsonValue.JsonBoolean(boolean all)) {
            return all;
        }
        JsonObject object = (JsonObject) schema;
        return object.members().entrySet().stream()
                .allMatch(keyword -> holds(keyword.getKey(), keyword.getValue(), object, value));
    }

    private boolean holds(String keyword, JsonValue wanted, JsonObject schema, JsonValue value) {
        return switch (keyword) {
            case "$ref" -> is(find(((JsonString) wanted).value()), value);
            case "type" ->
                    list(wanted).stream().anyMatch(t -> type(((JsonString) t).value(), value));
            case "const" -> equal(wanted, value);
            case "enum" -> list(wanted).stream().anyMatch(each -> equal(each, value));
            case "allOf" -> list(wanted).stream().allMatch(each -> is(each, value));
            case "anyOf" -> list(wanted).stream().anyMatch(each -> is(each, value));
            case "oneOf" -> list(wanted).stream().filter(each -> is(each, value)).count() == 1;
            case "minLength" ->
                    !(value instanceof JsonString(var s)) || length(s) >= number(wanted);
            case "maxLength" ->
                    !(value instanceof JsonString(var s)) || length(s) <= number(wanted);
            case "pattern" ->
                    !(value instanceof JsonString(var s))
                            || Pattern.compile(((JsonString) wanted).value()).matcher(s).find();
            case "minimum" -> compare(value, wanted) >= 0;
            case "maximum" -> !(value instanceof JsonNumber) || compare(value, wanted) <= 0;
            case "exclusiveMinimum" -> !(value instanceof JsonNumber) || compare(value, wanted) > 0;
            case "exclusiveMaximum" -> !(value instanceof JsonNumber) || compare(value, wanted) < 0;
            case "minItems" -> !(value instanceof JsonArray(var v)) || v.size() >= number(wanted);
            case "maxItems" -> !(value instanceof JsonArray(var v)) || v.size() <= number(wanted);
            case "items" -> !(value instanceof JsonArray(var v)) || items(v, wanted, schema);
            case "prefixItems" -> !(value instanceof JsonArray(var v)) || prefix(v, list(wanted));
            case "required" ->
                    !(value instanceof JsonObject(var m))
                            || list(wanted).stream()
                                    .allMatch(n -> m.containsKey(((JsonString) n).value()));
            case "properties" ->
                    !(value instanceof JsonObject(var m))
                            || ((JsonObject) wanted)
                                    .members().entrySet().stream()
                                            .allMatch(
                                                    p ->
                                                            !m.containsKey(p.getKey())
                                                                    || is(
                                                                            p.getValue(),
                                                                            m.get(p.getKey())));
            case "additionalProperties" ->
                    !(value instanceof JsonObject(var m)) || others(m, wanted, schema);
            default -> true;
        };
    }

    private boolean others(Map<String, JsonValue> members, JsonValue wanted, JsonObject schema) {
        Map<String, JsonValue> named =
                schema.member("properties") instanceof JsonObject(var p) ? p : Map.of();
        return members.entrySet().stream()
                .allMatch(m -> named.containsKey(m.getKey()) || is(wanted, m.getValue()));
    }

    private boolean items(List<JsonValue> values, JsonValue wanted, JsonObject schema) {
        int from = schema.member("prefixItems") instanceof JsonArray(var p) ? p.size() : 0;
        return values.stream().skip(from).allMatch(each -> is(wanted, each));
    }

    private boolean prefix(List<JsonValue> values, List<JsonValue> wanted) {
        for (int i = 0; i < Math.min(values.size(), wanted.size()); i++) {
            if (!is(wanted.get(i), values.get(i))) {
                return false;
            }
        }
        return true;
    }

    private JsonValue find(String pointer) {
        JsonValue at = root;
        for (String step : pointer.split("/")) {
            at = step.equals("#") ? at : ((JsonObject) at).member(step);
        }
        return at;
    }

    private static boolean type(String name, JsonValue value) {
        return switch (name) {
            case "integer" ->
                    value instanceof JsonNumber(var literal)
                            && new BigDecimal(literal).stripTrailingZeros().scale() <= 0;
            case "number" -> value instanceof JsonNumber;
            case "string" -> value instanceof JsonString;
            case "array" -> value instanceof JsonArray;
            case "object" -> value instanceof JsonObject;
            case "boolean" -> value instanceof JsonValue.JsonBoolean;
            case "null" -> value instanceof JsonValue.JsonNull;
            default -> throw new AssertionError(name);
        };
    }

    private static boolean equal(JsonValue a, JsonValue b) {
        return a instanceof JsonNumber && b instanceof JsonNumber
                ? compare(a, b) == 0
                : a.equals(b);
    }

    private static int compare(JsonValue a, JsonValue b) {
        return a instanceof JsonNumber(var left)
                ? new BigDecimal(left).compareTo(new BigDecimal(((JsonNumber) b).literal()))
                : 0;
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static double number(JsonValue value) {
        return ((JsonNumber) value).doubleValue();
    }

    private static List<JsonValue> list(JsonValue value) {
        return value instanceof JsonArray(var values) ? values : List.of(value);
    }
}
