package dev.cairn.core.grammar;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Tokens made only of bytes that are each a round of a repetition by themselves. One thread. */
final class RoundLengths {

    /** Each alphabet costs a walk over the vocabulary. */
    private static final int MOST_ALPHABETS = 16;

    private static final int MOST_LOOKS = 2_000;
    private static final int MOST_DEPTH = 16;

    private final Grammar grammar;
    private final TokenTrie trie;
    private final ShortestWays ways;
    private final Map<ByteSet, int[]> known = new HashMap<>();
    private int looks;

    RoundLengths(Grammar grammar, TokenTrie trie, ShortestWays ways) {
        this.grammar = grammar;
        this.trie = trie;
        this.ways = ways;
    }

    /**
     * By number of rounds a token that spans them, or {@link Closing#NO_TOKEN}.
     *
     * @param body where a round starts
     */
    int[] tokens(int body) {
        looks = 0;
        ByteSet alphabet = single(body, 0);
        int[] none = new int[TokenTrie.LONGEST + 1];
        Arrays.fill(none, Closing.NO_TOKEN);
        if (alphabet.size() < 2) {
            return none;
        }
        int[] found = known.get(alphabet);
        if (found == null) {
            found = known.size() < MOST_ALPHABETS ? search(alphabet, none) : none;
            known.put(alphabet, found);
        }
        return found.clone();
    }

    /** Bytes that lead from a state to where its rule may end. */
    private ByteSet single(int state, int depth) {
        ByteSet set = ByteSet.range(1, 0);
        if (state >= grammar.firstCounted || depth > MOST_DEPTH || ++looks > MOST_LOOKS) {
            return set;
        }
        for (int e = grammar.edgeFrom[state]; e < grammar.edgeFrom[state + 1]; e++) {
            int to = grammar.edgeTo[e];
            switch (grammar.edgeKind[e]) {
                case Grammar.TAKE_NOTHING -> set = set.union(single(to, depth + 1));
                case Grammar.TAKE_BYTE ->
                        set = ways.endsAt(to) ? set.union(grammar.sets[grammar.edgeWhat[e]]) : set;
                default -> {
                    if (ways.endsAt(to)) {
                        int start = grammar.ruleStart[grammar.edgeWhat[e]];
                        set = set.union(single(start, depth + 1));
                    }
                }
            }
        }
        return set;
    }

    private int[] search(ByteSet alphabet, int[] none) {
        int[] tokens = none.clone();
        int node = 0;
        while (node < trie.size()) {
            if (!alphabet.contains(trie.label[node] & 0xff)) {
                node = trie.skip[node];
                continue;
            }
            int length = trie.depth[node];
            if (tokens[length] == Closing.NO_TOKEN && trie.hasToken(node)) {
                tokens[length] = trie.tokens[trie.tokenFrom[node]];
            }
            node++;
        }
        return tokens;
    }
}
