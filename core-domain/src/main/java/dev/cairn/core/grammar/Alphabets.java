package dev.cairn.core.grammar;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What tokens are made of: which ASCII characters they have, whether they have whole characters
 * beyond ASCII, and whether they begin or end within one. Where a grammar takes any text of some
 * alphabet and stands where it stood (the inside of a JSON string), all tokens of that alphabet are
 * allowed at once, and only the others need a walk; llguidance calls it a slicer.
 *
 * <p>Immutable but for masks it remembers. Threads: any.
 */
final class Alphabets {

    private static final int MOST_KEPT = 64;
    private static final int MOST_CUTS = 8;

    private final TokenTrie trie;
    private final Alphabet[] ofToken;
    private final byte[] characters;

    /** By node of the trie: of all tokens below it. */
    private final long[] low;

    private final long[] high;
    private final boolean[] beyond;
    private final boolean[] broken;

    private final Map<Stretch, int[]> masks = new ConcurrentHashMap<>();
    private final Map<Alphabet, TrieCut> cuts = new ConcurrentHashMap<>();

    private record Stretch(Alphabet away, int characters) {}

    /**
     * @param low bits of the characters 0 to 63
     * @param high of those from 64 to 127
     * @param beyond whether there are characters beyond ASCII
     * @param broken whether there are bytes that are no whole character
     */
    record Alphabet(long low, long high, boolean beyond, boolean broken) {

        boolean meets(Alphabet other) {
            return (low & other.low) != 0
                    || (high & other.high) != 0
                    || beyond && other.beyond
                    || broken && other.broken;
        }
    }

    Alphabets(TokenTrie trie) {
        this.trie = trie;
        this.ofToken = new Alphabet[trie.tokens.length];
        this.characters = new byte[ofToken.length];
        this.low = new long[trie.size()];
        this.high = new long[trie.size()];
        this.beyond = new boolean[trie.size()];
        this.broken = new boolean[trie.size()];
        for (int i = 0; i < ofToken.length; i++) {
            ofToken[i] = of(trie.text(trie.tokens[i]));
            characters[i] = (byte) Utf8.characters(trie.text(trie.tokens[i]));
        }
        int[] open = new int[TokenTrie.LONGEST + 1];
        int[] parent = new int[trie.size()];
        for (int node = 0; node < parent.length; node++) {
            parent[node] = trie.depth[node] == 1 ? -1 : open[trie.depth[node] - 1];
            open[trie.depth[node]] = node;
        }
        for (int node = parent.length - 1; node >= 0; node--) {
            for (int i = trie.tokenFrom[node]; i < trie.tokenFrom[node + 1]; i++) {
                low[node] |= ofToken[i].low;
                high[node] |= ofToken[i].high;
                beyond[node] |= ofToken[i].beyond;
                broken[node] |= ofToken[i].broken;
            }
            if (parent[node] >= 0) {
                low[parent[node]] |= low[node];
                high[parent[node]] |= high[node];
                beyond[parent[node]] |= beyond[node];
                broken[parent[node]] |= broken[node];
            }
        }
    }

    /**
     * The tokens that have nothing of an alphabet.
     *
     * @param most characters that a token may have
     * @return shared, not to be changed
     */
    int[] without(Alphabet other, int most) {
        var key = new Stretch(other, most);
        int[] known = masks.get(key);
        if (known != null) {
            return known;
        }
        int[] mask = new int[(trie.vocabulary() + 31) >>> 5];
        for (int i = 0; i < ofToken.length; i++) {
            int id = trie.tokens[i];
            if (characters[i] <= most && !ofToken[i].meets(other)) {
                mask[id >>> 5] |= 1 << (id & 31);
            }
        }
        if (masks.size() >= MOST_KEPT) {
            masks.clear();
        }
        masks.put(key, mask);
        return mask;
    }

    /** The tokens that have something of an alphabet, to be walked. */
    TrieCut with(Alphabet other) {
        TrieCut known = cuts.get(other);
        if (known != null) {
            return known;
        }
        int[] nodes = new int[trie.size()];
        int count = 0;
        for (int node = 0; node < nodes.length; ) {
            if (meets(node, other)) {
                nodes[count++] = node++;
            } else {
                node = trie.skip[node];
            }
        }
        var cut = new TrieCut(trie, Arrays.copyOf(nodes, count));
        if (cuts.size() >= MOST_CUTS) {
            cuts.clear();
        }
        cuts.put(other, cut);
        return cut;
    }

    private boolean meets(int node, Alphabet other) {
        return (low[node] & other.low) != 0
                || (high[node] & other.high) != 0
                || beyond[node] && other.beyond
                || broken[node] && other.broken;
    }

    private static Alphabet of(byte[] text) {
        long low = 0;
        long high = 0;
        boolean beyond = false;
        for (int at = 0; at < text.length; ) {
            int value = text[at] & 0xff;
            if (value < 64) {
                low |= 1L << value;
            } else if (value < 128) {
                high |= 1L << (value - 64);
            } else {
                beyond = true;
            }
            int width = Utf8.width(text, at);
            if (width == 0) {
                return new Alphabet(low, high, beyond, true);
            }
            at += width;
        }
        return new Alphabet(low, high, beyond, false);
    }
}
