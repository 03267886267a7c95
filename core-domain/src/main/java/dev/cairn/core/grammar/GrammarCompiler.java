package dev.cairn.core.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * From rules to an automaton: drops what can never be completed, turns direct left recursion into
 * repetition, refuses other left recursion and grammars without a text, then lays out states (K.
 * Thompson, CACM 11(6), 1968, with calls between rules).
 *
 * <p>Since every path that is left can be completed, a text that was allowed so far can always go
 * on to an end.
 */
final class GrammarCompiler {

    private final GrammarRules source;
    private final ByteSet writable;
    private final Expression[] rules;
    private final boolean[] productive;
    private final boolean[] mayBeEmpty;
    private final int[] startOf;
    private final StateRows rows = new StateRows();

    private GrammarCompiler(GrammarRules source, ByteSet writable) {
        this.source = source;
        this.writable = writable;
        this.rules = source.rules().toArray(new Expression[0]);
        this.productive = new boolean[rules.length];
        this.mayBeEmpty = new boolean[rules.length];
        this.startOf = new int[rules.length];
    }

    /**
     * @throws dev.cairn.ports.request.RequestRefused if no text fits, or rules are left-recursive
     *     through each other
     */
    static Grammar compile(GrammarRules source) {
        return compile(source, ByteSet.range(0, 255));
    }

    /**
     * @param writable bytes that texts may have; ways that need others are left out
     */
    static Grammar compile(GrammarRules source, ByteSet writable) {
        return new GrammarCompiler(source, writable).compile();
    }

    private Grammar compile() {
        settle(productive, this::isProductive);
        if (!productive[0]) {
            throw source.refused("can be fulfilled by no finite text");
        }
        for (int rule = 0; rule < rules.length; rule++) {
            rules[rule] = productive[rule] ? withoutSelfAtLeft(rule, trim(rules[rule])) : null;
        }
        settle(mayBeEmpty, this::mayBeEmpty);
        refuseLeftRecursion();
        Arrays.fill(startOf, -1);
        var queue = new ArrayDeque<Integer>();
        startOf[0] = rows.state();
        queue.add(0);
        while (!queue.isEmpty()) {
            int rule = queue.remove();
            rows.end(lay(rules[rule], startOf[rule], queue));
        }
        return new Grammar(rows.automaton(startOf, mayBeEmpty));
    }

    /** Lays out an expression from a state on. Returns the state behind it. */
    private int lay(Expression expression, int from, ArrayDeque<Integer> queue) {
        return switch (expression) {
            case Expression.Bytes(var set) -> {
                int to = rows.state();
                rows.take(from, set, to);
                yield to;
            }
            case Expression.Sequence(var parts) -> {
                int at = from;
                for (Expression part : parts) {
                    at = lay(part, at, queue);
                }
                yield at;
            }
            case Expression.Choice(var options) -> {
                int to = rows.state();
                for (Expression option : options) {
                    int begin = rows.state();
                    rows.free(from, begin);
                    rows.free(lay(option, begin, queue), to);
                }
                yield to;
            }
            case Expression.Repeat(var body, int least, int most) ->
                    layRepeat(body, mayBeEmpty(body) ? 0 : least, most, from, queue);
            case Expression.Call(int rule) -> {
                int to = rows.state();
                rows.match(from, called(rule, queue), to);
                yield to;
            }
        };
    }

    private int layRepeat(
            Expression body, int least, int most, int from, ArrayDeque<Integer> queue) {
        if (most == 0) {
            return from;
        }
        int to = rows.state();
        if (most == 1) {
            int begin = rows.state();
            rows.free(from, begin);
            rows.free(lay(body, begin, queue), to);
            if (least == 0) {
                rows.free(from, to);
            }
        } else if (most == Expression.UNBOUNDED && least <= 1) {
            int begin = rows.state();
            int back = rows.state();
            rows.free(from, begin);
            rows.free(lay(body, begin, queue), back);
            rows.free(back, begin);
            rows.free(back, to);
            if (least == 0) {
                rows.free(from, to);
            }
        } else {
            int start = rows.state();
            // The body becomes a rule of its own, laid out at once: it has no number in the source.
            rows.end(lay(body, start, queue));
            if (!rows.count(from, least, most, start, to)) {
                throw source.refused("repeats too much: its bounds add up to more than 2^30");
            }
        }
        return to;
    }

    private int called(int rule, ArrayDeque<Integer> queue) {
        if (startOf[rule] < 0) {
            startOf[rule] = rows.state();
            queue.add(rule);
        }
        return rule;
    }

    private interface Property {
        boolean holds(Expression expression);
    }

    /**
     * Least fixed point over rules; a rule is looked at again when one that it calls has changed.
     */
    private void settle(boolean[] known, Property property) {
        Map<Integer, List<Integer>> callers = new HashMap<>();
        var queue = new ArrayDeque<Integer>();
        for (int rule = rules.length - 1; rule >= 0; rule--) {
            if (rules[rule] != null) {
                queue.add(rule);
                recordCalls(rules[rule], rule, callers);
            }
        }
        while (!queue.isEmpty()) {
            int rule = queue.remove();
            if (!known[rule] && property.holds(rules[rule])) {
                known[rule] = true;
                queue.addAll(callers.getOrDefault(rule, List.of()));
            }
        }
    }

