package dev.cairn.core.grammar;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * From every state of a grammar, the way to the end of its rule that takes the fewest bytes: one
 * edge per state, so that the way from anywhere behind a state is the rest of the way from it. D.
 * Knuth, A generalization of Dijkstra's algorithm, Information Processing Letters 6(1), 1977.
 *
 * <p>Immutable. Nodes are states below {@link Grammar#firstCounted}, and behind them one per
 * repetition, before its first round.
 */
final class ShortestWays {

    static final int ENDS = -1;

    private static final long NEVER = 1L << 60;
    private static final long MOST = 1L << 50;

    private final Grammar grammar;
    private final long[] bytes;
    private final int[] edge;
    private final int[] order;
    private int settled;

    private final int[] sourceOf;
    private final Lists edgesTo;
    private final Lists callsOf;
    private final Lists countersOf;
    private final PriorityQueue<Way> queue = new PriorityQueue<>();

    private record Way(long bytes, int node, int edge) implements Comparable<Way> {
        @Override
        public int compareTo(Way other) {
            int byBytes = Long.compare(bytes, other.bytes);
            int byNode = byBytes != 0 ? byBytes : Integer.compare(node, other.node);
            return byNode != 0 ? byNode : Integer.compare(edge, other.edge);
        }
    }

    /** Lists of numbers by key, as linked cells. */
    private static final class Lists {
        private final int[] head;
        private int[] value = new int[64];
        private int[] next = new int[64];
        private int size;

        Lists(int keys) {
            head = new int[keys];
            Arrays.fill(head, -1);
        }

        void add(int key, int item) {
            if (size == value.length) {
                value = Arrays.copyOf(value, size * 2);
                next = Arrays.copyOf(next, size * 2);
            }
            value[size] = item;
            next[size] = head[key];
            head[key] = size++;
        }
    }

    ShortestWays(Grammar grammar) {
        this.grammar = grammar;
        int nodes = grammar.firstCounted + grammar.counters.length;
        this.bytes = new long[nodes];
        this.edge = new int[nodes];
        this.order = new int[nodes];
        this.sourceOf = new int[grammar.edgeTo.length];
        this.edgesTo = new Lists(nodes);
        this.callsOf = new Lists(grammar.firstCounted);
        this.countersOf = new Lists(nodes);
        Arrays.fill(bytes, NEVER);
        index();
        run();
    }

    /** The edge to take from a state, or {@link #ENDS}. */
    int edge(int state) {
        return edge[state];
    }

    /** Whether a state can end its rule without a byte. */
    boolean endsAt(int state) {
        return bytes[node(state)] == 0;
    }

    /** Nodes, each behind those that its way leads to. */
    int[] order() {
        return Arrays.copyOf(order, settled);
    }

    /** The node that an edge's target is. */
    int node(int state) {
        return state < grammar.firstCounted
                ? state
                : grammar.firstCounted + grammar.counterIndex(state);
    }

    private void index() {
        for (int state = 0; state < grammar.firstCounted; state++) {
            for (int e = grammar.edgeFrom[state]; e < grammar.edgeFrom[state + 1]; e++) {
                sourceOf[e] = state;
                edgesTo.add(node(grammar.edgeTo[e]), e);
                if (grammar.edgeKind[e] == Grammar.MATCH_RULE) {
                    callsOf.add(grammar.ruleStart[grammar.edgeWhat[e]], e);
                }
            }
            if (grammar.ends[state]) {
                queue.add(new Way(0, state, ENDS));
            }
        }
        for (int i = 0; i < grammar.counters.length; i++) {
            countersOf.add(node(grammar.counters[i].after()), i);
            countersOf.add(grammar.counters[i].body(), i);
        }
    }

    private void run() {
        while (!queue.isEmpty()) {
            Way way = queue.remove();
            if (bytes[way.node] < NEVER) {
                continue;
            }
            bytes[way.node] = way.bytes;
            edge[way.node] = way.edge;
            order[settled++] = way.node;
            for (int at = edgesTo.head[way.node]; at >= 0; at = edgesTo.next[at]) {
                offer(edgesTo.value[at]);
            }
            if (way.node < grammar.firstCounted) {
                for (int at = callsOf.head[way.node]; at >= 0; at = callsOf.next[at]) {
                    offer(callsOf.value[at]);
                }
            }
            for (int at = countersOf.head[way.node]; at >= 0; at = countersOf.next[at]) {
                offerRounds(countersOf.value[at]);
            }
        }
    }

    private void offer(int e) {
        long rest = bytes[node(grammar.edgeTo[e])];
        long own =
                switch (grammar.edgeKind[e]) {
                    case Grammar.TAKE_BYTE -> 1;
                    case Grammar.TAKE_NOTHING -> 0;
                    default -> bytes[grammar.ruleStart[grammar.edgeWhat[e]]];
                };
        if (rest < NEVER && own < NEVER) {
            queue.add(new Way(Math.min(MOST, rest + own), sourceOf[e], e));
        }
    }

    private void offerRounds(int index) {
        Grammar.Counter counter = grammar.counters[index];
        long rest = bytes[node(counter.after())];
        long round = bytes[counter.body()];
        if (rest < NEVER && round < NEVER) {
            long all = Math.min(MOST, round) * counter.least();
            boolean tooMany = counter.least() > 0 && round > MOST / counter.least();
            queue.add(
                    new Way(
                            tooMany ? MOST : Math.min(MOST, rest + all),
                            grammar.firstCounted + index,
                            ENDS));
        }
    }
}
