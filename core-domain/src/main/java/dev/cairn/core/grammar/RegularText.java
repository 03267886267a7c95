package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A regular set of texts as a deterministic automaton over code points, for what a context-free
 * rule cannot say: both of two patterns, one without another, a pattern and a length. State 0 is
 * where a text begins. Immutable; small by construction: {@link #MOST_STATES}.
 */
final class RegularText {

    static final int MOST_STATES = 6_000;

    /** Beyond it the equal states of an automaton stay apart: finding them is quadratic. */
    private static final int MOST_MERGED = 600;

    private static final int DEAD = -1;

    /** First code point of each column; a column ends before the next one begins. */
    private final int[] columns;

    /** {@code [state][column]}, {@link #DEAD} where no text of the set goes on so. */
    private final int[][] next;

    private final boolean[] ends;

    private RegularText(int[] columns, int[][] next, boolean[] ends) {
        this.columns = columns;
        this.next = next;
        this.ends = ends;
    }

    /** An automaton by its rule: states are any numbers from 0 on, negative ones are dead. */
    interface Steps {
        long start();

        long next(long state, int codePoint);

        boolean ends(long state);
    }

    /**
     * The states that can be reached.
     *
     * @param columns first code points of ranges that the rule does not tell apart, from 0 on
     * @throws dev.cairn.ports.request.RequestRefused for more than {@link #MOST_STATES}
     */
    static RegularText explore(int[] columns, Steps steps, GrammarRules rules) {
        Map<Long, Integer> numbers = new HashMap<>();
        List<Long> states = new ArrayList<>();
        List<int[]> rows = new ArrayList<>();
        numbers.put(steps.start(), 0);
        states.add(steps.start());
        for (int at = 0; at < states.size(); at++) {
            int[] row = new int[columns.length];
            rules.spend(columns.length);
            for (int column = 0; column < columns.length; column++) {
                long to = steps.next(states.get(at), columns[column]);
                Integer number = to < 0 ? Integer.valueOf(DEAD) : numbers.get(to);
                if (number == null) {
                    number = states.size();
                    refuseTooMany(number, rules);
                    numbers.put(to, number);
                    states.add(to);
                }
                row[column] = number;
            }
            rows.add(row);
        }
        boolean[] ends = new boolean[states.size()];
        for (int at = 0; at < ends.length; at++) {
            ends[at] = steps.ends(states.get(at));
        }
        return new RegularText(columns, rows.toArray(new int[0][]), ends).smallest(rules);
    }

    static void refuseTooMany(int states, GrammarRules rules) {
        if (states >= MOST_STATES) {
            throw rules.refused(
                    "combines a \"pattern\", \"format\", length, \"multipleOf\" or names so that"
                            + " more than "
                            + MOST_STATES
                            + " states are needed; make them simpler");
        }
    }

    /** Some texts and nothing else. */
    static RegularText of(Iterable<String> texts) {
        var letters = new TreeSet<Integer>(List.of(0));
        List<TreeMap<Integer, Integer>> nodes = new ArrayList<>(List.of(new TreeMap<>()));
        List<Boolean> last = new ArrayList<>(List.of(false));
        for (String text : texts) {
            int at = 0;
            for (int c : text.codePoints().toArray()) {
                letters.add(c);
                letters.add(c + 1);
                Integer to = nodes.get(at).get(c);
                if (to == null) {
                    to = nodes.size();
                    nodes.get(at).put(c, to);
                    nodes.add(new TreeMap<>());
                    last.add(false);
                }
                at = to;
            }
            last.set(at, true);
        }
        int[] columns = letters.stream().mapToInt(Integer::intValue).toArray();
        int[][] next = new int[nodes.size()][columns.length];
        boolean[] ends = new boolean[nodes.size()];
        for (int at = 0; at < ends.length; at++) {
            ends[at] = last.get(at);
            for (int column = 0; column < columns.length; column++) {
                next[at][column] = nodes.get(at).getOrDefault(columns[column], DEAD);
            }
        }
        return new RegularText(columns, next, ends).smallest(null);
    }

    /** All texts. */
    static RegularText all() {
        return new RegularText(new int[] {0}, new int[][] {{0}}, new boolean[] {true});
    }

    RegularText and(RegularText other, GrammarRules rules) {
        return paired(other, rules, true, true);
    }

    RegularText minus(RegularText other, GrammarRules rules) {
        return paired(other, rules, true, false);
    }

    RegularText or(RegularText other, GrammarRules rules) {
        return all().minus(all().minus(this, rules).minus(other, rules), rules);
    }

    /** Texts of this that the other has, or has not. */
    private RegularText paired(
            RegularText other, GrammarRules rules, boolean mine, boolean theirs) {
        var both = new TreeSet<Integer>();
        for (int from : columns) {
            both.add(from);
        }
        for (int from : other.columns) {
            both.add(from);
        }
        long width = other.ends.length + 1L;
        return explore(
                both.stream().mapToInt(Integer::intValue).toArray(),
                new Steps() {
                    @Override
                    public long start() {
                        return 1;
                    }

                    @Override
                    public long next(long state, int codePoint) {
                        int here = step((int) (state / width), codePoint);
                        int there = other.step((int) (state % width) - 1, codePoint);
                        return here == DEAD || theirs && there == DEAD
                                ? DEAD
                                : here * width + there + 1;
                    }

                    @Override
                    public boolean ends(long state) {
                        int there = (int) (state % width) - 1;
                        return ends[(int) (state / width)] == mine
                                && (there != DEAD && other.ends[there]) == theirs;
                    }
                },
                rules);
    }

    /**
     * Texts of some lengths in code points.
     *
     * @param most or {@link Expression#UNBOUNDED}
     */
    RegularText between(int least, int most, GrammarRules rules) {
        int cap = most == Expression.UNBOUNDED ? least : most + 1;
        long width = cap + 1L;
        return explore(
                columns,
                new Steps() {
                    @Override
                    public long start() {
                        return 0;
                    }

                    @Override
                    public long next(long state, int codePoint) {
                        int to = step((int) (state / width), codePoint);
                        long length = Math.min(cap, state % width + 1);
                        boolean tooLong = most != Expression.UNBOUNDED && length > most;
                        return to == DEAD || tooLong ? DEAD : to * width + length;
                    }

                    @Override
                    public boolean ends(long state) {
                        return ends[(int) (state / width)] && state % width >= least;
                    }
                },
                rules);
    }

    private int step(int state, int codePoint) {
        if (state == DEAD) {
            return DEAD;
        }
        int column = Arrays.binarySearch(columns, codePoint);
        return next[state][column >= 0 ? column : -column - 2];
    }

    boolean isEmpty() {
        return ends.length == 1 && !ends[0];
    }

    int states() {
        return ends.length;
    }

    boolean contains(String text) {
        int at = 0;
        for (int i = 0;
                i < text.length() && at != DEAD;
                i += Character.charCount(text.codePointAt(i))) {
            at = step(at, text.codePointAt(i));
        }
        return at != DEAD && ends[at];
    }

    boolean ends(int state) {
        return ends[state];
    }

    /** Where a state goes on to, and by which characters. */
    Map<Integer, CodePoints> ways(int state) {
        Map<Integer, List<int[]>> ranges = new TreeMap<>();
        for (int column = 0; column < columns.length; column++) {
            int to = next[state][column];
            if (to != DEAD) {
                int end =
                        column + 1 < columns.length
                                ? columns[column + 1] - 1
                                : Character.MAX_CODE_POINT;
                ranges.computeIfAbsent(to, _ -> new ArrayList<>())
                        .add(new int[] {columns[column], end});
            }
        }
        Map<Integer, CodePoints> ways = new TreeMap<>();
        ranges.forEach((to, pairs) -> ways.put(to, CodePoints.ofRanges(pairs)));
        return ways;
    }

    /** Without states that lead nowhere or do the same as another (E. F. Moore, 1956). */
    private RegularText smallest(GrammarRules rules) {
        boolean[] live = live();
        int[] group = new int[ends.length];
        boolean merge = ends.length <= MOST_MERGED;
        for (int state = 0; state < ends.length; state++) {
            int alone = merge ? (ends[state] ? 1 : 0) : state;
            group[state] = live[state] ? alone : DEAD;
        }
        int before = 0;
        Map<List<Integer>, Integer> known = new HashMap<>();
        do {
            before = known.size();
            known.clear();
            if (rules != null) {
                rules.spend((long) ends.length * columns.length);
            }
            int[] refined = new int[ends.length];
            for (int state = 0; state < ends.length && merge; state++) {
                refined[state] = live[state] ? number(known, signature(state, group)) : DEAD;
            }
            group = merge ? refined : group;
        } while (known.size() > before);
        return grouped(group);
    }

    private static int number(Map<List<Integer>, Integer> known, List<Integer> signature) {
        return known.computeIfAbsent(signature, _ -> known.size());
    }

    private List<Integer> signature(int state, int[] group) {
        Integer[] signature = new Integer[columns.length + 1];
        signature[0] = group[state];
        for (int column = 0; column < columns.length; column++) {
            int to = next[state][column];
            signature[column + 1] = to == DEAD ? DEAD : group[to];
        }
        return Arrays.asList(signature);
    }

    private boolean[] live() {
        List<List<Integer>> before = new ArrayList<>();
        for (int state = 0; state < ends.length; state++) {
            before.add(new ArrayList<>());
        }
        for (int state = 0; state < ends.length; state++) {
            for (int to : next[state]) {
                if (to != DEAD) {
                    before.get(to).add(state);
                }
            }
        }
        boolean[] live = new boolean[ends.length];
        List<Integer> found = new ArrayList<>();
        for (int state = 0; state < ends.length; state++) {
            if (ends[state]) {
                live[state] = true;
                found.add(state);
            }
        }
        for (int at = 0; at < found.size(); at++) {
            for (int state : before.get(found.get(at))) {
                if (!live[state]) {
                    live[state] = true;
                    found.add(state);
                }
            }
        }
        return live;
    }

    private RegularText grouped(int[] group) {
        if (group[0] == DEAD) {
            return new RegularText(new int[] {0}, new int[][] {{DEAD}}, new boolean[1]);
        }
        // Numbers in the order of discovery from the beginning, which also drops the unreachable.
        Map<Integer, Integer> numbers = new HashMap<>(Map.of(group[0], 0));
        List<Integer> members = new ArrayList<>(List.of(0));
        List<int[]> rows = new ArrayList<>();
        for (int at = 0; at < members.size(); at++) {
            int[] row = new int[columns.length];
            for (int column = 0; column < columns.length; column++) {
                int to = next[members.get(at)][column];
                if (to == DEAD || group[to] == DEAD) {
                    row[column] = DEAD;
                    continue;
                }
                Integer number = numbers.putIfAbsent(group[to], members.size());
                if (number == null) {
                    number = members.size();
                    members.add(to);
                }
                row[column] = number;
            }
            rows.add(row);
        }
        boolean[] last = new boolean[rows.size()];
        for (int at = 0; at < last.length; at++) {
            last[at] = ends[members.get(at)];
        }
        return joined(rows, last);
    }

    /** Neighbouring columns that no state tells apart become one. */
    private RegularText joined(List<int[]> rows, boolean[] last) {
        List<Integer> kept = new ArrayList<>();
        for (int column = 0; column < columns.length; column++) {
            int here = column;
            if (column == 0 || rows.stream().anyMatch(row -> row[here] != row[here - 1])) {
                kept.add(column);
            }
        }
        int[] from = kept.stream().mapToInt(column -> columns[column]).toArray();
        int[][] narrow =
                rows.stream()
                        .map(row -> kept.stream().mapToInt(column -> row[column]).toArray())
                        .toArray(int[][]::new);
        return new RegularText(from, narrow, last);
    }
}
