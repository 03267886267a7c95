package dev.cairn.serving;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNull;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * A random JSON Schema with its own idea of which values it allows.
 *
 * @param allows judged by what was drawn, not by reading the schema
 */
record MadeSchema(JsonObject schema, Predicate<JsonValue> allows) {

    private static final List<String> NAMES = List.of("city", "days", "ok", "tags", "näme", "x");

    static MadeSchema object(RandomGenerator random, int depth) {
        Map<String, MadeSchema> members = new LinkedHashMap<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            members.put(NAMES.get(random.nextInt(NAMES.size())), any(random, depth - 1));
        }
        var properties = JsonObject.builder();
        List<JsonValue> required = new ArrayList<>();
        members.forEach(
                (name, member) -> {
                    properties.put(name, member.schema());
                    if (random.nextInt(3) > 0) {
                        required.add(JsonValue.of(name));
                    }
                });
        return new MadeSchema(
                JsonObject.builder()
                        .put("type", "object")
                        .put("properties", properties.build())
                        .put("required", JsonValue.array(required))
                        .put("additionalProperties", false)
                        .build(),
                value ->
                        value instanceof JsonObject object
                                && required.stream()
                                        .allMatch(name -> object.member(text(name)) != null)
                                && object.members().entrySet().stream()
                                        .allMatch(
                                                entry ->
                                                        members.containsKey(entry.getKey())
                                                                && members.get(entry.getKey())
                                                                        .allows()
                                                                        .test(entry.getValue())));
    }

    private static MadeSchema any(RandomGenerator random, int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> integer(random);
            case 1 -> string(random);
            case 2 -> words(random);
            case 3 -> typed("boolean", JsonBoolean.class);
            case 4 -> typed("null", JsonNull.class);
            case 5 -> array(random, depth);
            default -> object(random, depth);
        };
    }

    private static MadeSchema typed(String type, Class<? extends JsonValue> kind) {
        return new MadeSchema(JsonObject.builder().put("type", type).build(), kind::isInstance);
    }

    private static MadeSchema integer(RandomGenerator random) {
        long least = random.nextInt(-20, 20);
        long most = least + random.nextInt(200);
        return new MadeSchema(
                JsonObject.builder()
                        .put("type", "integer")
                        .put("minimum", least)
                        .put("maximum", most)
                        .build(),
                value ->
                        value instanceof JsonNumber number
                                && number.longValueExact() >= least
                                && number.longValueExact() <= most);
    }

    private static MadeSchema string(RandomGenerator random) {
        int most = 1 + random.nextInt(8);
        return new MadeSchema(
                JsonObject.builder().put("type", "string").put("maxLength", (long) most).build(),
                value ->
                        value instanceof JsonString(String text)
                                && text.codePointCount(0, text.length()) <= most);
    }

    private static MadeSchema words(RandomGenerator random) {
        List<JsonValue> words = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            words.add(JsonValue.of("w" + i));
        }
        return new MadeSchema(
                JsonObject.builder().put("enum", JsonValue.array(words)).build(), words::contains);
    }

    private static MadeSchema array(RandomGenerator random, int depth) {
        MadeSchema items = any(random, depth - 1);
        int most = 1 + random.nextInt(3);
        return new MadeSchema(
                JsonObject.builder()
                        .put("type", "array")
                        .put("items", items.schema())
                        .put("maxItems", (long) most)
                        .build(),
                value ->
                        value instanceof JsonArray(var values)
                                && values.size() <= most
                                && values.stream().allMatch(items.allows()));
    }

    private static String text(JsonValue name) {
        return ((JsonString) name).value();
    }
}
