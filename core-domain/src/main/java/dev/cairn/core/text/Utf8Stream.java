package dev.cairn.core.text;

/**
 * Decodes UTF-8 that arrives in pieces. An incomplete character waits for its rest; bytes that
 * cannot become a character are replaced by U+FFFD.
 *
 * <p>Replacement follows the Unicode standard's "substitution of maximal subparts" (chapter 3.9),
 * as the lossy decoders of Rust (and so Hugging Face) and Python do, one U+FFFD for each longest
 * start of a character. Bytes of byte-fallback tokens are replaced one by one instead, as
 * SentencePiece does.
 *
 * <p>Threads: one at a time.
 */
final class Utf8Stream {

    static final char REPLACEMENT = '\uFFFD';

    private int codePoint;
    private int missing;
    private int held;
    private int lower;
    private int upper;
    private boolean heldOneByOne;

    /**
     * Takes more bytes and appends the characters that are complete.
     *
     * @param oneByOne whether these bytes, if broken, are replaced one by one
     */
    void append(byte[] bytes, boolean oneByOne, StringBuilder out) {
        for (byte b : bytes) {
            append(b & 0xff, oneByOne, out);
        }
    }

    /** Replaces what is still incomplete: no more bytes will come. */
    void finish(StringBuilder out) {
        if (missing > 0) {
            replaceHeld(out);
        }
    }

    /** Whether bytes of an incomplete character are held. */
    boolean isIncomplete() {
        return missing > 0;
    }

    private void append(int b, boolean oneByOne, StringBuilder out) {
        if (missing > 0) {
            if (b >= lower && b <= upper) {
                continueCharacter(b, out);
                return;
            }
            replaceHeld(out);
        }
        if (b < 0x80) {
            out.append((char) b);
        } else if (b >= 0xC2 && b <= 0xF4) {
            startCharacter(b, oneByOne);
        } else {
            out.append(REPLACEMENT);
        }
    }

    private void startCharacter(int lead, boolean oneByOne) {
        held = 1;
        heldOneByOne = oneByOne;
        // The second byte's range excludes overlong forms, surrogates and what lies past U+10FFFF.
        lower = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        upper = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (lead < 0xE0) {
            missing = 1;
            codePoint = lead & 0x1F;
        } else if (lead < 0xF0) {
            missing = 2;
            codePoint = lead & 0x0F;
        } else {
            missing = 3;
            codePoint = lead & 0x07;
        }
    }

    private void continueCharacter(int b, StringBuilder out) {
        codePoint = codePoint << 6 | (b & 0x3F);
        lower = 0x80;
        upper = 0xBF;
        held++;
        if (--missing == 0) {
            out.appendCodePoint(codePoint);
        }
    }

    private void replaceHeld(StringBuilder out) {
        int count = heldOneByOne ? held : 1;
        for (int i = 0; i < count; i++) {
            out.append(REPLACEMENT);
        }
        missing = 0;
    }
}
