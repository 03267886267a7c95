package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.SchemaShape.ARRAY;
import static dev.cairn.core.grammar.SchemaShape.NUMBER;
import static dev.cairn.core.grammar.SchemaShape.OBJECT;
import static dev.cairn.core.grammar.SchemaShape.STRING;

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
import java.util.function.Consumer;

/** What a value is like that a schema does not allow: one of its keywords does not hold. */
final class SchemaDenials {

    private final SchemaDocument document;
    private final SchemaValues values;
    private final SchemaAssertions assertions;

    SchemaDenials(SchemaDocument document, SchemaValues values, SchemaAssertions assertions) {
        this.document = document;
        this.values = values;
        this.assertions = assertions;
    }

    /**
     * @param term the schema itself, not negated
     */
    List<SchemaTask> of(SchemaTerm term) {
        if (term.schema() instanceof JsonBoolean(boolean anything)) {
            return anything ? List.of(SchemaTask.nothing()) : List.of();
        }
        if (!(term.schema() instanceof JsonObject)) {
            throw values.wrong("schema", "that is neither an object nor a boolean");
        }
        Map<String, JsonValue> keywords = assertions.keywords(term);
        List<List<SchemaTask>> ways = new ArrayList<>();
        Set<String> done = new HashSet<>();
        for (String keyword : keywords.keySet()) {
            if (done.add(SchemaKeywords.group(keyword))) {
                ways.addAll(of(SchemaKeywords.group(keyword), keywords, term));
            }
        }
        return ways.size() == 1 ? ways.getFirst() : List.of(new SchemaTask.Either(ways));
    }

    private List<List<SchemaTask>> of(String keyword, Map<String, JsonValue> all, SchemaTerm term) {
        JsonValue value = all.get(keyword);
        return switch (keyword) {
            case "$ref" -> List.of(denied(document.referred(term, value)));
            case "$dynamicRef", "$recursiveRef" ->
                    List.of(denied(document.dynamicallyReferred(term, keyword, value)));
            case "allOf" -> values.terms(keyword, term, value).stream().map(this::denied).toList();
            case "anyOf" -> List.of(none(values.terms(keyword, term, value)));
            case "oneOf" -> noneOrSeveral(values.terms(keyword, term, value));
            case "not" -> List.of(List.of(SchemaTask.holds(values.part(keyword, term, value))));
            case "if" -> conditional(all, term);
            case "dependentRequired", "dependentSchemas", "dependencies" ->
                    dependencies(keyword, values.object(keyword, value), term);
            case "type" -> type(value);
            case "const" -> way(shape -> shape.excluded.add(value));
            case "enum" -> {
                List<JsonValue> some = values.list(keyword, value);
                yield way(shape -> shape.excluded.addAll(some));
            }
            case "minLength" -> below(keyword, value, STRING, SchemaShape::lengthTo);
            case "maxLength" -> above(keyword, value, STRING, SchemaShape::lengthFrom);
            case "minItems" -> below(keyword, value, ARRAY, SchemaShape::itemsTo);
            case "maxItems" -> above(keyword, value, ARRAY, SchemaShape::itemsFrom);
            case "minProperties" -> below(keyword, value, OBJECT, SchemaShape::propertiesTo);
            case "maxProperties" -> above(keyword, value, OBJECT, SchemaShape::propertiesFrom);
            case "pattern", "format" -> text(keyword, value);
            case "minimum" -> bounds(all);
            case "multipleOf" -> {
                BigDecimal factor = assertions.factor(value);
                yield List.of(SchemaTask.of(NUMBER, shape -> shape.notMultiples.add(factor)));
            }
            case "items" -> items(assertions.items(all, term));
            case "contains" -> contains(assertions.contains(all, term));
            case "uniqueItems" -> {
                if (values.flag(keyword, value)) {
                    throw values.notHeld(keyword, " that is negated (by not, if or oneOf)");
                }
                yield List.of();
            }
            case "properties" -> members(assertions.members(all, term));
            case "required" ->
                    values.names(keyword, value).stream()
                            .map(name -> SchemaTask.of(OBJECT, shape -> shape.forbid(name)))
                            .toList();
            case "propertyNames" -> {
                SchemaTerm names = values.part(keyword, term, value);
                yield exists(new SchemaShape.Exists(null, null, names, null));
            }
            case "unevaluatedProperties",
                    "unevaluatedItems",
                    "divisibleBy",
                    "disallow",
                    "extends" ->
                    throw values.notHeld(keyword, " that is negated (by not, if or oneOf)");
            default -> List.of();
        };
    }

