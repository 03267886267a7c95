package dev.cairn.core.grammar;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import java.util.ArrayList;
import java.util.List;

/**
 * Rules while a front end writes them. Rule 0 is where a text begins. Counts what is added, so that
 * a small text cannot become a large grammar.
 */
final class GrammarRules {

    /** Most nodes of all expressions together. */
    static final int MAX_NODES = 200_000;

    /** Most rules. */
    static final int MAX_RULES = 20_000;

    /** Most times that something may be repeated where a number is written. */
    static final int MAX_REPEATS = 1_000_000;

    /** Most units of work of a front end, about a second's worth on one core. */
    private static final long MOST_WORK = 12_000_000;

    private final String field;
    private final List<Expression> rules = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private int nodes;
    private long work;

    /**
     * @param field of the request, named in refusals
     */
    GrammarRules(String field) {
        this.field = field;
        reserve("the whole text");
    }

    /** Rules that are read and thrown away; refusals name the same field. */
    GrammarRules aside() {
        return new GrammarRules(field);
    }

    /** Counts work that leaves no rules behind: automata, combinations, constants tried. */
    void spend(long units) {
        work += units;
        if (isSpent()) {
            throw refused(
                    "takes too much work to be held exactly, by \"oneOf\", \"anyOf\", \"allOf\","
                            + " \"not\", \"if\", \"pattern\" or a large \"enum\"; make it simpler");
        }
    }

    /** Whether more work was asked for than is done for a grammar. */
    boolean isSpent() {
        return work > MOST_WORK;
    }

    /** A rule that is defined later. */
    int reserve(String name) {
        if (rules.size() >= MAX_RULES) {
            throw refused("needs more than " + MAX_RULES + " rules; make it smaller");
        }
        rules.add(Expression.NOTHING);
        names.add(name);
        return rules.size() - 1;
    }

    void define(int rule, Expression expression) {
        count(expression);
        rules.set(rule, expression);
    }

    Expression.Call add(String name, Expression expression) {
        int rule = reserve(name);
        define(rule, expression);
        return new Expression.Call(rule);
    }

    List<Expression> rules() {
        return rules;
    }

    String name(int rule) {
        return names.get(rule);
    }

    /** {@code "FIELD " + message} as a refusal of the request. */
    RequestRefused refused(String message) {
        return new RequestRefused(RequestProblem.invalid(field, field + " " + message));
    }

    private void count(Expression expression) {
        if (++nodes > MAX_NODES) {
            throw refused(
                    "becomes a grammar of more than " + MAX_NODES + " nodes; make it smaller");
        }
        switch (expression) {
            case Expression.Bytes _, Expression.Call _ -> {}
            case Expression.Sequence(var parts) -> parts.forEach(this::count);
            case Expression.Choice(var options) -> options.forEach(this::count);
            case Expression.Repeat(var body, int least, int most) -> {
                if (Math.max(least, most) > MAX_REPEATS) {
                    throw refused("repeats something more than " + MAX_REPEATS + " times");
                }
                count(body);
            }
        }
    }
}
