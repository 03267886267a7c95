package dev.cairn.core.grammar;

import java.util.Map;
import java.util.Set;

/** What is known of JSON Schema's keywords (draft 2020-12, and older ones that are still sent). */
final class SchemaKeywords {

    /** They assert something that is not held: refused by name. */
    static final Set<String> REFUSED =
            Set.of(
                    "not",
                    "if",
                    "then",
                    "else",
                    "contains",
                    "minContains",
                    "maxContains",
                    "uniqueItems",
                    "patternProperties",
                    "propertyNames",
                    "minProperties",
                    "maxProperties",
                    "dependentRequired",
                    "dependentSchemas",
                    "dependencies",
                    "unevaluatedProperties",
                    "unevaluatedItems",
                    "additionalItems",
                    "$dynamicRef",
                    "$recursiveRef",
                    "divisibleBy",
                    "disallow",
                    "extends");

    /** Keywords that assert, by the one type that they speak of. */
    static final Map<String, String> TYPE_OF =
            Map.ofEntries(
                    Map.entry("minLength", "string"),
                    Map.entry("maxLength", "string"),
                    Map.entry("pattern", "string"),
                    Map.entry("format", "string"),
                    Map.entry("minimum", "number"),
                    Map.entry("maximum", "number"),
                    Map.entry("exclusiveMinimum", "number"),
                    Map.entry("exclusiveMaximum", "number"),
                    Map.entry("multipleOf", "number"),
                    Map.entry("items", "array"),
                    Map.entry("prefixItems", "array"),
                    Map.entry("minItems", "array"),
                    Map.entry("maxItems", "array"),
                    Map.entry("properties", "object"),
                    Map.entry("required", "object"),
                    Map.entry("additionalProperties", "object"));

    /** Keywords that assert for every type. Any keyword named nowhere here asserts nothing. */
    static final Set<String> GENERAL =
            Set.of("type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref");

    private SchemaKeywords() {}

    static boolean asserts(String keyword) {
        return GENERAL.contains(keyword)
                || TYPE_OF.containsKey(keyword)
                || REFUSED.contains(keyword);
    }
}
