package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Schemas by chance, each with an instance that it allows. */
final class RandomSchema {

    private static final List<String> WORDS = List.of("a", "abc", "é\"\\", "name", "日本 😀", "");

    private final SplittableRandom random;

    RandomSchema(SplittableRandom random) {
        this.random = random;
    }

    /** A schema and a value that it allows, written with properties in order. */
    record Case(JsonValue schema, JsonValue instance) {}

    Case next(int depth) {
        return switch (random.nextInt(depth > 0 ? 13 : 8)) {
            case 0 -> string();
            case 1 -> integer();
            case 2 -> number();
            case 3 -> constant();
            case 4 -> pattern();
            case 5 -> new Case(type("boolean").build(), JsonValue.of(random.nextBoolean()));
            case 6 -> new Case(type("null").build(), JsonValue.NULL);
            case 7 -> new Case(JsonValue.of(true), JsonValue.of(WORDS.get(random.nextInt(6))));
            case 8, 9 -> object(depth);
            case 10 -> array(depth);
            case 11 -> tuple(depth);
            default -> choice(depth);
        };
    }

    private Case string() {
        int least = random.nextInt(4);
        int most = least + random.nextInt(4);
        String text = "";
        for (int n = least + random.nextInt(most - least + 1); n > 0; n--) {
            text += List.of("a", "é", "😀", "\"", "\n", "z").get(random.nextInt(6));
        }
        return new Case(
                type("string").put("minLength", least).put("maxLength", most).build(),
                JsonValue.of(text));
    }

    private Case integer() {
        long least = random.nextLong(-1500, 1500);
        long most = least + random.nextLong(0, 3000);
        long value = random.nextLong(least, most + 1);
        JsonObject.Builder schema = type("integer");
        if (random.nextBoolean()) {
            schema.put("minimum", least).put("exclusiveMaximum", most + 1);
        } else {
            schema.put("exclusiveMinimum", least - 1).put("maximum", most);
        }
        return new Case(schema.build(), JsonValue.of(value));
    }

    private Case number() {
        int least = random.nextInt(-30, 30);
        int most = least + 1 + random.nextInt(30);
        double value = least + random.nextInt(1, 8) / 8.0;
        boolean open = random.nextBoolean();
        return new Case(
                type("number")
                        .put(open ? "exclusiveMinimum" : "minimum", least)
                        .put(open ? "maximum" : "exclusiveMaximum", most)
                        .build(),
                JsonValue.of(value));
    }

    private Case constant() {
        List<JsonValue> values = new ArrayList<>();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            values.add(
                    random.nextBoolean()
                            ? JsonValue.of(WORDS.get(random.nextInt(6)))
                            : JsonValue.array(List.of(JsonValue.of(random.nextInt(50)))));
        }
        return new Case(
                JsonObject.builder().put("enum", JsonValue.array(values)).build(),
                values.get(random.nextInt(values.size())));
    }

    private Case pattern() {
        return switch (random.nextInt(3)) {
            case 0 ->
                    new Case(
                            type("string").put("pattern", "^[A-Z]{2}\\d+$").build(),
                            JsonValue.of("QX17"));
            case 1 ->
                    new Case(type("string").put("pattern", "b+").build(), JsonValue.of("ab\n\"c"));
            default ->
                    new Case(
                            type("string").put("pattern", "^\"|\\\\$").build(),
                            JsonValue.of("\"x"));
        };
    }

    private Case object(int depth) {
        JsonObject.Builder properties = JsonObject.builder();
        JsonObject.Builder instance = JsonObject.builder();
        List<JsonValue> required = new ArrayList<>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            Case each = next(depth - 1);
            String name = List.of("id", "name", "é\"", "items").get(i);
            properties.put(name, each.schema());
            boolean must = random.nextBoolean();
            if (must) {
                required.add(JsonValue.of(name));
            }
            if (must || random.nextBoolean()) {
                instance.put(name, each.instance());
            }
        }
        JsonObject.Builder schema =
                type("object")
                        .put("properties", properties.build())
                        .put("required", JsonValue.array(required));
        if (random.nextInt(3) == 0) {
            Case other = next(0);
            schema.put("additionalProperties", other.schema());
            instance.put("namely", other.instance()).put("i", other.instance());
        } else if (random.nextBoolean()) {
            schema.put("additionalProperties", false);
        }
        return new Case(schema.build(), instance.build());
    }

    private Case array(int depth) {
        Case each = next(depth - 1);
        int least = random.nextInt(3);
        int most = least + random.nextInt(3);
        List<JsonValue> values = new ArrayList<>();
        for (int n = least + random.nextInt(most - least + 1); n > 0; n--) {
            values.add(each.instance());
        }
        return new Case(
                type("array")
                        .put("items", each.schema())
                        .put("minItems", least)
                        .put("maxItems", most)
                        .build(),
                JsonValue.array(values));
    }

    private Case tuple(int depth) {
        Case first = next(depth - 1);
        Case second = next(depth - 1);
        Case rest = next(0);
        return new Case(
                type("array")
                        .put(
                                "prefixItems",
                                JsonValue.array(List.of(first.schema(), second.schema())))
                        .put("items", rest.schema())
                        .put("minItems", random.nextInt(4))
                        .build(),
                JsonValue.array(
                        List.of(
                                first.instance(),
                                second.instance(),
                                rest.instance(),
                                rest.instance())));
    }

    private Case choice(int depth) {
        Case a = next(depth - 1);
        Case b = next(depth - 1);
        String keyword = "anyOf";
        return new Case(
                JsonObject.builder()
                        .put(keyword, JsonValue.array(List.of(a.schema(), b.schema())))
                        .build(),
                random.nextBoolean() ? a.instance() : b.instance());
    }

    private static JsonObject.Builder type(String name) {
        return JsonObject.builder().put("type", name);
    }
}
