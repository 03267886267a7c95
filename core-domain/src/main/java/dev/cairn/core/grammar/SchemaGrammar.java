package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * From a JSON Schema (drafts 4 to 2020-12) to rules: every text of the grammar validates, and of
 * every valid value one text, with members in the order that they are declared in, is in the
 * grammar.
 *
 * <p>A goal is some schemas that hold at once. {@link SchemaExpansion} finds the ways to fulfil it,
 * each a {@link SchemaShape} without references and combinations; each type of a shape is written
 * by a class of its own. What cannot be held exactly is refused by the keyword's name; {@code
 * format} asserts, and formats that no specification knows assert nothing. Unknown keywords assert
 * nothing.
 */
final class SchemaGrammar {

    private static final int MOST_GOALS = 20_000;
    private static final int MOST_DEPTH = 250;

    private final GrammarRules rules;
    private final SchemaDocument document;
    private final SchemaAssertions assertions;
    private final SchemaExpansion expansion;
    private final JsonText json;
    private final SchemaStrings strings;
    private final SchemaNumbers numbers;
    private final SchemaArrays arrays;
    private final SchemaObjects objects;
    private final SchemaValues values;
    private final Map<List<SchemaTerm>, Expression> known = new HashMap<>();
    private final Map<List<SchemaTerm>, Integer> open = new HashMap<>();
    private int goals;
    private int depth;

    private SchemaGrammar(JsonValue schema, GrammarRules rules) {
        this.rules = rules;
        this.json = new JsonText(rules);
        this.document = new SchemaDocument(schema, rules);
        this.values = new SchemaValues(rules, document);
        this.assertions = new SchemaAssertions(document, values);
        this.strings = new SchemaStrings(rules, json);
        var check = new SchemaCheck(rules, document, values, assertions, strings);
        var denials = new SchemaDenials(document, values, assertions);
        this.expansion = new SchemaExpansion(rules, assertions, denials, strings, check);
        this.numbers = new SchemaNumbers(rules, json, values);
        this.arrays = new SchemaArrays(rules, json, expansion, this::of);
        this.objects = new SchemaObjects(rules, json, strings, expansion, check, this::of);
    }

    static void write(JsonValue schema, GrammarRules rules) {
        var writer = new SchemaGrammar(schema, rules);
        rules.define(0, writer.of(List.of(writer.document.root())));
    }

    /** What fulfils several terms at once. */
    private Expression of(List<SchemaTerm> terms) {
        List<SchemaTerm> goal = SchemaExpansion.simple(terms);
        if (goal.isEmpty()) {
            return json.value();
        }
        if (goal.getFirst().isNothing()) {
            return Expression.NOTHING;
        }
        Expression before = known.get(goal);
        if (before != null) {
            return before;
        }
        if (open.containsKey(goal)) {
            int rule = open.get(goal) < 0 ? rules.reserve("a schema") : open.get(goal);
            open.put(goal, rule);
            return new Expression.Call(rule);
        }
        if (++goals > MOST_GOALS) {
            throw rules.refused(
                    "describes more than "
                            + MOST_GOALS
                            + " schemas once references and combinations are followed");
        }
        if (++depth > MOST_DEPTH) {
            throw rules.refused("nests schemas or follows $ref deeper than " + MOST_DEPTH);
        }
        open.put(goal, -1);
        Expression written = written(goal);
        depth--;
        int rule = open.remove(goal);
        if (rule >= 0) {
            rules.define(rule, written);
            written = new Expression.Call(rule);
        } else {
            written = json.shared("a schema", written);
        }
        known.put(goal, written);
        return written;
    }

    private Expression written(List<SchemaTerm> goal) {
        List<List<SchemaTerm>> parts = goal.size() == 1 ? parts(goal.getFirst()) : null;
        List<Expression> options = new ArrayList<>();
        if (parts != null) {
            parts.forEach(part -> options.add(of(part)));
        } else {
            expansion.shapes(goal).forEach(shape -> write(shape, options));
        }
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    /** Schemas that stand alone in a reference or an {@code anyOf} are written once each. */
    private List<List<SchemaTerm>> parts(SchemaTerm term) {
        if (term.negated() || !(term.schema() instanceof JsonValue.JsonObject)) {
            return null;
        }
        String only = null;
        Map<String, JsonValue> keywords = assertions.keywords(term);
        for (String keyword : keywords.keySet()) {
            if (SchemaKeywords.asserts(keyword)) {
                if (only != null) {
                    return null;
                }
                only = keyword;
            }
        }
        if ("$ref".equals(only)) {
            return List.of(List.of(document.referred(term, keywords.get(only))));
        }
        if (!"anyOf".equals(only) && !"oneOf".equals(only)) {
            return null;
        }
        List<SchemaTerm> branches = values.terms(only, term, keywords.get(only));
        if (only.equals("oneOf")) {
            for (int i = 0; i < branches.size(); i++) {
                for (int j = 0; j < i; j++) {
                    if (!expansion.disjoint(branches.get(i), branches.get(j))) {
                        return null;
                    }
                }
            }
        }
        return branches.stream().map(List::of).toList();
    }

    private void write(SchemaShape shape, List<Expression> options) {
        if (shape.values != null) {
            options.add(json.constants(shape.values));
            return;
        }
        if (shape.isAnything()) {
            options.add(json.value());
            return;
        }
        if (shape.has(SchemaShape.OBJECT)) {
            options.add(objects.write(shape.copy()));
        }
        if (shape.has(SchemaShape.ARRAY)) {
            options.add(arrays.write(shape));
        }
        if (shape.has(SchemaShape.STRING)) {
            options.add(strings.write(shape));
        }
        if (shape.has(SchemaShape.NUMBER)) {
            options.add(numbers.write(shape));
        }
        if (shape.has(SchemaShape.BOOLEAN)) {
            List<JsonValue> flags =
                    new ArrayList<>(List.of(JsonValue.of(true), JsonValue.of(false)));
            flags.removeAll(shape.excluded);
            options.add(json.constants(flags));
        }
        if (shape.has(SchemaShape.NULL) && !shape.excluded.contains(JsonValue.NULL)) {
            options.add(json.constant(JsonValue.NULL));
        }
    }
}
