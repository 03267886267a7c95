package dev.cairn.core.grammar;

/**
 * How many tokens it takes to close a text, from every state of a grammar with one vocabulary: what
 * keeps answers within their budget.
 *
 * <p>Each state has one way to the end of its rule ({@link ShortestWays}), cut into the fewest
 * tokens where a token may span whole rules that are called on the way, but none begins before and
 * ends behind the end of a rule. The numbers are therefore never too small: from a state that needs
 * n tokens there is a token behind which a reading of the text needs n - 1. They may be too large:
 * by a token per open rule that a longer token could close, and where a way of more bytes has fewer
 * tokens.
 *
 * <p>Immutable. Threads: any.
 */
final class Closing {

    /** More tokens than any answer has. */
    static final int NEVER = 1 << 28;

    static final int NO_TOKEN = -1;

    private static final int MOST_MOVES = 400;

    private final Grammar grammar;
    private final TokenTrie trie;
    private final ShortestWays ways;
    private final int[] tokens;
    private final int[] first;
    private final Rounds[] rounds;

    /** Where a way is: a state, and where to return to from the rules that were entered. */
    private static final class Cursor {
        private int state;
        private final int[] returns = new int[MOST_MOVES];
        private int open;
    }

    Closing(Grammar grammar, TokenTrie trie) {
        this.grammar = grammar;
        this.trie = trie;
        this.ways = new ShortestWays(grammar);
        this.tokens = new int[grammar.firstCounted];
        this.first = new int[grammar.firstCounted];
        this.rounds = new Rounds[grammar.counters.length];
        java.util.Arrays.fill(tokens, NEVER);
        java.util.Arrays.fill(first, NO_TOKEN);
        var lengths = new RoundLengths(grammar, trie, ways);
        for (int node : ways.order()) {
            if (node < grammar.firstCounted) {
                settle(node);
            } else {
                count(node - grammar.firstCounted, lengths);
            }
        }
    }

    /** Fewest known tokens from a state to the end of its rule. */
    int tokens(int state) {
        if (state == Frame.FINISH) {
            return 0;
        }
        if (state < grammar.firstCounted) {
            return tokens[state];
        }
        int index = grammar.counterIndex(state);
        Grammar.Counter counter = grammar.counters[index];
        int left = Math.max(0, counter.least() - (state - counter.base()));
        return sum(rounds[index].tokens(left), tokens(counter.after()));
    }

    /** The first token of the way, or {@link #NO_TOKEN} where nothing is to do. */
    int first(int state) {
        if (state < 0) {
            return NO_TOKEN;
        }
        if (state < grammar.firstCounted) {
            return first[state];
        }
        int index = grammar.counterIndex(state);
        Grammar.Counter counter = grammar.counters[index];
        int left = counter.least() - (state - counter.base());
        return left > 0 ? rounds[index].first(left) : first(counter.after());
    }

    /** The repetition's rounds; null where it is never reached. */
    Rounds rounds(int counter) {
        return rounds[counter];
    }

    static int sum(int a, int b) {
        return Math.min(NEVER, a + b);
    }

    private void settle(int state) {
        int edge = ways.edge(state);
        if (edge == ShortestWays.ENDS) {
            tokens[state] = 0;
            return;
        }
        int to = grammar.edgeTo[edge];
        switch (grammar.edgeKind[edge]) {
            case Grammar.TAKE_NOTHING -> {
                tokens[state] = tokens(to);
                first[state] = first(to);
                return;
            }
            case Grammar.MATCH_RULE -> {
                int start = grammar.ruleStart[grammar.edgeWhat[edge]];
                tokens[state] = sum(tokens[start], tokens(to));
                first[state] = tokens[start] > 0 ? first[start] : first(to);
            }
            default -> {}
        }
        span(state);
    }

    /** Tries tokens that spell the way from a state and end in the same rule. */
    private void span(int state) {
        var cursor = new Cursor();
        cursor.state = state;
        int node = -1;
        for (int moves = 0; moves < MOST_MOVES; moves++) {
            int value = move(cursor);
            if (value == STOP) {
                return;
            }
            if (value >= 0) {
                node = trie.child(node, value);
                if (node < 0) {
                    return;
                }
                if (cursor.open == 0 && trie.hasToken(node)) {
                    offer(state, sum(1, tokens(cursor.state)), trie.tokens[trie.tokenFrom[node]]);
                }
            } else if (cursor.open == 0 && node >= 0 && trie.hasToken(node)) {
                offer(state, sum(1, tokens(cursor.state)), trie.tokens[trie.tokenFrom[node]]);
            }
        }
    }

    private void offer(int state, int count, int token) {
        if (count < tokens[state]) {
            tokens[state] = count;
            first[state] = token;
        }
    }

    private static final int STOP = -2;
    private static final int NO_BYTE = -1;

    /** Goes on by one edge. Returns the byte that it takes. */
    private int move(Cursor cursor) {
        int state = cursor.state;
        if (state >= grammar.firstCounted) {
            Grammar.Counter counter = grammar.counter(state);
            int round = state - counter.base();
            if (round >= counter.least()) {
                cursor.state = counter.after();
            } else {
                cursor.returns[cursor.open++] = counter.base() + round + 1;
                cursor.state = counter.body();
            }
            return NO_BYTE;
        }
        int edge = ways.edge(state);
        if (edge == ShortestWays.ENDS) {
            if (cursor.open == 0) {
                return STOP;
            }
            cursor.state = cursor.returns[--cursor.open];
            return NO_BYTE;
        }
        cursor.state = grammar.edgeTo[edge];
        switch (grammar.edgeKind[edge]) {
            case Grammar.TAKE_BYTE -> {
                return grammar.sets[grammar.edgeWhat[edge]].first();
            }
            case Grammar.TAKE_NOTHING -> {
                return NO_BYTE;
            }
            default -> {
                cursor.returns[cursor.open++] = grammar.edgeTo[edge];
                cursor.state = grammar.ruleStart[grammar.edgeWhat[edge]];
                return NO_BYTE;
            }
        }
    }

    private void count(int index, RoundLengths lengths) {
        Grammar.Counter counter = grammar.counters[index];
        int[] tokenOf = lengths.tokens(counter.body());
        if (counter.least() > 1) {
            spanRounds(counter, tokenOf);
        }
        rounds[index] =
                new Rounds(counter.least(), tokens[counter.body()], first[counter.body()], tokenOf);
    }

    /** Finds tokens that spell several rounds of the way. */
    private void spanRounds(Grammar.Counter counter, int[] tokenOf) {
        var cursor = new Cursor();
        cursor.state = counter.base();
        int node = -1;
        for (int moves = 0; moves < MOST_MOVES; moves++) {
            int round = cursor.state - counter.base();
            boolean between = cursor.open == 0 && round >= 0 && round <= counter.least();
            if (between && node >= 0 && trie.hasToken(node) && round < tokenOf.length) {
                tokenOf[round] = trie.tokens[trie.tokenFrom[node]];
            }
            if (cursor.open == 0 && (!between || round == counter.least())) {
                return;
            }
            int value = move(cursor);
            if (value >= 0) {
                node = trie.child(node, value);
                if (node < 0) {
                    return;
                }
            }
        }
    }
}
