package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** States and edges while the compiler lays them out. */
final class StateRows {

    private static final int MOST_COUNTED = 1 << 30;

    private final Map<ByteSet, Integer> setIds = new HashMap<>();
    private final List<Grammar.Counter> counters = new ArrayList<>();
    private boolean[] ends = new boolean[64];
    private int[] head = new int[64];
    private int states;
    private byte[] kind = new byte[64];
    private int[] what = new int[64];
    private int[] to = new int[64];
    private int[] older = new int[64];
    private int edges;
    private long counted;

    int state() {
        if (states == ends.length) {
            ends = Arrays.copyOf(ends, states * 2);
            head = Arrays.copyOf(head, states * 2);
        }
        head[states] = -1;
        return states++;
    }

    void end(int state) {
        ends[state] = true;
    }

    void free(int from, int target) {
        edge(from, Grammar.TAKE_NOTHING, 0, target);
    }

    void take(int from, ByteSet set, int target) {
        Integer id = setIds.get(set);
        if (id == null) {
            id = setIds.size();
            setIds.put(set, id);
        }
        edge(from, Grammar.TAKE_BYTE, id, target);
    }

    void match(int from, int rule, int target) {
        edge(from, Grammar.MATCH_RULE, rule, target);
    }

    /**
     * A bounded repetition.
     *
     * @param body state where one round starts
     * @return whether its rounds can still be numbered
     */
    boolean count(int from, int least, int most, int body, int target) {
        // Counted states come behind all others, whose number is not yet known: -1 - index for now.
        var counter = new Grammar.Counter((int) counted, least, most, body, target);
        counted += counter.lastRound() + 1L;
        edge(from, Grammar.TAKE_NOTHING, 0, -1 - counters.size());
        counters.add(counter);
        return counted <= MOST_COUNTED;
    }

    Grammar.Automaton automaton(int[] ruleStart, boolean[] ruleMayBeEmpty) {
        int[] edgeFrom = new int[states + 1];
        byte[] edgeKind = new byte[edges];
        int[] edgeWhat = new int[edges];
        int[] edgeTo = new int[edges];
        int next = 0;
        for (int state = 0; state < states; state++) {
            edgeFrom[state] = next;
            for (int edge = head[state]; edge >= 0; edge = older[edge]) {
                edgeKind[next] = kind[edge];
                edgeWhat[next] = what[edge];
                edgeTo[next++] =
                        to[edge] >= 0 ? to[edge] : states + counters.get(-1 - to[edge]).base();
            }
        }
        edgeFrom[states] = next;
        ByteSet[] sets = new ByteSet[setIds.size()];
        setIds.forEach((set, id) -> sets[id] = set);
        return new Grammar.Automaton(
                edgeFrom,
                edgeKind,
                edgeWhat,
                edgeTo,
                Arrays.copyOf(ends, states),
                sets,
                ruleStart,
                ruleMayBeEmpty,
                counters.stream().map(this::placed).toArray(Grammar.Counter[]::new));
    }

    private Grammar.Counter placed(Grammar.Counter counter) {
        return new Grammar.Counter(
                states + counter.base(),
                counter.least(),
                counter.most(),
                counter.body(),
                counter.after());
    }

    private void edge(int from, byte edgeKind, int edgeWhat, int target) {
        if (edges == kind.length) {
            kind = Arrays.copyOf(kind, edges * 2);
            what = Arrays.copyOf(what, edges * 2);
            to = Arrays.copyOf(to, edges * 2);
            older = Arrays.copyOf(older, edges * 2);
        }
        kind[edges] = edgeKind;
        what[edges] = edgeWhat;
        to[edges] = target;
        older[edges] = head[from];
        head[from] = edges++;
    }
}
