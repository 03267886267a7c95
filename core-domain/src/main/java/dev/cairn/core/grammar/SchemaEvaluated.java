package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code unevaluatedProperties} and {@code unevaluatedItems} speak of, where the schemas
 * beside them say the same of every value: then they are {@code additionalProperties} and {@code
 * items} of all of them together.
 */
final class SchemaEvaluated {

    private static final SchemaTerm ANYTHING = new SchemaTerm(JsonValue.of(true), "", false);
    private static final int MOST_DEPTH = 60;

    private final SchemaDocument document;
    private final SchemaValues values;
    private int depth;

    SchemaEvaluated(SchemaDocument document, SchemaValues values) {
        this.document = document;
        this.values = values;
    }

    private static final class Found {
        private final Map<String, SchemaTerm> names = new LinkedHashMap<>();
        private final Map<String, SchemaTerm> patterns = new LinkedHashMap<>();
        private boolean allMembers;
        private int items;
        private boolean allItems;
    }

    SchemaShape.Members members(SchemaTerm of, SchemaTerm rest) {
        Found found = new Found();
        collect("unevaluatedProperties", of, found);
        return new SchemaShape.Members(found.names, found.patterns, found.allMembers ? null : rest);
    }

    SchemaShape.Items items(SchemaTerm of, SchemaTerm rest) {
        Found found = new Found();
        collect("unevaluatedItems", of, found);
        List<SchemaTerm> first = new ArrayList<>();
        for (int i = 0; i < found.items; i++) {
            first.add(ANYTHING);
        }
        return new SchemaShape.Items(first, found.allItems ? null : rest);
    }

    private void collect(String keyword, SchemaTerm term, Found found) {
        if (!(term.schema() instanceof JsonValue.JsonObject(var members))) {
            return;
        }
        if (++depth > MOST_DEPTH) {
            throw values.notHeld(keyword, " beside references that lead back");
        }
        boolean nested = depth > 1;
        members.forEach(
                (name, value) -> {
                    switch (name) {
                        case "$ref" -> collect(keyword, document.referred(term, value), found);
                        case "allOf" ->
                                values.terms(name, term, value)
                                        .forEach(each -> collect(keyword, each, found));
                        case "properties" ->
                                values.named(name, term, value)
                                        .keySet()
                                        .forEach(each -> found.names.put(each, ANYTHING));
                        case "patternProperties" ->
                                values.named(name, term, value)
                                        .keySet()
                                        .forEach(each -> found.patterns.put(each, ANYTHING));
                        case "additionalProperties" -> found.allMembers = true;
                        case "prefixItems" ->
                                found.items =
                                        Math.max(found.items, values.list(name, value).size());
                        case "items" -> items(value, members, found);
                        case "unevaluatedProperties" -> found.allMembers |= nested;
                        case "unevaluatedItems" -> found.allItems |= nested;
                        case "anyOf",
                                "oneOf",
                                "if",
                                "dependentSchemas",
                                "dependencies",
                                "contains",
                                "$dynamicRef",
                                "$recursiveRef" ->
                                throw values.notHeld(keyword, " beside \"" + name + "\"");
                        default -> {}
                    }
                });
        depth--;
    }

    private void items(JsonValue value, Map<String, JsonValue> members, Found found) {
        if (value instanceof JsonValue.JsonArray(var first)) {
            found.items = Math.max(found.items, first.size());
            found.allItems |= members.containsKey("additionalItems");
        } else {
            found.allItems = true;
        }
    }
}