    private List<SchemaTask> denied(SchemaTerm term) {
        return List.of(SchemaTask.holds(term.not()));
    }

    private static List<List<SchemaTask>> way(Consumer<SchemaShape> assertion) {
        return List.of(List.of(SchemaTask.asserts(assertion)));
    }

    private static List<SchemaTask> none(List<SchemaTerm> terms) {
        return terms.stream().map(term -> SchemaTask.holds(term.not())).toList();
    }

    private static List<List<SchemaTask>> noneOrSeveral(List<SchemaTerm> terms) {
        List<List<SchemaTask>> ways = new ArrayList<>(List.of(none(terms)));
        for (int i = 0; i < terms.size(); i++) {
            for (int j = 0; j < i; j++) {
                ways.add(List.of(SchemaTask.holds(terms.get(i)), SchemaTask.holds(terms.get(j))));
            }
        }
        return ways;
    }

    private List<List<SchemaTask>> conditional(Map<String, JsonValue> all, SchemaTerm term) {
        List<List<SchemaTask>> ways = new ArrayList<>();
        if (all.containsKey("if")) {
            SchemaTerm condition = values.part("if", term, all.get("if"));
            if (all.containsKey("then")) {
                SchemaTerm then = values.part("then", term, all.get("then"));
                ways.add(List.of(SchemaTask.holds(condition), SchemaTask.holds(then.not())));
            }
            if (all.containsKey("else")) {
                SchemaTerm otherwise = values.part("else", term, all.get("else"));
                ways.add(
                        List.of(
                                SchemaTask.holds(condition.not()),
                                SchemaTask.holds(otherwise.not())));
            }
        }
        return ways;
    }

    private List<List<SchemaTask>> dependencies(
            String keyword, Map<String, JsonValue> dependencies, SchemaTerm term) {
        List<List<SchemaTask>> ways = new ArrayList<>();
        dependencies.forEach(
                (name, then) -> {
                    if (then instanceof JsonArray) {
                        for (String other : values.names(keyword, then)) {
                            ways.add(
                                    SchemaTask.of(
                                            OBJECT,
                                            shape -> {
                                                shape.require(name, null);
                                                shape.forbid(other);
                                            }));
                        }
                    } else {
                        List<SchemaTask> way =
                                new ArrayList<>(
                                        SchemaTask.of(OBJECT, shape -> shape.require(name, null)));
                        way.addAll(denied(values.part(keyword, term, then)));
                        ways.add(way);
                    }
                });
        return ways;
    }

    private List<List<SchemaTask>> type(JsonValue value) {
        var types = values.types(value);
        List<List<SchemaTask>> ways = new ArrayList<>(way(shape -> shape.only(~types.bits())));
        if (types.whole()) {
            ways.add(SchemaTask.of(NUMBER, shape -> shape.broken = true));
        }
        return ways;
    }

    private interface Limit {
        void set(SchemaShape shape, int limit);
    }

    private List<List<SchemaTask>> below(String keyword, JsonValue value, int type, Limit limit) {
        int least = values.count(keyword, value);
        return least == 0
                ? List.of()
                : List.of(SchemaTask.of(type, shape -> limit.set(shape, least - 1)));
    }

    private List<List<SchemaTask>> above(String keyword, JsonValue value, int type, Limit limit) {
        int most = values.count(keyword, value);
        return List.of(SchemaTask.of(type, shape -> limit.set(shape, most + 1)));
    }

    private List<List<SchemaTask>> text(String keyword, JsonValue value) {
        String text = values.text(keyword, value);
        if (keyword.equals("format")) {
            if (StringFormat.isUnheld(text) || StringFormat.pattern(text) != null) {
                throw values.notHeld(keyword, " that is negated (by not, if or oneOf)");
            }
            return List.of();
        }
        return List.of(
                SchemaTask.of(
                        STRING, shape -> shape.matches(new SchemaShape.Text(text, false, true))));
    }

