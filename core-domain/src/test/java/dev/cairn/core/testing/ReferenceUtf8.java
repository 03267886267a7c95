package dev.cairn.core.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/**
 * UTF-8 by definition: every longest start of a well-formed character that is not whole becomes one
 * U+FFFD, and so does every byte that starts none. Python and Rust decode so; the JDK differs for
 * encoded surrogates.
 */
public final class ReferenceUtf8 {

    /** Starts of characters, of one, two and three bytes, big-endian. */
    private static final BitSet[] STARTS = {new BitSet(), new BitSet(), new BitSet()};

    static {
        for (int point = 0; point <= Character.MAX_CODE_POINT; point++) {
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                continue;
            }
            byte[] bytes = Character.toString(point).getBytes(StandardCharsets.UTF_8);
            int start = 0;
            for (int i = 0; i < bytes.length - 1; i++) {
                start = start << 8 | (bytes[i] & 0xff);
                STARTS[i].set(start);
            }
        }
    }

    private ReferenceUtf8() {}

    public static String decode(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < bytes.length; ) {
            int start = 0;
            int length = 0;
            while (length < 3 && at + length < bytes.length) {
                int next = start << 8 | (bytes[at + length] & 0xff);
                if (!STARTS[length].get(next)) {
                    break;
                }
                start = next;
                length++;
            }
            int whole = wholeCharacter(bytes, at, length + 1);
            text.append(whole < 0 ? "\uFFFD" : Character.toString(whole));
            at += whole < 0 ? Math.max(1, length) : length + 1;
        }
        return text.toString();
    }

    /** The code point of these bytes, or -1 if they are none. */
    private static int wholeCharacter(byte[] bytes, int at, int length) {
        if (at + length > bytes.length) {
            return -1;
        }
        byte[] own = Arrays.copyOfRange(bytes, at, at + length);
        String text = new String(own, StandardCharsets.UTF_8);
        boolean whole =
                text.codePointCount(0, text.length()) == 1
                        && Arrays.equals(text.getBytes(StandardCharsets.UTF_8), own);
        return whole ? text.codePointAt(0) : -1;
    }
}
