package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * From a JSON Schema (draft 2020-12) to rules: every text of the grammar validates.
 *
 * <p>Narrower than the schema where that keeps answers useful: properties come in the order that
 * they are declared in; an object that declares properties and says nothing of additional ones has
 * none; keywords of one type without {@code type} mean that type; integers are written without
 * fraction and exponent. What cannot be held is refused by the keyword's name; keywords that assert
 * nothing are left out.
 */
final class SchemaGrammar {

    private static final int MOST_SCHEMAS = 20_000;
    private static final int MOST_DEPTH = 120;
    private static final List<String> TYPES =
            List.of("object", "array", "string", "number", "boolean", "null");

    private final JsonValue root;
    private final GrammarRules rules;
    private final JsonText json;
    private final SchemaMerge merge;
    private final SchemaTypes types;
    private final Map<JsonValue, Expression.Call> known = new HashMap<>();
    private int schemas;
    private int depth;

    private SchemaGrammar(JsonValue root, GrammarRules rules) {
        this.root = root;
        this.rules = rules;
        this.json = new JsonText(rules);
        this.merge = new SchemaMerge(rules);
        this.types = new SchemaTypes(rules, json, this::of);
    }

    static void write(JsonValue schema, GrammarRules rules) {
        var writer = new SchemaGrammar(schema, rules);
        rules.define(0, writer.of(schema));
    }

    /** What a schema allows. */
    private Expression of(JsonValue schema) {
        if (schema instanceof JsonBoolean(boolean anything)) {
            return anything ? json.value() : Expression.NOTHING;
        }
        JsonObject asserted = assertions(schema);
        if (asserted.members().isEmpty()) {
            return json.value();
        }
        Expression.Call before = known.get(asserted);
        if (before != null) {
            return before;
        }
        if (++schemas > MOST_SCHEMAS) {
            throw rules.refused(
                    "describes more than "
                            + MOST_SCHEMAS
                            + " schemas once references are followed");
        }
        int rule = rules.reserve("a schema");
        known.put(asserted, new Expression.Call(rule));
        enter();
        rules.define(rule, written(asserted));
        depth--;
        return known.get(asserted);
    }

    private void enter() {
        if (++depth > MOST_DEPTH) {
            throw rules.refused("nests schemas or follows $ref deeper than " + MOST_DEPTH);
        }
    }

    private Expression written(JsonObject schema) {
        if (schema.members().size() == 1 && schema.member("$ref") != null) {
            return of(referred(schema.member("$ref")));
        }
        JsonObject flat = flat(schema);
        for (String keyword : List.of("anyOf", "oneOf")) {
            if (flat.member(keyword) != null) {
                return branches(flat, keyword);
            }
        }
        if (flat.member("const") != null || flat.member("enum") != null) {
            return constants(flat);
        }
        List<Expression> options = new ArrayList<>();
        for (String type : typesOf(flat)) {
            options.add(types.of(type, flat));
        }
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    /** The keywords of a schema that assert something. */
    private JsonObject assertions(JsonValue schema) {
        if (!(schema instanceof JsonObject(var members))) {
            throw rules.refused("has a schema that is neither an object nor a boolean");
        }
        Map<String, JsonValue> kept = new LinkedHashMap<>();
        members.forEach(
                (keyword, value) -> {
                    if (SchemaKeywords.asserts(keyword) && !assertsNothing(keyword, value)) {
                        if (SchemaKeywords.REFUSED.contains(keyword)) {
                            throw rules.refused(
                                    "has the keyword \""
                                            + keyword
                                            + "\", which cannot be held exactly; leave it out");
                        }
                        kept.put(keyword, value);
                    }
                });
        return new JsonObject(kept);
    }

    private static boolean assertsNothing(String keyword, JsonValue value) {
        return switch (keyword) {
            case "uniqueItems" -> value instanceof JsonBoolean(boolean flag) && !flag;
            case "minProperties", "minLength", "minItems" -> value.equals(JsonValue.of(0));
            default -> false;
        };
    }

    /** Without {@code $ref} and {@code allOf} at the top. */
    private JsonObject flat(JsonObject schema) {
        enter();
        Map<String, JsonValue> own = new LinkedHashMap<>(schema.members());
        List<JsonValue> others = new ArrayList<>();
        JsonValue reference = own.remove("$ref");
        if (reference != null) {
            others.add(referred(reference));
        }
        JsonValue all = own.remove("allOf");
        if (all != null) {
            others.addAll(listed("allOf", all));
        }
        JsonObject flat = new JsonObject(own);
        for (JsonValue other : others) {
            if (++schemas > MOST_SCHEMAS) {
                throw rules.refused("combines more than " + MOST_SCHEMAS + " schemas");
            }
            flat = merge.both(flat, flat(asObject(other)));
        }
        depth--;
        return flat;
    }

    /** True asserts nothing; false is the type of nothing. */
    private JsonObject asObject(JsonValue schema) {
        if (schema instanceof JsonBoolean(boolean anything)) {
            return anything
                    ? JsonObject.empty()
                    : JsonObject.builder().put("type", JsonValue.array(List.of())).build();
        }
        return assertions(schema);
    }

    private Expression branches(JsonObject flat, String keyword) {
        Map<String, JsonValue> rest = new LinkedHashMap<>(flat.members());
        List<JsonValue> branches = listed(keyword, rest.remove(keyword));
        List<JsonObject> merged = new ArrayList<>();
        for (JsonValue branch : branches) {
            if (++schemas > MOST_SCHEMAS) {
                throw rules.refused("combines more than " + MOST_SCHEMAS + " schemas");
            }
            merged.add(
                    rest.isEmpty() && keyword.equals("anyOf")
                            ? asObject(branch)
                            : merge.both(new JsonObject(rest), flat(asObject(branch))));
        }
        if (keyword.equals("oneOf")) {
            refuseOverlap(merged);
        }
        return new Expression.Choice(merged.stream().map(this::of).toList());
    }

    private void refuseOverlap(List<JsonObject> branches) {
        var disjoint = new SchemaDisjoint(schema -> flat(asObject(schema)));
        for (int i = 0; i < branches.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (++schemas > MOST_SCHEMAS) {
                    throw rules.refused("combines more than " + MOST_SCHEMAS + " schemas");
                }
                if (!disjoint.test(branches.get(i), branches.get(j))) {
                    throw rules.refused(
                            "has the keyword \"oneOf\" whose branches "
                                    + j
                                    + " and "
                                    + i
                                    + " may both match, which cannot be held exactly; write anyOf,"
                                    + " or a required property with a different const in each");
                }
            }
        }
    }

