package dev.cairn.core.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Any text up to the first place where one of some texts is complete, from where on something else
 * must follow (A. Aho and M. Corasick, CACM 18(6), 1975, as rules: one per place in those texts).
 */
final class FreeText {

    private final GrammarRules rules;
    private final List<Place> places = new ArrayList<>();
    private final Place root = new Place();

    /** What was written of the texts so far. */
    private static final class Place {
        private final Map<Integer, Place> next = new TreeMap<>();
        private final List<Expression> then = new ArrayList<>();
        private Place fallback;
        private int rule = -1;
    }

    /**
     * A text to watch for.
     *
     * @param symbols at least one, see {@link SpecialNames}
     * @param then what follows it
     */
    @SuppressWarnings("ArrayRecordComponent") // Made here, compared by nobody.
    record Watched(int[] symbols, Expression then) {}

    private FreeText(GrammarRules rules) {
        this.rules = rules;
    }

    /**
     * Reserves the rule of a text, so that what follows can lead back to it.
     *
     * @return to be called by others, and given to {@link #define}
     */
    static int reserve(GrammarRules rules) {
        return rules.reserve("free text");
    }

    /**
     * Writes the rule.
     *
     * @param end what follows where the text ends before any of the watched ones; null if it may
     *     not
     */
    static void define(GrammarRules rules, int rule, List<Watched> watched, Expression end) {
        var text = new FreeText(rules);
        text.root.rule = rule;
        watched.forEach(text::add);
        text.link();
        text.write(end);
    }

    private void add(Watched watched) {
        Place at = root;
        for (int symbol : watched.symbols) {
            at = at.next.computeIfAbsent(symbol, _ -> new Place());
        }
        at.then.add(watched.then);
    }

    /** Breadth first: a fallback is shorter than what falls back to it. */
    private void link() {
        var queue = new ArrayDeque<Place>();
        root.fallback = root;
        queue.add(root);
        while (!queue.isEmpty()) {
            Place place = queue.remove();
            places.add(place);
            place.next.forEach(
                    (symbol, next) -> {
                        next.fallback = place == root ? root : reached(place.fallback, symbol);
                        next.then.addAll(next.fallback.then);
                        queue.add(next);
                    });
        }
    }

    private Place reached(Place from, int symbol) {
        Place at = from;
        while (at != root && !at.next.containsKey(symbol)) {
            at = at.fallback;
        }
        return at.next.getOrDefault(symbol, root);
    }

    private void write(Expression end) {
        for (Place place : places) {
            if (place.rule < 0 && place.then.isEmpty()) {
                place.rule = rules.reserve("free text");
            }
        }
        for (Place place : places) {
            if (place.then.isEmpty()) {
                rules.define(place.rule, ways(place, end));
            }
        }
    }

    private Expression ways(Place place, Expression end) {
        Map<Integer, Place> next = new TreeMap<>();
        for (Place at = place; ; at = at.fallback) {
            at.next.forEach(next::putIfAbsent);
            if (at == root) {
                break;
            }
        }
        List<Expression> options = new ArrayList<>();
        CodePoints others = CodePoints.ALL;
        for (Map.Entry<Integer, Place> way : next.entrySet()) {
            int symbol = way.getKey();
            Place to = way.getValue();
            if (symbol < SpecialNames.FIRST_TOKEN) {
                others = others.minus(CodePoints.of(symbol, symbol));
            }
            Expression then =
                    to.then.isEmpty()
                            ? new Expression.Call(to.rule)
                            : new Expression.Choice(to.then);
            options.add(Expression.sequence(SpecialNames.expression(symbol), then));
        }
        options.add(Expression.sequence(others.utf8(), new Expression.Call(root.rule)));
        if (end != null) {
            options.add(end);
        }
        return new Expression.Choice(options);
    }
}
