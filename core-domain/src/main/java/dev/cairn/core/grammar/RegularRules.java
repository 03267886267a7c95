package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.Expression.sequence;
import static dev.cairn.core.grammar.Expression.star;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** Writes a {@link RegularText} as rules: one for each state that several others lead to. */
final class RegularRules {

    private final JsonText json;
    private final Map<Integer, Expression.Call> rules = new HashMap<>();
    private final Queue<Integer> unwritten = new ArrayDeque<>();
    private RegularText set;
    private int[] entered;

    RegularRules(JsonText json) {
        this.json = json;
    }

    Expression write(RegularText text) {
        if (text.isEmpty()) {
            return Expression.NOTHING;
        }
        this.set = text;
        this.entered = new int[text.states()];
        entered[0] = 1;
        for (int state = 0; state < text.states(); state++) {
            for (int to : text.ways(state).keySet()) {
                entered[to]++;
            }
        }
        Expression first = from(0, 0);
        // One after the other: a text may have thousands of states in a row, and a stack has an
        // end.
        while (!unwritten.isEmpty()) {
            int state = unwritten.remove();
            json.define(rules.get(state).rule(), written(state, set.ways(state), 0));
        }
        return first;
    }

    private Expression from(int state, int depth) {
        Map<Integer, CodePoints> ways = set.ways(state);
        boolean onlyLoop = ways.size() == 1 && ways.containsKey(state) && set.ends(state);
        if (onlyLoop) {
            return star(json.character(ways.get(state)));
        }
        if (rules.containsKey(state)) {
            return rules.get(state);
        }
        boolean alone = entered[state] <= 1 && depth < JsonText.MOST_NESTED;
        if (alone) {
            return written(state, ways, depth);
        }
        rules.put(state, new Expression.Call(json.reserve("text")));
        unwritten.add(state);
        return rules.get(state);
    }

    private Expression written(int state, Map<Integer, CodePoints> ways, int depth) {
        List<Expression> options = new ArrayList<>();
        if (set.ends(state)) {
            options.add(Expression.EMPTY);
        }
        ways.forEach((to, by) -> options.add(sequence(json.character(by), from(to, depth + 1))));
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    /** See {@link JsonText#counted}. */
    Expression counted(RegularText text, int least, int most) {
        List<CodePoints> before = new ArrayList<>();
        int state = 0;
        while (true) {
            Map<Integer, CodePoints> ways = text.ways(state);
            if (ways.size() != 1) {
                return null;
            }
            int to = ways.keySet().iterator().next();
            if (to == state) {
                return counted(before, ways.get(state), text, state, least, most);
            }
            if (text.ends(state) || to < state) {
                return null;
            }
            before.add(ways.get(to));
            state = to;
        }
    }

    private Expression counted(
            List<CodePoints> before,
            CodePoints loop,
            RegularText text,
            int state,
            int least,
            int most) {
        int from = Math.max(0, least - before.size());
        int to = most == Expression.UNBOUNDED ? most : most - before.size();
        if (!text.ends(state) || most != Expression.UNBOUNDED && to < from) {
            return null;
        }
        List<Expression> parts = new ArrayList<>();
        before.forEach(set -> parts.add(json.character(set)));
        parts.add(new Expression.Repeat(json.character(loop), from, to));
        return new Expression.Sequence(parts);
    }
}
