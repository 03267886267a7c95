package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a value that stands in a schema (of {@code enum} and {@code const}, and names) fulfils
 * the schemas beside it.
 */
final class SchemaCheck {

    private static final int MOST_DEPTH = 300;

    private final Map<List<JsonValue>, Set<JsonValue>> lookups = new IdentityHashMap<>();
    private final GrammarRules rules;
    private final SchemaDocument document;
    private final SchemaValues values;
    private final SchemaAssertions assertions;
    private final SchemaStrings strings;
    private int depth;

    SchemaCheck(
            GrammarRules rules,
            SchemaDocument document,
            SchemaValues values,
            SchemaAssertions assertions,
            SchemaStrings strings) {
        this.rules = rules;
        this.document = document;
        this.values = values;
        this.assertions = assertions;
        this.strings = strings;
    }

    boolean holds(SchemaTerm term, JsonValue value) {
        return term.negated() != valid(term, value);
    }

    private boolean valid(SchemaTerm term, JsonValue value) {
        if (term.schema() instanceof JsonBoolean(boolean anything)) {
            return anything;
        }
        if (++depth > MOST_DEPTH) {
            throw values.wrong("$ref", "that leads back to itself");
        }
        rules.spend(10);
        SchemaTerm plain = term.negated() ? term.not() : term;
        Map<String, JsonValue> keywords = assertions.keywords(plain);
        boolean all =
                keywords.keySet().stream()
                        .allMatch(keyword -> valid(keyword, keywords, plain, value));
        depth--;
        return all;
    }

    private boolean valid(
            String keyword, Map<String, JsonValue> all, SchemaTerm term, JsonValue value) {
        JsonValue wanted = all.get(keyword);
        return switch (keyword) {
            case "$ref" -> holds(document.referred(term, wanted), value);
            case "$dynamicRef", "$recursiveRef" ->
                    holds(document.dynamicallyReferred(term, keyword, wanted), value);
            case "allOf" -> count(keyword, term, wanted, value) == size(wanted);
            case "anyOf" -> count(keyword, term, wanted, value) > 0;
            case "oneOf" -> count(keyword, term, wanted, value) == 1;
            case "not" -> !holds(values.part(keyword, term, wanted), value);
            case "if" -> {
                boolean condition = holds(values.part(keyword, term, wanted), value);
                JsonValue then = all.get(condition ? "then" : "else");
                yield then == null || holds(values.part(keyword, term, then), value);
            }
            case "type" -> {
                var types = values.types(wanted);
                yield (SchemaShape.typeOf(value) & types.bits()) != 0
                        && (!(value instanceof JsonNumber number)
                                || !types.whole()
                                || isWhole(number));
            }
            case "const" -> equal(wanted, value);
            case "enum" -> isOneOf(values.list(keyword, wanted), value);
            case "unevaluatedProperties", "unevaluatedItems" ->
                    throw values.notHeld(keyword, " beside enum or const");
            default ->
                    switch (value) {
                        case JsonString(var text) -> validText(keyword, wanted, text);
                        case JsonNumber _ ->
                                validNumber(keyword, all, values.decimal("enum", value));
                        case JsonArray(var elements) -> validElements(keyword, all, term, elements);
                        case JsonObject(var members) -> validMembers(keyword, all, term, members);
                        case JsonBoolean _, JsonValue.JsonNull _ -> true;
                    };
        };
    }

    /** Large enumerations are of strings, which are looked up. */
    private boolean isOneOf(List<JsonValue> some, JsonValue value) {
        if (value instanceof JsonString) {
            return strings(some).contains(value);
        }
        rules.spend(some.size());
        return some.stream().anyMatch(each -> equal(each, value));
    }

    private Set<JsonValue> strings(List<JsonValue> some) {
        Set<JsonValue> known = lookups.get(some);
        if (known == null) {
            rules.spend(some.size());
            known = new HashSet<>();
            for (JsonValue each : some) {
                if (each instanceof JsonString) {
                    known.add(each);
                }
            }
            lookups.put(some, known);
        }
        return known;
    }

    private static int size(JsonValue list) {
        return ((JsonArray) list).values().size();
    }

    private long count(String keyword, SchemaTerm term, JsonValue wanted, JsonValue value) {
        return values.terms(keyword, term, wanted).stream()
                .filter(each -> holds(each, value))
                .count();
    }

    private boolean validText(String keyword, JsonValue wanted, String text) {
        return switch (keyword) {
            case "minLength" ->
                    text.codePointCount(0, text.length()) >= values.count(keyword, wanted);
            case "maxLength" ->
                    text.codePointCount(0, text.length()) <= values.count(keyword, wanted);
            case "pattern" -> strings.matches(values.text(keyword, wanted), text);
            case "format" -> {
                String format = values.text(keyword, wanted);
                yield StringFormat.pattern(format) == null || strings.hasFormat(format, text);
            }
            default -> true;
        };
    }

