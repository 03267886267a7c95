package dev.cairn.core.grammar;

/**
 * Some nodes of a trie and all above them, close together: what is left to walk. In the order of
 * {@link TokenTrie}. Immutable.
 */
final class TrieCut {

    final int size;
    final byte[] label;
    final byte[] depth;

    /** Index in this cut of the first node that is not below. */
    final int[] skip;

    /** The node in the trie; null where the cut is the trie. */
    private final int[] node;

    /** The whole trie. */
    TrieCut(TokenTrie trie) {
        this.size = trie.size();
        this.label = trie.label;
        this.depth = trie.depth;
        this.skip = trie.skip;
        this.node = null;
    }

    /**
     * @param node in ascending order, with all that are above them
     */
    TrieCut(TokenTrie trie, int[] node) {
        this.size = node.length;
        this.node = node;
        this.label = new byte[size];
        this.depth = new byte[size];
        this.skip = new int[size];
        int[] open = new int[TokenTrie.LONGEST + 1];
        int deepest = 0;
        for (int i = 0; i < size; i++) {
            label[i] = trie.label[node[i]];
            depth[i] = trie.depth[node[i]];
            for (; deepest >= depth[i]; deepest--) {
                skip[open[deepest]] = i;
            }
            deepest = depth[i];
            open[deepest] = i;
        }
        for (; deepest > 0; deepest--) {
            skip[open[deepest]] = size;
        }
    }

    int node(int index) {
        return node == null ? index : node[index];
    }
}
