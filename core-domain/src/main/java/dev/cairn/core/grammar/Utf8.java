package dev.cairn.core.grammar;

/** Well-formed byte sequences of one character (Unicode 16, table 3-7). */
final class Utf8 {

    /** Ranges of the bytes: low and high of the first, the second, and so on. */
    static final int[][] BEYOND_ASCII = {
        {0xc2, 0xdf, 0x80, 0xbf},
        {0xe0, 0xe0, 0xa0, 0xbf, 0x80, 0xbf},
        {0xe1, 0xec, 0x80, 0xbf, 0x80, 0xbf},
        {0xed, 0xed, 0x80, 0x9f, 0x80, 0xbf},
        {0xee, 0xef, 0x80, 0xbf, 0x80, 0xbf},
        {0xf0, 0xf0, 0x90, 0xbf, 0x80, 0xbf, 0x80, 0xbf},
        {0xf1, 0xf3, 0x80, 0xbf, 0x80, 0xbf, 0x80, 0xbf},
        {0xf4, 0xf4, 0x80, 0x8f, 0x80, 0xbf, 0x80, 0xbf}
    };

    private Utf8() {}

    /** Bytes of the whole character that stands there, or 0 if none does. */
    static int width(byte[] text, int at) {
        int first = text[at] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        for (int[] form : BEYOND_ASCII) {
            if (first >= form[0] && first <= form[1]) {
                return fits(text, at, form) ? form.length / 2 : 0;
            }
        }
        return 0;
    }

    /** Characters of a well-formed text. */
    static int characters(byte[] text) {
        int count = 0;
        for (byte value : text) {
            count += (value & 0xc0) == 0x80 ? 0 : 1;
        }
        return count;
    }

    private static boolean fits(byte[] text, int at, int[] form) {
        for (int i = 1; i < form.length / 2; i++) {
            if (at + i >= text.length) {
                return false;
            }
            int value = text[at + i] & 0xff;
            if (value < form[2 * i] || value > form[2 * i + 1]) {
                return false;
            }
        }
        return true;
    }
}