    private Expression constants(JsonObject flat) {
        JsonValue only = flat.member("const");
        List<JsonValue> values = only != null ? List.of(only) : listed("enum", flat.member("enum"));
        for (String keyword : flat.members().keySet()) {
            if (!Set.of("const", "enum", "type").contains(keyword)) {
                throw rules.refused(
                        "has the keyword \""
                                + keyword
                                + "\" beside enum or const, which is not held; leave it out");
            }
        }
        List<String> wanted = flat.member("type") == null ? null : typesOf(flat);
        List<Expression> options = new ArrayList<>();
        for (JsonValue value : values) {
            if (wanted == null || wanted.stream().anyMatch(type -> SchemaTypes.is(value, type))) {
                options.add(json.constant(value));
            }
        }
        return new Expression.Choice(options);
    }

    /** The types that a schema allows, each once. */
    private List<String> typesOf(JsonObject flat) {
        JsonValue type = flat.member("type");
        Set<String> names = new LinkedHashSet<>();
        if (type == null) {
            for (String keyword : flat.members().keySet()) {
                String of = SchemaKeywords.TYPE_OF.get(keyword);
                if (of != null) {
                    names.add(of);
                }
            }
            return names.isEmpty() ? TYPES : List.copyOf(names);
        }
        for (JsonValue each : type instanceof JsonArray(var values) ? values : List.of(type)) {
            if (!(each instanceof JsonString(var name))
                    || !(TYPES.contains(name) || name.equals("integer"))) {
                throw rules.refused("has a \"type\" that is none of " + TYPES + ", integer");
            }
            names.add(name);
        }
        if (names.contains("number")) {
            names.remove("integer");
        }
        return List.copyOf(names);
    }

    private List<JsonValue> listed(String keyword, JsonValue value) {
        if (value instanceof JsonArray(var values) && !values.isEmpty()) {
            return values;
        }
        if (keyword.equals("enum") && value instanceof JsonArray(var none)) {
            return none;
        }
        throw rules.refused("has the keyword \"" + keyword + "\" without a list of schemas");
    }

    /** What a reference within the document points to (RFC 6901). */
    private JsonValue referred(JsonValue reference) {
        if (!(reference instanceof JsonString(var pointer)) || !pointer.startsWith("#")) {
            throw rules.refused("has a \"$ref\" to another document, which is not served");
        }
        JsonValue at = root;
        String path = pointer.substring(1);
        if (!path.isEmpty() && path.charAt(0) != '/') {
            throw rules.refused("has a \"$ref\" to an anchor, which is not served; use a pointer");
        }
        String[] steps = path.isEmpty() ? new String[0] : path.substring(1).split("/", -1);
        for (String step : steps) {
            String name = step.replace("~1", "/").replace("~0", "~");
            at =
                    switch (at) {
                        case JsonObject object -> object.member(name);
                        case JsonArray(var values) when name.matches("[0-9]{1,6}") -> {
                            int index = Integer.parseInt(name);
                            yield index < values.size() ? values.get(index) : null;
                        }
                        default -> null;
                    };
            if (at == null) {
                String shown = pointer.length() > 100 ? pointer.substring(0, 100) : pointer;
                throw rules.refused("has a \"$ref\" to " + shown + ", which is not there");
            }
        }
        return at;
    }
}
