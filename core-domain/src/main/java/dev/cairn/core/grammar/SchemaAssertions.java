package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the keywords of a schema assert, in the order that they are written in. */
final class SchemaAssertions {

    /** Keywords that do not say in which order members come. */
    private static final List<String> LATE =
            List.of(
                    "not",
                    "if",
                    "dependentRequired",
                    "dependentSchemas",
                    "dependencies",
                    "unevaluatedProperties",
                    "unevaluatedItems");

    private final SchemaDocument document;
    private final SchemaValues values;
    private final SchemaEvaluated evaluated;

    SchemaAssertions(SchemaDocument document, SchemaValues values) {
        this.document = document;
        this.values = values;
        this.evaluated = new SchemaEvaluated(document, values);
    }

    /** The members of a schema that assert something, by keyword. */
    Map<String, JsonValue> keywords(SchemaTerm term) {
        Map<String, JsonValue> members = values.object("$ref", term.schema());
        JsonValue reference = members.get("$ref");
        return reference != null && document.referenceStandsAlone()
                ? Map.of("$ref", reference)
                : members;
    }

    /**
     * @param disjoint whether two branches have no value in common, beside what else is known
     */
    List<SchemaTask> of(SchemaTerm term, Disjoint disjoint) {
        if (term.schema() instanceof JsonBoolean(boolean anything)) {
            return anything ? List.of() : List.of(SchemaTask.nothing());
        }
        if (!(term.schema() instanceof JsonObject)) {
            throw values.wrong("schema", "that is neither an object nor a boolean");
        }
        Map<String, JsonValue> keywords = keywords(term);
        List<SchemaTask> tasks = new ArrayList<>();
        for (String first : List.of("type", "const", "enum")) {
            if (keywords.containsKey(first)) {
                tasks.addAll(of(first, keywords, term, disjoint));
            }
        }
        Set<String> done = new HashSet<>(LATE);
        done.addAll(Set.of("type", "const", "enum"));
        for (String keyword : keywords.keySet()) {
            if (done.add(SchemaKeywords.group(keyword))) {
                tasks.addAll(of(SchemaKeywords.group(keyword), keywords, term, disjoint));
            }
        }
        for (String last : LATE) {
            if (keywords.containsKey(last)) {
                tasks.addAll(of(last, keywords, term, disjoint));
            }
        }
        return tasks;
    }

    /** Whether nothing fulfils two terms. */
    interface Disjoint {
        boolean test(SchemaTerm a, SchemaTerm b);
    }

    private List<SchemaTask> of(
            String keyword, Map<String, JsonValue> all, SchemaTerm term, Disjoint disjoint) {
        JsonValue value = all.get(keyword);
        return switch (keyword) {
            case "$ref" -> holds(document.referred(term, value));
            case "$dynamicRef", "$recursiveRef" ->
                    holds(document.dynamicallyReferred(term, keyword, value));
            case "allOf" ->
                    values.terms(keyword, term, value).stream().map(SchemaTask::holds).toList();
            case "anyOf" ->
                    either(values.terms(keyword, term, value).stream().map(this::holds).toList());
            case "oneOf" -> one(values.terms(keyword, term, value), disjoint);
            case "not" -> holds(values.part(keyword, term, value).not());
            case "if" -> conditional(all, term);
            case "dependentRequired", "dependentSchemas", "dependencies" ->
                    dependencies(keyword, values.object(keyword, value), term);
            case "type" -> {
                var types = values.types(value);
                yield SchemaTask.of(types.bits(), shape -> shape.whole |= types.whole());
            }
            case "const" -> asserts(shape -> shape.anyOf(List.of(value)));
            case "enum" -> {
                List<JsonValue> some = values.list(keyword, value);
                yield asserts(shape -> shape.anyOf(some));
            }
            case "minLength", "maxLength", "pattern", "format" -> text(keyword, value);
            case "minimum", "maximum" -> bounds(all);
            case "multipleOf" -> {
                BigDecimal factor = factor(value);
                yield asserts(shape -> shape.multiples.add(factor));
            }
            case "items", "minItems", "maxItems", "uniqueItems", "contains" ->
                    elements(keyword, all, term);
            case "properties", "required", "minProperties", "maxProperties", "propertyNames" ->
                    members(keyword, all, term);
            case "unevaluatedProperties" ->
                    asserts(
                            shape ->
                                    shape.members.add(
                                            evaluated.members(
                                                    term, values.part(keyword, term, value))));
            case "unevaluatedItems" ->
                    asserts(
                            shape ->
                                    shape.items.add(
                                            evaluated.items(
                                                    term, values.part(keyword, term, value))));
            case "divisibleBy", "disallow", "extends" ->
                    throw values.notHeld(keyword, " of draft 3");
            default -> List.of();
        };
    }

