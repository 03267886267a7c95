package dev.cairn.core.grammar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tokens of the bytes that must follow, as the model's own tokenizer writes them: appended without
 * a step of the model, they leave the text as it would have been trained on.
 *
 * <p>Where what follows the forced bytes is free, the tokens that a longer one could replace are
 * held back. A function of the configuration alone. Threads: one mailbox owns it.
 */
final class ForcedText {

    private static final int MOST_BYTES = 256;
    private static final int[] NOTHING = new int[0];

    private final Stepper stepper;
    private final TokenTrie trie;
    private final Canonical canonical;

    ForcedText(Stepper stepper, TokenTrie trie, Canonical canonical) {
        this.stepper = stepper;
        this.trie = trie;
        this.canonical = canonical;
    }

    /**
     * The first of the forced tokens behind which the text can still be closed.
     *
     * @param most tokens that the text may still take
     */
    int[] tokens(Configuration from, int most) {
        if (from.forced == null) {
            from.forced = find(from);
        }
        int[] all = from.forced;
        Configuration at = from;
        int good = 0;
        for (int i = 0; i < all.length && i < most; i++) {
            for (byte value : trie.text(all[i])) {
                at = stepper.advance(at, value & 0xff);
            }
            if (at.closing > most - i - 1) {
                break;
            }
            good = i + 1;
        }
        return good == all.length ? all : good == 0 ? NOTHING : Arrays.copyOf(all, good);
    }

    private int[] find(Configuration from) {
        var bytes = new ByteArrayOutputStream();
        Configuration at = from;
        int only = at.mayEnd ? -1 : stepper.onlyByte(at);
        while (only >= 0 && bytes.size() < MOST_BYTES) {
            bytes.write(only);
            at = stepper.advance(at, only);
            if (at == null) {
                return NOTHING;
            }
            only = at.mayEnd ? -1 : stepper.onlyByte(at);
        }
        boolean ends = at.mayEnd && at.states.length == 0;
        return bytes.size() == 0 ? NOTHING : tokens(bytes.toByteArray(), ends);
    }

    /**
     * @param ends whether nothing can follow
     */
    private int[] tokens(byte[] bytes, boolean ends) {
        int[] found = new int[bytes.length];
        int size = 0;
        int at = 0;
        while (at < bytes.length) {
            int end = at;
            while (end < bytes.length && (bytes[end] & 0xff) < TokenTrie.FIRST_FOREIGN) {
                end++;
            }
            if (end > at) {
                byte[] text = Arrays.copyOfRange(bytes, at, end);
                int[] ordinary = ordinary(text, ends || end < bytes.length);
                System.arraycopy(ordinary, 0, found, size, ordinary.length);
                size += ordinary.length;
                at += length(ordinary);
                if (at < end) {
                    break;
                }
            }
            if (at < bytes.length) {
                int token = special(bytes, at);
                if (token < 0) {
                    break;
                }
                found[size++] = token;
                at += trie.text(token).length;
            }
        }
        return Arrays.copyOf(found, size);
    }

    /** The token of foreign bytes, or -1 if they are cut off. */
    private int special(byte[] bytes, int from) {
        int node = -1;
        for (int at = from; at < bytes.length; at++) {
            node = trie.child(node, bytes[at] & 0xff);
            if (node < 0) {
                return -1;
            }
            if (trie.hasToken(node)) {
                return trie.tokens[trie.tokenFrom[node]];
            }
        }
        return -1;
    }

    private int[] ordinary(byte[] text, boolean closed) {
        int whole = 0;
        while (whole < text.length && Utf8.width(text, whole) > 0) {
            whole += Utf8.width(text, whole);
        }
        int[] tokens = canonical.tokens(new String(text, 0, whole, StandardCharsets.UTF_8));
        int good = 0;
        int at = 0;
        while (good < tokens.length && spells(tokens[good], text, at)) {
            if (!(closed && whole == text.length) && couldBeLonger(text, at)) {
                break;
            }
            at += trie.text(tokens[good++]).length;
        }
        return Arrays.copyOf(tokens, good);
    }

    private boolean spells(int token, byte[] text, int at) {
        byte[] bytes = trie.text(token);
        return bytes != null
                && at + bytes.length <= text.length
                && Arrays.equals(bytes, 0, bytes.length, text, at, at + bytes.length);
    }

    /** Whether some token begins with all the rest of the text and goes on. */
    private boolean couldBeLonger(byte[] text, int from) {
        int node = -1;
        for (int at = from; at < text.length; at++) {
            node = trie.child(node, text[at] & 0xff);
            if (node < 0) {
                return false;
            }
        }
        return trie.hasBelow(node);
    }

    private int length(int[] tokens) {
        int length = 0;
        for (int token : tokens) {
            length += trie.text(token).length;
        }
        return length;
    }
}
