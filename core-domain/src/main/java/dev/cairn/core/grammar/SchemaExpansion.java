package dev.cairn.core.grammar;

import dev.cairn.ports.request.RequestRefused;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All the ways to fulfil several schemas at once: references followed, combinations multiplied out,
 * ways that contradict themselves left out. Work is counted and bounded.
 */
final class SchemaExpansion {

    static final int MOST_WAYS = 3_000;

    /** Units of work of a step, most of them for the copy of a shape. */
    private static final int STEP = 100;

    private static final int MOST_DEPTH = 400;
    private static final int LOOK_AHEAD = 3;

    private final GrammarRules rules;
    private final SchemaAssertions assertions;
    private final SchemaDenials denials;
    private final SchemaStrings strings;
    private final SchemaCheck check;

    /** By how deep one was looking already: nearer to the surface one sees further. */
    private final List<Map<List<SchemaTerm>, Boolean>> empty = new ArrayList<>();

    private int looking;

    /** Tasks in order; {@code above} are the terms that a task comes from. */
    private record Pending(SchemaTask task, Above above, Pending rest) {}

    private record Above(SchemaTerm term, Above rest, int depth) {

        static boolean has(Above above, SchemaTerm term) {
            for (Above at = above; at != null; at = at.rest) {
                if (at.term.equals(term)) {
                    return true;
                }
            }
            return false;
        }
    }

    SchemaExpansion(
            GrammarRules rules,
            SchemaAssertions assertions,
            SchemaDenials denials,
            SchemaStrings strings,
            SchemaCheck check) {
        this.rules = rules;
        this.assertions = assertions;
        this.denials = denials;
        this.strings = strings;
        this.check = check;
        for (int i = 0; i < LOOK_AHEAD; i++) {
            empty.add(new HashMap<>());
        }
    }

    /** Ways to fulfil all of some terms. */
    List<SchemaShape> shapes(List<SchemaTerm> goal) {
        Pending pending = null;
        for (int i = goal.size() - 1; i >= 0; i--) {
            pending = new Pending(SchemaTask.holds(goal.get(i)), null, pending);
        }
        List<SchemaShape> out = new ArrayList<>();
        expand(new SchemaShape(), pending, out);
        return out;
    }

    /** Whether no value fulfils all of some terms; false too where that is not seen. */
    boolean isEmpty(List<SchemaTerm> goal) {
        if (goal.stream().anyMatch(SchemaTerm::isNothing)) {
            return true;
        }
        if (looking >= LOOK_AHEAD || goal.stream().allMatch(SchemaTerm::isAnything)) {
            return false;
        }
        Boolean known = empty.get(looking).get(goal);
        if (known != null) {
            return known;
        }
        looking++;
        boolean found = false;
        try {
            found = shapes(goal).stream().allMatch(shape -> lookedInto(shape).types == 0);
        } catch (RequestRefused notSeen) {
            if (rules.isSpent()) {
                throw notSeen;
            }
        } finally {
            looking--;
        }
        empty.get(looking).put(goal, found);
        return found;
    }

    boolean disjoint(SchemaTerm a, SchemaTerm b) {
        return isEmpty(List.of(a, b));
    }

    private void expand(SchemaShape shape, Pending from, List<SchemaShape> out) {
        Pending pending = from;
        while (pending != null) {
            rules.spend(STEP);
            Above above = pending.above;
            SchemaTask task = pending.task;
            pending = pending.rest;
            switch (task) {
                case SchemaTask.Asserts(var assertion) -> {
                    assertion.accept(shape);
                    shape.narrow();
                    if (shape.types == 0) {
                        return;
                    }
                }
                case SchemaTask.Holds(var term) -> pending = opened(term, above, shape, pending);
                case SchemaTask.Either(var ways) -> {
                    for (List<SchemaTask> way : ways) {
                        expand(shape.copy(), pushed(way, above, pending), out);
                    }
                    return;
                }
            }
        }
        check(shape);
        if (lookedInto(shape).types != 0) {
            if (out.size() >= MOST_WAYS) {
                throw rules.refused(
                        "combines schemas (by anyOf, oneOf, not or if) to more than "
                                + MOST_WAYS
                                + " ways; make it simpler");
            }
            out.add(shape);
        }
    }

    private Pending opened(SchemaTerm term, Above above, SchemaShape shape, Pending rest) {
        if (term.isAnything()) {
            return rest;
        }
        if (Above.has(above, term)) {
            throw rules.refused(
                    "has a \"$ref\" that leads back to itself without a property or item between,"
                            + " so it can be fulfilled by no finite text");
        }
        if (above != null && above.depth > MOST_DEPTH) {
            throw rules.refused("follows $ref and combinations deeper than " + MOST_DEPTH);
        }
        if (shape.terms.contains(term)) {
            return rest;
        }
        shape.terms.add(term);
        List<SchemaTask> tasks =
                term.negated() ? denials.of(term.not()) : assertions.of(term, this::disjoint);
        return pushed(tasks, new Above(term, above, above == null ? 0 : above.depth + 1), rest);
    }

    private static Pending pushed(List<SchemaTask> tasks, Above above, Pending rest) {
        Pending all = rest;
        for (int i = tasks.size() - 1; i >= 0; i--) {
            all = new Pending(tasks.get(i), above, all);
        }
        return all;
    }

    /** Keeps the constants that fulfil everything. */
    private void check(SchemaShape shape) {
        if (shape.values != null) {
            shape.values =
                    shape.values.stream()
                            .filter(value -> (SchemaShape.typeOf(value) & shape.types) != 0)
                            .filter(
                                    value ->
                                            shape.terms.stream()
                                                    .allMatch(t -> check.holds(t, value)))
                            .toList();
            shape.narrow();
        }
    }

    /** The same shape without types whose parts contradict each other. */
    private SchemaShape lookedInto(SchemaShape shape) {
        if (shape.values != null) {
            return shape;
        }
        if (shape.has(SchemaShape.OBJECT)) {
            for (String name : shape.required) {
                if (isForbidden(shape, name)) {
                    shape.only(~SchemaShape.OBJECT);
                    break;
                }
            }
        }
        if (shape.has(SchemaShape.ARRAY)) {
            for (int i = 0; i < Math.min(shape.minItems, shape.firstItems() + 1); i++) {
                if (isEmpty(shape.item(i))) {
                    shape.only(~SchemaShape.ARRAY);
                    break;
                }
            }
        }
        if (shape.has(SchemaShape.STRING) && shape.texts.size() > 1 && strings.isEmpty(shape)) {
            shape.only(~SchemaShape.STRING);
        }
        return shape;
    }

    private boolean isForbidden(SchemaShape shape, String name) {
        return isEmpty(shape.member(name, strings))
                || shape.names.stream()
                        .anyMatch(
                                term ->
                                        !check.holds(
                                                term,
                                                new dev.cairn.ports.system.JsonValue.JsonString(
                                                        name)));
    }

    /** The terms of which one that is not seen to hold anyway makes a difference. */
    static List<SchemaTerm> simple(List<SchemaTerm> goal) {
        Set<SchemaTerm> seen = new HashSet<>();
        List<SchemaTerm> kept = new ArrayList<>();
        for (SchemaTerm term : goal) {
            if (term.isNothing()) {
                return List.of(SchemaTerm.NOTHING);
            }
            if (!term.isAnything() && seen.add(term)) {
                kept.add(term);
            }
        }
        return kept;
    }
}