    private List<SchemaTask> holds(SchemaTerm term) {
        return List.of(SchemaTask.holds(term));
    }

    private static List<SchemaTask> asserts(java.util.function.Consumer<SchemaShape> assertion) {
        return List.of(SchemaTask.asserts(assertion));
    }

    private static List<SchemaTask> either(List<List<SchemaTask>> ways) {
        return List.of(new SchemaTask.Either(ways));
    }

    /** Each branch without the others, where they are not seen to be apart anyway. */
    private List<SchemaTask> one(List<SchemaTerm> branches, Disjoint disjoint) {
        List<List<SchemaTask>> ways = new ArrayList<>();
        for (SchemaTerm branch : branches) {
            List<SchemaTask> way = new ArrayList<>(holds(branch));
            for (SchemaTerm other : branches) {
                if (other != branch && !disjoint.test(branch, other)) {
                    way.add(SchemaTask.holds(other.not()));
                }
            }
            ways.add(way);
        }
        return either(ways);
    }

    private List<SchemaTask> conditional(Map<String, JsonValue> all, SchemaTerm term) {
        if (!all.containsKey("if") || !all.containsKey("then") && !all.containsKey("else")) {
            return List.of();
        }
        SchemaTerm condition = values.part("if", term, all.get("if"));
        List<SchemaTask> yes = new ArrayList<>(holds(condition));
        List<SchemaTask> no = new ArrayList<>(holds(condition.not()));
        if (all.containsKey("then")) {
            yes.addAll(holds(values.part("then", term, all.get("then"))));
        }
        if (all.containsKey("else")) {
            no.addAll(holds(values.part("else", term, all.get("else"))));
        }
        return either(List.of(yes, no));
    }

    private List<SchemaTask> dependencies(
            String keyword, Map<String, JsonValue> dependencies, SchemaTerm term) {
        List<SchemaTask> tasks = new ArrayList<>();
        dependencies.forEach(
                (name, then) -> {
                    List<SchemaTask> there = new ArrayList<>();
                    if (then instanceof JsonArray) {
                        List<String> names = values.names(keyword, then);
                        there.addAll(asserts(shape -> names.forEach(n -> shape.require(n, null))));
                    } else if (then instanceof JsonValue.JsonString(var only)) {
                        there.addAll(asserts(shape -> shape.require(only, null)));
                    } else {
                        there.addAll(holds(values.part(keyword, term, then)));
                    }
                    there.addAll(
                            SchemaTask.of(SchemaShape.OBJECT, shape -> shape.require(name, null)));
                    tasks.add(
                            new SchemaTask.Either(
                                    List.of(
                                            asserts(shape -> shape.only(~SchemaShape.OBJECT)),
                                            asserts(
                                                    shape -> {
                                                        shape.only(SchemaShape.OBJECT);
                                                        shape.forbid(name);
                                                    }),
                                            there)));
                });
        return tasks;
    }

    private List<SchemaTask> text(String keyword, JsonValue value) {
        switch (keyword) {
            case "minLength" -> {
                int least = values.count(keyword, value);
                return asserts(shape -> shape.lengthFrom(least));
            }
            case "maxLength" -> {
                int most = values.count(keyword, value);
                return asserts(shape -> shape.lengthTo(most));
            }
            default -> {
                String text = values.text(keyword, value);
                boolean format = keyword.equals("format");
                if (format && StringFormat.isUnheld(text)) {
                    throw values.notHeld("format", " with \"" + text + "\"");
                }
                return format && StringFormat.pattern(text) == null
                        ? List.of()
                        : asserts(
                                shape -> shape.matches(new SchemaShape.Text(text, format, false)));
            }
        }
    }