    private static void recordCalls(
            Expression expression, int caller, Map<Integer, List<Integer>> callers) {
        switch (expression) {
            case Expression.Bytes _ -> {}
            case Expression.Sequence(var parts) ->
                    parts.forEach(part -> recordCalls(part, caller, callers));
            case Expression.Choice(var options) ->
                    options.forEach(option -> recordCalls(option, caller, callers));
            case Expression.Repeat(var body, _, _) -> recordCalls(body, caller, callers);
            case Expression.Call(int rule) ->
                    callers.computeIfAbsent(rule, _ -> new ArrayList<>()).add(caller);
        }
    }

    private boolean isProductive(Expression expression) {
        return switch (expression) {
            case Expression.Bytes(var set) -> !set.intersection(writable).isEmpty();
            case Expression.Sequence(var parts) -> parts.stream().allMatch(this::isProductive);
            case Expression.Choice(var options) -> options.stream().anyMatch(this::isProductive);
            case Expression.Repeat(var body, int least, _) -> least == 0 || isProductive(body);
            case Expression.Call(int rule) -> productive[rule];
        };
    }

    private boolean mayBeEmpty(Expression expression) {
        return switch (expression) {
            case Expression.Bytes _ -> false;
            case Expression.Sequence(var parts) -> parts.stream().allMatch(this::mayBeEmpty);
            case Expression.Choice(var options) -> options.stream().anyMatch(this::mayBeEmpty);
            case Expression.Repeat(var body, int least, _) -> least == 0 || mayBeEmpty(body);
            case Expression.Call(int rule) -> mayBeEmpty[rule];
        };
    }

    /** A productive expression without its dead branches. */
    private Expression trim(Expression expression) {
        return switch (expression) {
            case Expression.Bytes(var set) ->
                    set.isSubsetOf(writable)
                            ? expression
                            : new Expression.Bytes(set.intersection(writable));
            case Expression.Call _ -> expression;
            case Expression.Sequence(var parts) ->
                    new Expression.Sequence(parts.stream().map(this::trim).toList());
            case Expression.Choice(var options) ->
                    new Expression.Choice(
                            options.stream().filter(this::isProductive).map(this::trim).toList());
            case Expression.Repeat(var body, int least, int most) ->
                    isProductive(body)
                            ? new Expression.Repeat(trim(body), least, most)
                            : Expression.EMPTY;
        };
    }

    /** {@code E = E rest | base} is {@code E = base rest*}. */
    private static Expression withoutSelfAtLeft(int rule, Expression expression) {
        if (!(expression instanceof Expression.Choice(var options))) {
            return expression;
        }
        List<Expression> rests = new ArrayList<>();
        List<Expression> bases = new ArrayList<>();
        for (Expression option : options) {
            if (option instanceof Expression.Call(int called) && called == rule) {
                continue;
            }
            if (option instanceof Expression.Sequence(var parts)
                    && !parts.isEmpty()
                    && parts.getFirst() instanceof Expression.Call(int called)
                    && called == rule) {
                rests.add(new Expression.Sequence(parts.subList(1, parts.size())));
            } else {
                bases.add(option);
            }
        }
        Expression base = new Expression.Choice(bases);
        return rests.isEmpty()
                ? base
                : Expression.sequence(base, Expression.star(new Expression.Choice(rests)));
    }

    /** Depth first over "may begin with"; a way back to a rule that is still open is a loop. */
    private void refuseLeftRecursion() {
        byte[] mark = new byte[rules.length];
        for (int root = 0; root < rules.length; root++) {
            if (rules[root] == null || mark[root] != 0) {
                continue;
            }
            var path = new ArrayDeque<Integer>();
            var pending = new ArrayDeque<ArrayDeque<Integer>>();
            int entering = root;
            while (true) {
                if (entering >= 0) {
                    mark[entering] = 1;
                    path.push(entering);
                    var first = new ArrayDeque<Integer>();
                    mayBegin(rules[entering], first);
                    pending.push(first);
                    entering = -1;
                }
                if (pending.peek().isEmpty()) {
                    pending.pop();
                    mark[path.pop()] = 2;
                    if (path.isEmpty()) {
                        break;
                    }
                    continue;
                }
                int next = pending.peek().pop();
                if (mark[next] == 1) {
                    throw source.refused(
                            "is left-recursive: "
                                    + source.name(next)
                                    + " can begin with itself; write it as a repetition");
                }
                entering = mark[next] == 0 ? next : -1;
            }
        }
    }

    /** Adds the rules that an expression may begin with. */
    private void mayBegin(Expression expression, ArrayDeque<Integer> out) {
        switch (expression) {
            case Expression.Bytes _ -> {}
            case Expression.Sequence(var parts) -> {
                for (Expression part : parts) {
                    mayBegin(part, out);
                    if (!mayBeEmpty(part)) {
                        return;
                    }
                }
            }
            case Expression.Choice(var options) -> options.forEach(o -> mayBegin(o, out));
            case Expression.Repeat(var body, _, _) -> mayBegin(body, out);
            case Expression.Call(int rule) -> out.add(rule);
        }
    }
}
