package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * From a regular expression to the set of texts that it matches: K. Thompson's automaton, then
 * subsets of its states. Work is bounded before it is done.
 */
final class RegularPattern {

    private static final int MOST_PLACES = 20_000;

    private final GrammarRules rules;
    private final Map<Integer, CodePoints> classes = new HashMap<>();
    private final GrammarRules scratch;

    /** Free ways and ways by a character from each place. */
    private final List<List<Integer>> free = new ArrayList<>();

    private final List<CodePoints> taken = new ArrayList<>();
    private final List<Integer> takenTo = new ArrayList<>();

    private RegularPattern(GrammarRules rules) {
        this.rules = rules;
        this.scratch = rules.aside();
    }

    /** Texts in which an ECMAScript pattern matches somewhere. */
    static RegularText searched(String pattern, GrammarRules rules) {
        return parsed(pattern, rules, true);
    }

    /** Texts that a pattern matches as a whole. */
    static RegularText whole(String pattern, GrammarRules rules) {
        return parsed(pattern, rules, false);
    }

    private static RegularText parsed(String pattern, GrammarRules rules, boolean searches) {
        var builder = new RegularPattern(rules);
        Expression parsed =
                RegexParser.parse(pattern, builder.scratch, builder::character, searches);
        return builder.determined(parsed);
    }

    /** Texts of an expression over ASCII without calls. */
    static RegularText of(Expression ascii, GrammarRules rules) {
        return new RegularPattern(rules).determined(ascii);
    }

    /** The parser writes a class as a call of a rule that stands for it. */
    private Expression character(CodePoints set) {
        int rule = -1 - classes.size();
        classes.put(rule, set);
        return new Expression.Call(rule);
    }

    private int place() {
        if (free.size() >= MOST_PLACES) {
            throw rules.refused(
                    "has a \"pattern\" or \"format\" that needs more than "
                            + MOST_PLACES
                            + " places beside other keywords; make it simpler");
        }
        free.add(new ArrayList<>(2));
        taken.add(null);
        takenTo.add(-1);
        return free.size() - 1;
    }

    private int lay(Expression expression, int from) {
        return switch (expression) {
            case Expression.Bytes(var set) -> take(from, ascii(set));
            case Expression.Call(int rule) ->
                    classes.containsKey(rule)
                            ? take(from, classes.get(rule))
                            : lay(scratch.rules().get(rule), from);
            case Expression.Sequence(var parts) -> {
                int at = from;
                for (Expression part : parts) {
                    at = lay(part, at);
                }
                yield at;
            }
            case Expression.Choice(var options) -> {
                int to = place();
                for (Expression option : options) {
                    int begin = place();
                    free.get(from).add(begin);
                    free.get(lay(option, begin)).add(to);
                }
                yield to;
            }
            case Expression.Repeat(var body, int least, int most) ->
                    repeat(body, least, most, from);
        };
    }

    private int take(int from, CodePoints set) {
        int begin = place();
        free.get(from).add(begin);
        int to = place();
        taken.set(begin, set);
        takenTo.set(begin, to);
        return to;
    }

    private int repeat(Expression body, int least, int most, int from) {
        int at = from;
        for (int i = 0; i < least; i++) {
            at = lay(body, at);
        }
        if (most == Expression.UNBOUNDED) {
            int loop = place();
            free.get(at).add(loop);
            free.get(lay(body, loop)).add(loop);
            int out = place();
            free.get(loop).add(out);
            return out;
        }
        int to = place();
        for (int i = least; i < most; i++) {
            free.get(at).add(to);
            int begin = place();
            free.get(at).add(begin);
            at = lay(body, begin);
        }
        free.get(at).add(to);
        return to;
    }

    private static CodePoints ascii(ByteSet set) {
        List<int[]> pairs = new ArrayList<>();
        for (int value = 0; value < 128; value++) {
            if (set.contains(value)) {
                pairs.add(new int[] {value, value});
            }
        }
        return CodePoints.ofRanges(pairs);
    }

    private RegularText determined(Expression expression) {
        int start = place();
        int end = lay(expression, start);
        var starts = new TreeSet<Integer>(List.of(0));
        for (CodePoints set : taken) {
            if (set != null) {
                set.addEdges(starts);
            }
        }
        int[] columns = starts.stream().mapToInt(Integer::intValue).toArray();
        List<BitSet> sets = new ArrayList<>();
        Map<BitSet, Integer> numbers = new HashMap<>();
        BitSet first = new BitSet();
        first.set(start);
        close(first);
        sets.add(first);
        numbers.put(first, 0);
        var steps =
                new RegularText.Steps() {
                    @Override
                    public long start() {
                        return 0;
                    }

                    @Override
                    public long next(long state, int codePoint) {
                        BitSet to = moved(sets.get((int) state), codePoint);
                        if (to.isEmpty()) {
                            return -1;
                        }
                        close(to);
                        Integer number = numbers.putIfAbsent(to, sets.size());
                        if (number == null) {
                            sets.add(to);
                            return sets.size() - 1L;
                        }
                        return number;
                    }

                    @Override
                    public boolean ends(long state) {
                        return sets.get((int) state).get(end);
                    }
                };
        return RegularText.explore(columns, steps, rules);
    }

    private BitSet moved(BitSet from, int codePoint) {
        rules.spend(from.cardinality() + 1L);
        BitSet to = new BitSet();
        for (int at = from.nextSetBit(0); at >= 0; at = from.nextSetBit(at + 1)) {
            if (taken.get(at) != null && taken.get(at).contains(codePoint)) {
                to.set(takenTo.get(at));
            }
        }
        return to;
    }

    private void close(BitSet set) {
        var pending = new ArrayList<Integer>();
        for (int at = set.nextSetBit(0); at >= 0; at = set.nextSetBit(at + 1)) {
            pending.add(at);
        }
        while (!pending.isEmpty()) {
            rules.spend(1);
            int at = pending.removeLast();
            for (int to : free.get(at)) {
                if (!set.get(to)) {
                    set.set(to);
                    pending.add(to);
                }
            }
        }
        // Places that only pass on would tell equal sets apart.
        for (int at = set.nextSetBit(0); at >= 0; at = set.nextSetBit(at + 1)) {
            if (passes(at)) {
                set.clear(at);
            }
        }
    }

    private boolean passes(int at) {
        return taken.get(at) == null && !free.get(at).isEmpty();
    }
}