    /** Bounds with their exclusion, as numbers or, in draft 4, flags beside them. */
    private List<SchemaTask> bounds(Map<String, JsonValue> all) {
        List<SchemaTask> tasks = new ArrayList<>();
        for (boolean low : new boolean[] {true, false}) {
            String bound = low ? "minimum" : "maximum";
            String excluded = low ? "exclusiveMinimum" : "exclusiveMaximum";
            boolean flag = all.get(excluded) instanceof JsonBoolean(boolean on) && on;
            if (all.containsKey(bound)) {
                tasks.add(bound(low, values.decimal(bound, all.get(bound)), flag));
            }
            if (all.containsKey(excluded) && !(all.get(excluded) instanceof JsonBoolean)) {
                tasks.add(bound(low, values.decimal(excluded, all.get(excluded)), true));
            }
        }
        return tasks;
    }

    private static SchemaTask bound(boolean low, BigDecimal value, boolean excluded) {
        return SchemaTask.asserts(
                shape -> {
                    if (low) {
                        shape.from(value, excluded);
                    } else {
                        shape.to(value, excluded);
                    }
                });
    }

    BigDecimal factor(JsonValue value) {
        BigDecimal factor = values.decimal("multipleOf", value);
        if (factor.signum() <= 0) {
            throw values.wrong("multipleOf", "that is not above 0");
        }
        return factor;
    }

    private List<SchemaTask> elements(String keyword, Map<String, JsonValue> all, SchemaTerm term) {
        JsonValue value = all.get(keyword);
        return switch (keyword) {
            case "items" -> {
                SchemaShape.Items items = items(all, term);
                yield asserts(shape -> shape.items.add(items));
            }
            case "minItems" -> {
                int least = values.count(keyword, value);
                yield asserts(shape -> shape.itemsFrom(least));
            }
            case "maxItems" -> {
                int most = values.count(keyword, value);
                yield asserts(shape -> shape.itemsTo(most));
            }
            case "uniqueItems" -> {
                boolean unique = values.flag(keyword, value);
                yield asserts(shape -> shape.unique |= unique);
            }
            default -> {
                SchemaShape.Contains contains = contains(all, term);
                yield contains == null ? List.of() : asserts(shape -> shape.contains.add(contains));
            }
        };
    }

    SchemaShape.Items items(Map<String, JsonValue> all, SchemaTerm term) {
        JsonValue first = all.get("prefixItems");
        JsonValue rest = all.get("items");
        if (rest instanceof JsonArray) {
            first = rest;
            rest = all.get("additionalItems");
        }
        List<SchemaTerm> terms = new ArrayList<>();
        if (first != null) {
            values.list("prefixItems", first)
                    .forEach(each -> terms.add(values.part("prefixItems", term, each)));
        }
        return new SchemaShape.Items(terms, rest == null ? null : values.part("items", term, rest));
    }

    /** Null where nothing is asserted. */
    SchemaShape.Contains contains(Map<String, JsonValue> all, SchemaTerm term) {
        if (!all.containsKey("contains")) {
            return null;
        }
        int least =
                all.containsKey("minContains")
                        ? values.count("minContains", all.get("minContains"))
                        : 1;
        int most =
                all.containsKey("maxContains")
                        ? values.count("maxContains", all.get("maxContains"))
                        : Expression.UNBOUNDED;
        return least == 0 && most == Expression.UNBOUNDED
                ? null
                : new SchemaShape.Contains(
                        values.part("contains", term, all.get("contains")), least, most);
    }

    private List<SchemaTask> members(String keyword, Map<String, JsonValue> all, SchemaTerm term) {
        JsonValue value = all.get(keyword);
        return switch (keyword) {
            case "properties" -> {
                SchemaShape.Members members = members(all, term);
                yield asserts(shape -> shape.members.add(members));
            }
            case "required" -> {
                List<String> names = values.names(keyword, value);
                yield asserts(shape -> shape.required.addAll(names));
            }
            case "minProperties" -> {
                int least = values.count(keyword, value);
                yield asserts(shape -> shape.propertiesFrom(least));
            }
            case "maxProperties" -> {
                int most = values.count(keyword, value);
                yield asserts(shape -> shape.propertiesTo(most));
            }
            default -> {
                SchemaTerm names = values.part(keyword, term, value);
                yield asserts(shape -> shape.names.add(names));
            }
        };
    }

    SchemaShape.Members members(Map<String, JsonValue> all, SchemaTerm term) {
        JsonValue additional = all.get("additionalProperties");
        return new SchemaShape.Members(
                values.named("properties", term, all.get("properties")),
                values.named("patternProperties", term, all.get("patternProperties")),
                additional == null ? null : values.part("additionalProperties", term, additional));
    }
}
