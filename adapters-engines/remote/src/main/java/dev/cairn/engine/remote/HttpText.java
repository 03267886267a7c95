package dev.cairn.engine.remote;

import java.nio.charset.StandardCharsets;

/** Reading HTTP/1.1 heads byte by byte, the same for requests and answers. */
final class HttpText {

    private HttpText() {}

    /**
     * Where a head ends.
     *
     * @param from where to look from: 0, or 3 bytes before what was looked at already
     * @return the index after the empty line, or -1 if it is not there yet
     */
    static int headEnd(byte[] bytes, int from, int to) {
        for (int i = Math.max(from, 0) + 3; i < to; i++) {
            if (bytes[i] == '\n'
                    && bytes[i - 1] == '\r'
                    && bytes[i - 2] == '\n'
                    && bytes[i - 3] == '\r') {
                return i + 1;
            }
        }
        return -1;
    }

    /** The index of the next CR LF, or -1. A line feed alone is no end of a line. */
    static int lineEnd(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                return i > from && bytes[i - 1] == '\r' ? i - 1 : -1;
            }
        }
        return -1;
    }

    /** Whether these bytes spell {@code lower}, in whatever case. */
    static boolean is(byte[] bytes, int from, int to, String lower) {
        if (to - from != lower.length()) {
            return false;
        }
        for (int i = 0; i < lower.length(); i++) {
            byte one = bytes[from + i];
            int folded = one >= 'A' && one <= 'Z' ? one | 0x20 : one;
            if (folded != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a list separated by commas has this word. */
    static boolean lists(byte[] bytes, int from, int to, String lower) {
        int start = from;
        for (int i = from; i <= to; i++) {
            if (i == to || bytes[i] == ',') {
                int left = skipSpace(bytes, start, i);
                if (is(bytes, left, trimSpace(bytes, left, i), lower)) {
                    return true;
                }
                start = i + 1;
            }
        }
        return false;
    }

    static int skipSpace(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && (bytes[at] == ' ' || bytes[at] == '\t')) {
            at++;
        }
        return at;
    }

    static int trimSpace(byte[] bytes, int from, int to) {
        int end = to;
        while (end > from && (bytes[end - 1] == ' ' || bytes[end - 1] == '\t')) {
            end--;
        }
        return end;
    }

    /** A length in decimal digits, or -1 if it is none. */
    static long length(byte[] bytes, int from, int to) {
        if (from == to || to - from > 18) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            if (bytes[i] < '0' || bytes[i] > '9') {
                return -1;
            }
            value = value * 10 + (bytes[i] - '0');
        }
        return value;
    }

    static boolean isToken(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            int one = bytes[i];
            boolean letter = one >= 'a' && one <= 'z' || one >= 'A' && one <= 'Z';
            if (!letter && !(one >= '0' && one <= '9') && "!#$%&'*+-.^_`|~".indexOf(one) < 0) {
                return false;
            }
        }
        return from < to;
    }

    /** Whether a header's value has no byte that would end it early. */
    static boolean isClean(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            int one = bytes[i] & 0xff;
            if (one < ' ' && one != '\t' || one == 0x7f) {
                return false;
            }
        }
        return true;
    }

    static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
