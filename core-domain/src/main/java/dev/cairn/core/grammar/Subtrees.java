package dev.cairn.core.grammar;

import java.util.Arrays;

/**
 * What lies below each node of a trie: the characters of all tokens from there on. Where a grammar
 * takes any such text and is where it was ({@link FreeStretch}), the whole subtree is in without a
 * walk, however the text before it had to be read. Immutable.
 */
final class Subtrees {

    private final TokenTrie trie;

    /**
     * By node, of what is strictly below: bits of the ASCII characters, as in {@link Alphabets}.
     */
    private final long[] low;

    private final long[] high;

    /** Whether there are bytes beyond ASCII. */
    private final boolean[] beyond;

    /** Whether the node is within a character, or a token ends within one below. */
    private final boolean[] broken;

    /** Bytes from the node to the deepest one below. */
    private final byte[] reach;

    Subtrees(TokenTrie trie) {
        this.trie = trie;
        this.low = new long[trie.size()];
        this.high = new long[trie.size()];
        this.beyond = new boolean[trie.size()];
        this.broken = new boolean[trie.size()];
        this.reach = new byte[trie.size()];
        int[] parent = new int[trie.size()];
        boolean[] within = within(parent);
        for (int node = parent.length - 1; node >= 0; node--) {
            if (parent[node] >= 0) {
                boolean breaks = broken[node] || within[node] && trie.hasToken(node);
                add(parent[node], node, breaks);
            }
            broken[node] |= within[node];
        }
    }

    /** Tokens below a node, without its own. */
    int tokens(int node) {
        return trie.tokenFrom[trie.skip[node]] - trie.tokenFrom[node + 1];
    }

    /** Whether all that is below a node consists of a stretch's characters and is short enough. */
    boolean areWithin(FreeStretch stretch, int node) {
        Alphabets.Alphabet away = stretch.away();
        return !broken[node]
                && (low[node] & away.low()) == 0
                && (high[node] & away.high()) == 0
                && !(beyond[node] && away.beyond())
                && reach[node] <= stretch.characters();
    }

    private void add(int above, int node, boolean breaks) {
        int value = trie.label[node] & 0xff;
        low[above] |= low[node] | (value < 64 ? 1L << value : 0);
        high[above] |= high[node] | (value >= 64 && value < 128 ? 1L << (value - 64) : 0);
        beyond[above] |= beyond[node] || value >= 128;
        broken[above] |= breaks;
        reach[above] = (byte) Math.max(reach[above], reach[node] + 1);
    }

    /** Which nodes are within a character or behind bytes that are none; fills in the parents. */
    private boolean[] within(int[] parent) {
        boolean[] within = new boolean[parent.length];
        int[] open = new int[TokenTrie.LONGEST + 1];
        int[] begin = new int[TokenTrie.LONGEST + 1];
        byte[] path = new byte[TokenTrie.LONGEST];
        open[0] = -1;
        for (int node = 0; node < parent.length; node++) {
            int depth = trie.depth[node];
            parent[node] = open[depth - 1];
            open[depth] = node;
            path[depth - 1] = trie.label[node];
            boolean inside = parent[node] >= 0 && within[parent[node]];
            begin[depth] = inside ? begin[depth - 1] : depth - 1;
            within[node] =
                    begin[depth] + Utf8.width(Arrays.copyOf(path, depth), begin[depth]) != depth;
        }
        return within;
    }
}
