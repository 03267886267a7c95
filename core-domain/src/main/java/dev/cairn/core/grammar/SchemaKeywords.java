package dev.cairn.core.grammar;

import java.util.Map;
import java.util.Set;

/** Keywords of JSON Schema that are read together, by the one that stands for them. */
final class SchemaKeywords {

    private static final Map<String, String> GROUPS =
            Map.ofEntries(
                    Map.entry("patternProperties", "properties"),
                    Map.entry("additionalProperties", "properties"),
                    Map.entry("prefixItems", "items"),
                    Map.entry("additionalItems", "items"),
                    Map.entry("minContains", "contains"),
                    Map.entry("maxContains", "contains"),
                    Map.entry("then", "if"),
                    Map.entry("else", "if"),
                    Map.entry("maximum", "minimum"),
                    Map.entry("exclusiveMinimum", "minimum"),
                    Map.entry("exclusiveMaximum", "minimum"));

    /** Keywords that assert something, alone or with the one that they are read with. */
    private static final Set<String> ASSERTING =
            Set.of(
                    "$ref",
                    "$dynamicRef",
                    "$recursiveRef",
                    "allOf",
                    "anyOf",
                    "oneOf",
                    "not",
                    "if",
                    "dependentRequired",
                    "dependentSchemas",
                    "dependencies",
                    "type",
                    "const",
                    "enum",
                    "minLength",
                    "maxLength",
                    "pattern",
                    "format",
                    "minimum",
                    "multipleOf",
                    "items",
                    "minItems",
                    "maxItems",
                    "uniqueItems",
                    "contains",
                    "properties",
                    "required",
                    "minProperties",
                    "maxProperties",
                    "propertyNames",
                    "unevaluatedProperties",
                    "unevaluatedItems",
                    "divisibleBy",
                    "disallow",
                    "extends");

    private SchemaKeywords() {}

    /** Whether a keyword may assert something; any other is an annotation. */
    static boolean asserts(String keyword) {
        return ASSERTING.contains(group(keyword));
    }

    /** The keyword itself, or the one that it is read with. */
    static String group(String keyword) {
        return GROUPS.getOrDefault(keyword, keyword);
    }
}
