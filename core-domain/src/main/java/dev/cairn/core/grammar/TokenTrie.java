package dev.cairn.core.grammar;

import dev.cairn.ports.model.TextCodec;
import java.util.Arrays;
import java.util.Collection;

/**
 * The bytes of all tokens that stand for text, as a trie in arrays: nodes in the order of a walk
 * that visits a node before its children, so that leaving a subtree out is one jump.
 *
 * <p>A special token is written as {@link #special}, bytes that UTF-8 never has; ordinary tokens
 * with such bytes are left out, so text never matches a special token. Ids that end an answer are
 * kept aside. Tokens longer than {@link #LONGEST} bytes are left out: every text can be written
 * with shorter ones. Immutable, built once per model.
 */
public final class TokenTrie {

    /** Longest token in bytes that a constrained answer uses. */
    public static final int LONGEST = 32;

    /** Bytes from here on are in no text. */
    static final int FIRST_FOREIGN = 0xf8;

    private static final int SPECIAL = 0xff;
    private static final int DIGITS = 7;

    private final int vocabulary;
    private final int[] endings;
    private final byte[][] bytes;
    private final int size;
    private final int[] rootChild = new int[256];
    private final ByteSet writable;

    /** Of node n: its byte, its depth from 1 on, and the first node that is not below it. */
    final byte[] label;

    final byte[] depth;
    final int[] skip;

    /** Tokens that end at node n are {@code tokens[tokenFrom[n]]} to {@code tokenFrom[n + 1]}. */
    final int[] tokenFrom;

    final int[] tokens;

    /** What the tokens of a subtree are made of. */
    final Alphabets alphabets;

    final Subtrees subtrees;

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
        int most = Math.toIntExact(nodes);
        byte[] labels = new byte[most];
        byte[] depths = new byte[most];
        int[] skips = new int[most];
        int[] starts = new int[most + 1];
        this.size = fill(order, count, labels, depths, skips, starts);
        this.label = Arrays.copyOf(labels, size);
        this.depth = Arrays.copyOf(depths, size);
        this.skip = Arrays.copyOf(skips, size);
        this.tokenFrom = Arrays.copyOf(starts, size + 1);
        Arrays.fill(rootChild, -1);
        ByteSet single = ByteSet.range(FIRST_FOREIGN, 0xff);
        for (int node = 0; node < size; node = skip[node]) {
            int value = label[node] & 0xff;
            rootChild[value] = node;
            if (hasToken(node)) {
                single = single.union(ByteSet.range(value, value));
            }
        }
        this.writable = single;
        this.alphabets = new Alphabets(this);
        this.subtrees = new Subtrees(this);
    }

    /** The bytes that stand for a special token: {@code 0xFF} and seven digits of base seven. */
    static byte[] special(int id) {
        byte[] text = new byte[1 + DIGITS];
        text[0] = (byte) SPECIAL;
        int rest = id;
        for (int i = DIGITS; i > 0; i--) {
            text[i] = (byte) (FIRST_FOREIGN + rest % 7);
            rest /= 7;
        }
        return text;
    }

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

    /**
     * Bytes that can be written by themselves, and those of special tokens. A grammar without other
     * bytes can always go on.
     */
    ByteSet writable() {
        return writable;
    }

    /** A token's bytes; null where it stands for no text. */
    byte[] text(int id) {
        return id >= 0 && id < vocabulary ? bytes[id] : null;
    }

    /**
     * The node one byte further.
     *
     * @param node -1 is the root
     * @return -1 if there is none
     */
    int child(int node, int value) {
        if (node < 0) {
            return rootChild[value];
        }
        for (int below = node + 1; below < skip[node]; below = skip[below]) {
            if ((label[below] & 0xff) == value) {
                return below;
            }
        }
        return -1;
    }

    boolean hasToken(int node) {
        return tokenFrom[node] < tokenFrom[node + 1];
    }

    boolean hasBelow(int node) {
        return skip[node] > node + 1;
    }

    private byte[][] texts(TextCodec codec) {
        byte[][] texts = new byte[vocabulary][];
        int known = Math.min(vocabulary, codec.vocabularySize());
        for (int id = 0; id < known; id++) {
            if (isEnding(id)) {
                continue;
            }
            byte[] text = codec.isSpecial(id) ? special(id) : codec.tokenBytes(id);
            boolean usable = text.length > 0 && text.length <= LONGEST;
            texts[id] = usable && (codec.isSpecial(id) || !isForeign(text)) ? text : null;
        }
        return texts;
    }

    private static boolean isForeign(byte[] text) {
        for (byte value : text) {
            if ((value & 0xff) >= FIRST_FOREIGN) {
                return true;
            }
        }
        return false;
    }

    private int fill(
            Integer[] order, int count, byte[] labels, byte[] depths, int[] skips, int[] starts) {
        int[] open = new int[LONGEST];
        byte[] before = new byte[0];
        int node = 0;
        for (int i = 0; i < count; i++) {
            byte[] text = bytes[order[i]];
            int shared = Arrays.mismatch(before, text);
            if (shared >= 0) {
                for (int d = before.length; d > shared; d--) {
                    skips[open[d - 1]] = node;
                }
                for (int d = shared; d < text.length; d++) {
                    open[d] = node;
                    labels[node] = text[d];
                    depths[node] = (byte) (d + 1);
                    starts[node++] = i;
                }
            }
            tokens[i] = order[i];
            before = text;
        }
        for (int d = before.length; d > 0; d--) {
            skips[open[d - 1]] = node;
        }
        starts[node] = count;
        return node;
    }
}
