package dev.cairn.core.grammar;

import dev.cairn.ports.model.TextCodec;
import java.util.Arrays;
import java.util.Collection;

/**
 * The bytes of all tokens that stand for text, as a trie in arrays: nodes in the order of a walk
 * that visits a node before its children, so that leaving a subtree out is one jump.
 *
 * <p>Special tokens are no text; ids that end an answer are kept aside. Tokens longer than {@link
 * #LONGEST} bytes are left out: every text can be written with shorter ones. Immutable, built once
 * per model.
 */
public final class TokenTrie {

    /** Longest token in bytes that a constrained answer uses. */
    public static final int LONGEST = 32;

    private final int vocabulary;
    private final int[] endings;
    private final byte[][] bytes;

    /** Of node n: its byte, its depth from 1 on, and the first node that is not below it. */
    final byte[] label;

    final byte[] depth;
    final int[] skip;

    /** Tokens that end at node n are {@code tokens[tokenFrom[n]]} to {@code tokenFrom[n + 1]}. */
    final int[] tokenFrom;

    final int[] tokens;

    /**
     * @param vocabulary width of the logits
     * @param endings ids that end an answer; allowed where the grammar can end
     */
    public TokenTrie(TextCodec codec, int vocabulary, Collection<Integer> endings) {
        this.vocabulary = vocabulary;
        this.endings =
                endings.stream()
                        .mapToInt(Integer::intValue)
                        .filter(id -> id >= 0 && id < vocabulary)
                        .toArray();
        this.bytes = texts(codec);
        Integer[] order = new Integer[vocabulary];
        int count = 0;
        long nodes = 0;
        for (int id = 0; id < vocabulary; id++) {
            if (bytes[id] != null) {
                order[count++] = id;
                nodes += bytes[id].length;
            }
        }
        Arrays.sort(order, 0, count, (a, b) -> Arrays.compareUnsigned(bytes[a], bytes[b]));
        this.tokens = new int[count];
        this.label = new byte[Math.toIntExact(nodes)];
        this.depth = new byte[label.length];
        this.skip = new int[label.length];
        this.tokenFrom = new int[label.length + 1];
        this.size = fill(order, count);
    }

    private final int size;

    int size() {
        return size;
    }

    int vocabulary() {
        return vocabulary;
    }

    int[] endings() {
        return endings;
    }

    boolean isEnding(int id) {
        for (int ending : endings) {
            if (ending == id) {
                return true;
            }
        }
        return false;
    }

    /** A token's bytes; null where it stands for no text. */
    byte[] text(int id) {
        return id >= 0 && id < vocabulary ? bytes[id] : null;
    }

    private byte[][] texts(TextCodec codec) {
        byte[][] texts = new byte[vocabulary][];
        int known = Math.min(vocabulary, codec.vocabularySize());
        for (int id = 0; id < known; id++) {
            if (!codec.isSpecial(id) && !isEnding(id)) {
                byte[] text = codec.tokenBytes(id);
                texts[id] = text.length > 0 && text.length <= LONGEST ? text : null;
            }
        }
        return texts;
    }

    private int fill(Integer[] order, int count) {
        int[] open = new int[LONGEST];
        byte[] before = new byte[0];
        int node = 0;
        for (int i = 0; i < count; i++) {
            byte[] text = bytes[order[i]];
            int shared = Arrays.mismatch(before, text);
            if (shared >= 0) {
                for (int d = before.length; d > shared; d--) {
                    skip[open[d - 1]] = node;
                }
                for (int d = shared; d < text.length; d++) {
                    open[d] = node;
                    label[node] = text[d];
                    depth[node] = (byte) (d + 1);
                    tokenFrom[node++] = i;
                }
            }
            tokens[i] = order[i];
            before = text;
        }
        for (int d = before.length; d > 0; d--) {
            skip[open[d - 1]] = node;
        }
        tokenFrom[node] = count;
        return node;
    }
}