    private List<List<SchemaTask>> bounds(Map<String, JsonValue> all) {
        List<List<SchemaTask>> ways = new ArrayList<>();
        for (boolean low : new boolean[] {true, false}) {
            String bound = low ? "minimum" : "maximum";
            String excluded = low ? "exclusiveMinimum" : "exclusiveMaximum";
            boolean flag = all.get(excluded) instanceof JsonBoolean(boolean on) && on;
            if (all.containsKey(bound)) {
                ways.add(beyond(low, values.decimal(bound, all.get(bound)), !flag));
            }
            if (all.containsKey(excluded) && !(all.get(excluded) instanceof JsonBoolean)) {
                ways.add(beyond(low, values.decimal(excluded, all.get(excluded)), false));
            }
        }
        return ways;
    }

    private static List<SchemaTask> beyond(boolean low, BigDecimal value, boolean excluded) {
        return SchemaTask.of(
                NUMBER,
                shape -> {
                    if (low) {
                        shape.to(value, excluded);
                    } else {
                        shape.from(value, excluded);
                    }
                });
    }

    /** One of the first elements is wrong, or some element behind them. */
    private List<List<SchemaTask>> items(SchemaShape.Items items) {
        List<List<SchemaTask>> ways = new ArrayList<>();
        List<SchemaTerm> before = new ArrayList<>();
        for (SchemaTerm first : items.first()) {
            List<SchemaTerm> here = new ArrayList<>(before);
            here.add(first.not());
            ways.add(
                    SchemaTask.of(
                            ARRAY,
                            shape -> {
                                shape.itemsFrom(here.size());
                                shape.items.add(new SchemaShape.Items(here, null));
                            }));
            before.add(first);
        }
        SchemaTerm rest = items.rest();
        if (rest != null && !rest.isAnything()) {
            int size = items.first().size();
            if (rest.isNothing()) {
                ways.add(SchemaTask.of(ARRAY, shape -> shape.itemsFrom(size + 1)));
            } else if (size == 0) {
                ways.add(
                        SchemaTask.of(
                                ARRAY,
                                shape ->
                                        shape.contains.add(
                                                new SchemaShape.Contains(
                                                        rest.not(), 1, Expression.UNBOUNDED))));
            } else {
                throw values.notHeld("items", " behind others, negated (by not, if or oneOf)");
            }
        }
        return ways;
    }

    private static List<List<SchemaTask>> contains(SchemaShape.Contains contains) {
        List<List<SchemaTask>> ways = new ArrayList<>();
        if (contains == null) {
            return ways;
        }
        if (contains.least() > 0) {
            ways.add(
                    SchemaTask.of(
                            ARRAY,
                            shape ->
                                    shape.contains.add(
                                            new SchemaShape.Contains(
                                                    contains.term(), 0, contains.least() - 1))));
        }
        if (contains.most() != Expression.UNBOUNDED) {
            ways.add(
                    SchemaTask.of(
                            ARRAY,
                            shape ->
                                    shape.contains.add(
                                            new SchemaShape.Contains(
                                                    contains.term(),
                                                    contains.most() + 1,
                                                    Expression.UNBOUNDED))));
        }
        return ways;
    }

    private static List<List<SchemaTask>> members(SchemaShape.Members members) {
        List<List<SchemaTask>> ways = new ArrayList<>();
        members.declared()
                .forEach(
                        (name, term) -> {
                            if (!term.isAnything()) {
                                ways.add(
                                        SchemaTask.of(
                                                OBJECT, shape -> shape.require(name, term.not())));
                            }
                        });
        members.patterns()
                .forEach(
                        (pattern, term) -> {
                            if (!term.isAnything()) {
                                ways.addAll(
                                        exists(
                                                new SchemaShape.Exists(
                                                        null, pattern, null, term.not())));
                            }
                        });
        SchemaTerm additional = members.additional();
        if (additional != null && !additional.isAnything()) {
            ways.addAll(exists(new SchemaShape.Exists(members, null, null, additional.not())));
        }
        return ways;
    }

    private static List<List<SchemaTask>> exists(SchemaShape.Exists exists) {
        return List.of(SchemaTask.of(OBJECT, shape -> shape.exists.add(exists)));
    }
}
