package dev.cairn.core.grammar;

/**
 * Rules as an automaton over bytes with calls: a state has edges that take a byte, take nothing, or
 * match a rule first. Immutable, safe for any thread.
 *
 * <p>State ids below {@link #firstCounted} are rows of the edge arrays. Ids from there on count the
 * rounds of bounded repetitions: {@code base + round}, so that "a thousand times" costs one record,
 * not a thousand states.
 */
public final class Grammar {

    static final byte TAKE_NOTHING = 0;
    static final byte TAKE_BYTE = 1;
    static final byte MATCH_RULE = 2;

    /** Edges of state s are {@code edgeFrom[s]} to {@code edgeFrom[s + 1]}. */
    final int[] edgeFrom;

    final byte[] edgeKind;

    /** Index in {@link #sets}, or a rule. */
    final int[] edgeWhat;

    final int[] edgeTo;
    final boolean[] ends;

    /** From here nothing is left to do but to end the rule. */
    final boolean[] onlyEnds;

    final ByteSet[] sets;
    final int[] ruleStart;
    final boolean[] ruleMayBeEmpty;
    final Counter[] counters;
    final int firstCounted;

    /** Bytes that no edge tells apart have one class. */
    final byte[] byteClass;

    final int classes;

    /**
     * A bounded repetition.
     *
     * @param base state id of round 0
     * @param most rounds, or {@link Expression#UNBOUNDED}
     * @param body rule, never matching the empty text in a round
     * @param after state once enough rounds are done
     */
    record Counter(int base, int least, int most, int body, int after) {

        int lastRound() {
            return most == Expression.UNBOUNDED ? least : most;
        }

        boolean mayGoOn(int round) {
            return most == Expression.UNBOUNDED || round < most;
        }

        int next(int round) {
            return Math.min(round + 1, lastRound());
        }

        /**
         * A round that behaves the same for the next {@code horizon} bytes, and has as far to an
         * end: each round takes at least one byte.
         */
        int alike(int round, int horizon) {
            boolean farFromMost = most == Expression.UNBOUNDED || most - round > horizon;
            return round >= least && farFromMost ? least : round;
        }
    }

    Grammar(Automaton automaton) {
        this.edgeFrom = automaton.edgeFrom();
        this.edgeKind = automaton.edgeKind();
        this.edgeWhat = automaton.edgeWhat();
        this.edgeTo = automaton.edgeTo();
        this.ends = automaton.ends();
        this.sets = automaton.sets();
        this.ruleStart = automaton.ruleStart();
        this.ruleMayBeEmpty = automaton.ruleMayBeEmpty();
        this.counters = automaton.counters();
        this.firstCounted = ends.length;
        this.onlyEnds = onlyEnds();
        this.byteClass = new byte[256];
        this.classes = classify();
    }

    /** The parts of a grammar, as the compiler leaves them. */
    record Automaton(
            int[] edgeFrom,
            byte[] edgeKind,
            int[] edgeWhat,
            int[] edgeTo,
            boolean[] ends,
            ByteSet[] sets,
            int[] ruleStart,
            boolean[] ruleMayBeEmpty,
            Counter[] counters) {}

    /** The repetition that a counted state belongs to. */
    Counter counter(int state) {
        return counters[counterIndex(state)];
    }

    /** Its index in {@link #counters}. */
    int counterIndex(int state) {
        int low = 0;
        int high = counters.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (counters[middle].base <= state) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Bytes that it and its ways to close take up, roughly. */
    long bytes() {
        return 1_000
                + 16L * ends.length
                + 16L * edgeTo.length
                + 64L * sets.length
                + 700L * counters.length;
    }

    private boolean[] onlyEnds() {
        boolean[] only = new boolean[ends.length];
        for (int state = 0; state < only.length; state++) {
            int at = state;
            for (int hops = 0; hops < 8 && !ends[at] && isOneFreeEdge(at); hops++) {
                at = edgeTo[edgeFrom[at]];
                if (at >= firstCounted) {
                    break;
                }
            }
            only[state] = at < firstCounted && ends[at] && edgeFrom[at] == edgeFrom[at + 1];
        }
        return only;
    }

    private boolean isOneFreeEdge(int state) {
        return edgeFrom[state + 1] - edgeFrom[state] == 1
                && edgeKind[edgeFrom[state]] == TAKE_NOTHING;
    }

    private int classify() {
        int[] of = new int[256];
        int count = 1;
        for (ByteSet set : sets) {
            int[] moved = new int[512];
            int next = 0;
            for (int value = 0; value < 256; value++) {
                int key = of[value] * 2 + (set.contains(value) ? 1 : 0);
                if (moved[key] == 0) {
                    moved[key] = ++next;
                }
                of[value] = moved[key] - 1;
            }
            count = next;
        }
        for (int value = 0; value < 256; value++) {
            byteClass[value] = (byte) of[value];
        }
        return count;
    }
}
