package dev.cairn.core.text;

import dev.cairn.ports.model.TextCodec;
import java.util.Set;

/**
 * Turns tokens into characters while they arrive. What it gives over a whole answer is what {@link
 * TextCodec#decode} gives, but for the leading space that some tokenizers drop from a text's start
 * (see {@link AnswerText}).
 *
 * <p>One difference is unavoidable: where a run of byte-fallback tokens is broken UTF-8,
 * SentencePiece replaces the whole run, good characters before the break included; those were shown
 * already when the break comes.
 *
 * <p>Threads: one at a time.
 */
final class Detokenizer {

    private final TextCodec codec;
    private final boolean skipSpecialTokens;
    private final Set<Integer> marks;
    private final Utf8Stream utf8 = new Utf8Stream();

    /**
     * @param marks special tokens that are never skipped
     */
    Detokenizer(TextCodec codec, boolean skipSpecialTokens, Set<Integer> marks) {
        this.codec = codec;
        this.skipSpecialTokens = skipSpecialTokens;
        this.marks = marks;
    }

    /** Appends the characters that a token completes. */
    void append(int id, StringBuilder out) {
        // A model's vocabulary may be padded beyond the tokenizer's: such ids have no text.
        if (id < 0 || id >= codec.vocabularySize() || isSkipped(id)) {
            return;
        }
        byte[] bytes = codec.tokenBytes(id);
        utf8.append(bytes, bytes.length == 1 && isByteFallback(id, bytes[0]), out);
    }

    /** Appends replacement characters for what stayed incomplete. */
    void finish(StringBuilder out) {
        utf8.finish(out);
    }

    private boolean isSkipped(int id) {
        return skipSpecialTokens && codec.isSpecial(id) && !marks.contains(id);
    }

    private boolean isByteFallback(int id, byte value) {
        // ASCII is never broken, so the name is looked up for the rare bytes only.
        return value < 0 && codec.tokenName(id).startsWith("<0x");
    }
}
