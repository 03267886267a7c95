package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One schema that asserts what two assert, where that can be written. */
final class SchemaMerge {

    private final GrammarRules rules;

    SchemaMerge(GrammarRules rules) {
        this.rules = rules;
    }

    /**
     * Both at once.
     *
     * @throws dev.cairn.ports.request.RequestRefused where that cannot be written as one schema
     */
    JsonObject both(JsonObject a, JsonObject b) {
        if (mixesItems(a, b) || mixesItems(b, a)) {
            throw rules.refused(
                    "has the keyword \"items\" in one part of a combination and \"prefixItems\" in"
                            + " another, which cannot be held exactly; write both in one schema");
        }
        Map<String, JsonValue> all = new LinkedHashMap<>(a.members());
        b.members()
                .forEach(
                        (keyword, value) -> {
                            JsonValue before = all.get(keyword);
                            boolean same = before == null || before.equals(value);
                            all.put(keyword, same ? value : one(keyword, before, value));
                        });
        if (a.member("properties") != null || b.member("properties") != null) {
            Map<String, JsonValue> properties = new LinkedHashMap<>();
            add(a, b, properties);
            add(b, a, properties);
            all.put("properties", new JsonObject(properties));
        }
        if (all.containsKey("const") && all.containsKey("enum")) {
            JsonValue wanted = all.remove("const");
            all.put("enum", one("enum", JsonValue.array(List.of(wanted)), all.get("enum")));
        }
        return new JsonObject(all);
    }

    /** The items of one would speak of elements that the other's prefix speaks of. */
    private static boolean mixesItems(JsonObject a, JsonObject b) {
        return a.member("items") != null
                && b.member("prefixItems") != null
                && !b.member("prefixItems").equals(a.member("prefixItems"));
    }

    /** A property of one that the other does not name is an additional one there. */
    private static void add(JsonObject from, JsonObject other, Map<String, JsonValue> out) {
        if (!(from.member("properties") instanceof JsonObject(var own))) {
            return;
        }
        Map<String, JsonValue> others =
                other.member("properties") instanceof JsonObject(var named) ? named : Map.of();
        own.forEach(
                (name, schema) -> {
                    JsonValue also = others.get(name);
                    if (also == null) {
                        also = other.member("additionalProperties");
                    }
                    JsonValue before = out.get(name);
                    if (before == null) {
                        out.put(
                                name,
                                also == null || also.equals(schema) ? schema : allOf(schema, also));
                    }
                });
    }

    private static JsonValue allOf(JsonValue a, JsonValue b) {
        return JsonObject.empty().equals(a)
                ? b
                : JsonObject.builder().put("allOf", JsonValue.array(List.of(a, b))).build();
    }

    private JsonValue one(String keyword, JsonValue a, JsonValue b) {
        return switch (keyword) {
            case "minLength", "minItems", "minimum", "exclusiveMinimum" ->
                    number(keyword, a) > number(keyword, b) ? a : b;
            case "maxLength", "maxItems", "maximum", "exclusiveMaximum" ->
                    number(keyword, a) < number(keyword, b) ? a : b;
            case "properties" -> a;
            case "additionalProperties", "items" -> allOf(a, b);
            case "required" -> {
                Set<JsonValue> names = new LinkedHashSet<>(list(keyword, a));
                names.addAll(list(keyword, b));
                yield JsonValue.array(new ArrayList<>(names));
            }
            case "enum" -> {
                List<JsonValue> kept = new ArrayList<>(list(keyword, a));
                kept.retainAll(list(keyword, b));
                yield JsonValue.array(kept);
            }
            case "type" -> types(a, b);
            default ->
                    throw rules.refused(
                            "has the keyword \""
                                    + keyword
                                    + "\" twice with different values (by allOf, anyOf, oneOf or"
                                    + " $ref), which cannot be held exactly");
        };
    }

    private static JsonValue types(JsonValue a, JsonValue b) {
        List<JsonValue> left = a instanceof JsonArray(var values) ? values : List.of(a);
        List<JsonValue> right = b instanceof JsonArray(var values) ? values : List.of(b);
        JsonValue number = new JsonString("number");
        JsonValue integer = new JsonString("integer");
        Set<JsonValue> both = new LinkedHashSet<>();
        for (JsonValue type : left) {
            if (right.contains(type) || type.equals(integer) && right.contains(number)) {
                both.add(type);
            } else if (type.equals(number) && right.contains(integer)) {
                both.add(integer);
            }
        }
        return JsonValue.array(new ArrayList<>(both));
    }

    private List<JsonValue> list(String keyword, JsonValue value) {
        if (value instanceof JsonArray(var values)) {
            return values;
        }
        throw rules.refused("has a \"" + keyword + "\" that is no list");
    }

    private double number(String keyword, JsonValue value) {
        if (value instanceof JsonValue.JsonNumber number) {
            return number.doubleValue();
        }
        throw rules.refused("has a \"" + keyword + "\" that is no number");
    }
}