    private boolean validNumber(String keyword, Map<String, JsonValue> all, BigDecimal value) {
        JsonValue wanted = all.get(keyword);
        return switch (keyword) {
            case "minimum" -> {
                int order = value.compareTo(values.decimal(keyword, wanted));
                yield order > 0 || order == 0 && !isSet(all.get("exclusiveMinimum"));
            }
            case "maximum" -> {
                int order = value.compareTo(values.decimal(keyword, wanted));
                yield order < 0 || order == 0 && !isSet(all.get("exclusiveMaximum"));
            }
            case "exclusiveMinimum" ->
                    wanted instanceof JsonBoolean
                            || value.compareTo(values.decimal(keyword, wanted)) > 0;
            case "exclusiveMaximum" ->
                    wanted instanceof JsonBoolean
                            || value.compareTo(values.decimal(keyword, wanted)) < 0;
            case "multipleOf" -> value.remainder(assertions.factor(wanted)).signum() == 0;
            default -> true;
        };
    }

    private static boolean isSet(JsonValue flag) {
        return flag instanceof JsonBoolean(boolean on) && on;
    }

    private boolean validElements(
            String keyword, Map<String, JsonValue> all, SchemaTerm term, List<JsonValue> elements) {
        JsonValue wanted = all.get(keyword);
        return switch (keyword) {
            case "minItems" -> elements.size() >= values.count(keyword, wanted);
            case "maxItems" -> elements.size() <= values.count(keyword, wanted);
            case "uniqueItems" -> !isSet(wanted) || isUnique(elements);
            case "items", "prefixItems" -> {
                SchemaShape.Items items = assertions.items(all, term);
                for (int i = 0; i < elements.size(); i++) {
                    SchemaTerm each =
                            i < items.first().size() ? items.first().get(i) : items.rest();
                    if (each != null && !holds(each, elements.get(i))) {
                        yield false;
                    }
                }
                yield true;
            }
            case "contains" -> {
                SchemaShape.Contains contains = assertions.contains(all, term);
                long found =
                        contains == null
                                ? 0
                                : elements.stream()
                                        .filter(each -> holds(contains.term(), each))
                                        .count();
                yield contains == null
                        || found >= contains.least()
                                && (contains.most() == Expression.UNBOUNDED
                                        || found <= contains.most());
            }
            default -> true;
        };
    }

    private static boolean isUnique(List<JsonValue> elements) {
        for (int i = 0; i < elements.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (equal(elements.get(i), elements.get(j))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean validMembers(
            String keyword,
            Map<String, JsonValue> all,
            SchemaTerm term,
            Map<String, JsonValue> members) {
        JsonValue wanted = all.get(keyword);
        return switch (keyword) {
            case "required" -> members.keySet().containsAll(values.names(keyword, wanted));
            case "minProperties" -> members.size() >= values.count(keyword, wanted);
            case "maxProperties" -> members.size() <= values.count(keyword, wanted);
            case "properties", "patternProperties", "additionalProperties" -> {
                SchemaShape.Members schemas = assertions.members(all, term);
                yield members.entrySet().stream()
                        .allMatch(
                                member ->
                                        schemas.of(member.getKey(), strings).stream()
                                                .allMatch(t -> holds(t, member.getValue())));
            }
            case "propertyNames" -> {
                SchemaTerm names = values.part(keyword, term, wanted);
                yield members.keySet().stream()
                        .allMatch(name -> holds(names, new JsonString(name)));
            }
            case "dependentRequired", "dependentSchemas", "dependencies" ->
                    values.object(keyword, wanted).entrySet().stream()
                            .allMatch(
                                    each ->
                                            !members.containsKey(each.getKey())
                                                    || dependent(
                                                            keyword,
                                                            each.getValue(),
                                                            term,
                                                            members));
            default -> true;
        };
    }

    private boolean dependent(
            String keyword, JsonValue then, SchemaTerm term, Map<String, JsonValue> members) {
        return switch (then) {
            case JsonArray _ -> members.keySet().containsAll(values.names(keyword, then));
            case JsonString(var only) -> members.containsKey(only);
            default -> holds(values.part(keyword, term, then), new JsonObject(members));
        };
    }

    static boolean isWhole(JsonNumber number) {
        return number.isIntegerLiteral()
                || new BigDecimal(number.literal()).stripTrailingZeros().scale() <= 0;
    }

    /** Whether two values are the same; numbers by value, objects in any order. */
    static boolean equal(JsonValue a, JsonValue b) {
        return switch (a) {
            case JsonNumber(var left) when b instanceof JsonNumber(var right) ->
                    left.equals(right)
                            || new BigDecimal(left).compareTo(new BigDecimal(right)) == 0;
            case JsonArray(var left) when b instanceof JsonArray(var right) -> {
                boolean same = left.size() == right.size();
                for (int i = 0; same && i < left.size(); i++) {
                    same = equal(left.get(i), right.get(i));
                }
                yield same;
            }
            case JsonObject(var left) when b instanceof JsonObject(var right) ->
                    left.size() == right.size()
                            && left.entrySet().stream()
                                    .allMatch(
                                            each ->
                                                    right.containsKey(each.getKey())
                                                            && equal(
                                                                    each.getValue(),
                                                                    right.get(each.getKey())));
            default -> a.equals(b);
        };
    }
}
