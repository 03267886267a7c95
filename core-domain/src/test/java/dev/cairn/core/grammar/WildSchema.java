package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Schemas of any keywords in any company, by chance; some have no value, some are refused. */
final class WildSchema {

    private static final List<String> NAMES = List.of("a", "b", "ab", "id", "é\"");
    private static final List<String> PATTERNS =
            List.of("^a", "b$", "^[a-c]+$", "^x-", "[0-9]{2}", "^.{2,4}$", "^(ab|ba)*$");

    private final SplittableRandom random;

    WildSchema(SplittableRandom random) {
        this.random = random;
    }

    JsonValue next() {
        JsonObject.Builder root = JsonObject.builder();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema(3).members().forEach(root::put);
        return root.put(
                        "$defs",
                        JsonObject.builder().put("one", schema(2)).put("two", schema(1)).build())
                .build();
    }

    private JsonValue any(int depth) {
        return random.nextInt(12) == 0 ? JsonValue.of(random.nextInt(4) > 0) : schema(depth);
    }

    private JsonObject schema(int depth) {
        JsonObject.Builder out = JsonObject.builder();
        int kind = random.nextInt(depth > 0 ? 9 : 5);
        switch (kind) {
            case 0 -> string(out);
            case 1 -> number(out);
            case 2 -> out.put("enum", JsonValue.array(constants(1 + random.nextInt(4))));
            case 3 -> out.put("type", random.nextBoolean() ? "boolean" : "null");
            case 4 -> out.put("const", constants(1).getFirst());
            case 5, 6 -> object(out, depth);
            case 7 -> array(out, depth);
            default -> out.put("$ref", random.nextBoolean() ? "#/$defs/one" : "#/$defs/two");
        }
        if (depth > 0 && random.nextInt(4) == 0) {
            combination(out, depth);
        }
        return out.build();
    }

    private void combination(JsonObject.Builder out, int depth) {
        switch (random.nextInt(6)) {
            case 0 -> out.put("anyOf", several(depth));
            case 1 -> out.put("oneOf", several(depth));
            case 2 -> out.put("allOf", several(depth));
            case 3 -> out.put("not", schema(depth - 1));
            case 4 -> out.put("if", schema(depth - 1)).put("then", any(depth - 1));
            default ->
                    out.put("if", schema(depth - 1))
                            .put("then", any(depth - 1))
                            .put("else", any(depth - 1));
        }
    }

    private JsonValue several(int depth) {
        List<JsonValue> all = new ArrayList<>();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            all.add(any(depth - 1));
        }
        return JsonValue.array(all);
    }

    private void string(JsonObject.Builder out) {
        maybe(9, () -> out.put("type", "string"));
        maybe(4, () -> out.put("minLength", random.nextInt(4)));
        maybe(4, () -> out.put("maxLength", 2 + random.nextInt(6)));
        maybe(4, () -> out.put("pattern", pattern()));
    }

    private void number(JsonObject.Builder out) {
        maybe(9, () -> out.put("type", random.nextBoolean() ? "integer" : "number"));
        maybe(4, () -> out.put("minimum", random.nextInt(-400, 100) / 8.0));
        maybe(3, () -> out.put("exclusiveMaximum", random.nextInt(-50, 300) / 4.0));
        maybe(3, () -> out.put("maximum", random.nextInt(-50, 3000)));
        maybe(
                3,
                () ->
                        out.put(
                                "multipleOf",
                                List.of(JsonValue.of(3), JsonValue.of(0.25), JsonValue.of(20))
                                        .get(random.nextInt(3))));
    }

    private void object(JsonObject.Builder out, int depth) {
        maybe(9, () -> out.put("type", "object"));
        maybe(8, () -> out.put("properties", named(depth)));
        maybe(5, () -> out.put("required", names()));
        maybe(4, () -> out.put("additionalProperties", any(depth - 1)));
        maybe(
                2,
                () ->
                        out.put(
                                "patternProperties",
                                JsonObject.builder().put(pattern(), any(depth - 1)).build()));
        maybe(1, () -> out.put("propertyNames", schema(0)));
        maybe(2, () -> out.put("minProperties", random.nextInt(3)));
        maybe(2, () -> out.put("maxProperties", 1 + random.nextInt(4)));
        maybe(
                2,
                () ->
                        out.put(
                                "dependentRequired",
                                JsonObject.builder().put(name(), names()).build()));
        maybe(1, () -> out.put("dependentSchemas", named(depth)));
        maybe(1, () -> out.put("unevaluatedProperties", any(depth - 1)));
    }

    private void array(JsonObject.Builder out, int depth) {
        maybe(9, () -> out.put("type", "array"));
        maybe(6, () -> out.put("items", any(depth - 1)));
        maybe(2, () -> out.put("prefixItems", several(depth)));
        maybe(3, () -> out.put("minItems", random.nextInt(3)));
        maybe(4, () -> out.put("maxItems", 1 + random.nextInt(4)));
        maybe(1, () -> out.put("uniqueItems", JsonValue.of(true)));
        maybe(2, () -> out.put("contains", any(depth - 1)));
    }

    private JsonObject named(int depth) {
        JsonObject.Builder all = JsonObject.builder();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            all.put(name(), any(depth - 1));
        }
        return all.build();
    }

    private JsonValue names() {
        return JsonValue.array(List.of(JsonValue.of(name())));
    }

    private List<JsonValue> constants(int count) {
        List<JsonValue> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(
                    switch (random.nextInt(6)) {
                        case 0 -> JsonValue.of(random.nextInt(-3, 30));
                        case 1 -> JsonValue.of(random.nextInt(-3, 30) / 4.0);
                        case 2 -> JsonValue.array(List.of(JsonValue.of(random.nextInt(3))));
                        case 3 -> JsonObject.builder().put(name(), random.nextInt(3)).build();
                        case 4 -> JsonValue.NULL;
                        default -> JsonValue.of(name() + random.nextInt(3));
                    });
        }
        return all;
    }

    private String name() {
        return NAMES.get(random.nextInt(NAMES.size()));
    }

    private String pattern() {
        return PATTERNS.get(random.nextInt(PATTERNS.size()));
    }

    private void maybe(int tenths, Runnable then) {
        if (random.nextInt(10) < tenths) {
            then.run();
        }
    }
}
