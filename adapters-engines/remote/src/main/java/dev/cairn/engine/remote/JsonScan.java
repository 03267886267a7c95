package dev.cairn.engine.remote;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads a JSON object without building one (RFC 8259): whether it is well-formed to its last byte,
 * and where the members of the outermost object lie. Eight bytes of a string are looked at
 * together.
 *
 * <p>Threads: one; used again and again.
 */
final class JsonScan {

    /** What a value is. */
    enum Kind {
        OBJECT,
        ARRAY,
        STRING,
        NUMBER,
        TRUE,
        FALSE,
        NULL
    }

    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final Kind[] KINDS = Kind.values();
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long SPACES = ONES * ' ';
    private static final int FIELDS = 6;
    private static final int MOST_MEMBERS = 1024;

    private final boolean[] inObject;
    private final int maxDepth;
    private MemorySegment json = MemorySegment.NULL;
    private long size;
    private int depth;
    private int members;
    private Kind last = Kind.NULL;

    /**
     * Per member: name from, to, value from, to, kind, mask of the kinds of an array's elements.
     */
    private long[] spans = new long[FIELDS * 32];

    /**
     * @param maxDepth most containers in one another
     */
    JsonScan(int maxDepth) {
        this.maxDepth = maxDepth;
        this.inObject = new boolean[maxDepth + 1];
    }

    /**
     * Reads an object.
     *
     * @throws dev.cairn.ports.request.RequestRefused if it is none, or deeper than allowed
     */
    void read(MemorySegment text) {
        json = text;
        size = text.byteSize();
        members = 0;
        depth = 0;
        long at = space(0);
        if (at == size || at(at) != '{') {
            throw Refusals.badJson("an object has to begin", at);
        }
        at = space(values(at));
        if (at != size) {
            throw Refusals.badJson("something follows the object", at);
        }
    }

    int members() {
        return members;
    }

    Kind kind(int member) {
        return KINDS[(int) spans[member * FIELDS + 4]];
    }

    /** Where the member's name begins, its quote included. */
    long nameFrom(int member) {
        return spans[member * FIELDS] - 1;
    }

    long valueFrom(int member) {
        return spans[member * FIELDS + 2];
    }

    long valueTo(int member) {
        return spans[member * FIELDS + 3];
    }

    MemorySegment value(int member) {
        return json.asSlice(valueFrom(member), valueTo(member) - valueFrom(member));
    }

    /** Whether an array has elements, and all of them are of this kind. */
    boolean hasOnly(int member, Kind kind) {
        return spans[member * FIELDS + 5] == 1L << kind.ordinal();
    }

    boolean isEmptyArray(int member) {
        return kind(member) == Kind.ARRAY && spans[member * FIELDS + 5] == 0;
    }

    /** The member's name, its escapes not resolved. */
    String name(int member) {
        return text(spans[member * FIELDS], spans[member * FIELDS + 1]);
    }

    /** A string's or number's text, quotes left out, escapes not resolved. */
    String text(int member) {
        int quote = kind(member) == Kind.STRING ? 1 : 0;
        return text(valueFrom(member) + quote, valueTo(member) - quote);
    }

    private String text(long from, long to) {
        byte[] bytes = new byte[(int) (to - from)];
        MemorySegment.copy(json, ValueLayout.JAVA_BYTE, from, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Reads values until the outermost one is closed; returns where it ends. */
    private long values(long from) {
        long at = from;
        while (true) {
            at = value(at);
            while (true) {
                if (depth == 0) {
                    return at;
                }
                at = space(at);
                int one = byteAt(at);
                if (one == ',') {
                    at = inObject[depth] ? name(space(at + 1)) : space(at + 1);
                    break;
                }
                if (one != (inObject[depth] ? '}' : ']')) {
                    throw Refusals.badJson("a comma or the end is missing", at);
                }
                at++;
                close(at);
            }
        }
    }

    /** Reads one value, or the beginning of a container down to its first value. */
    private long value(long from) {
        long at = from;
        while (true) {
            int one = byteAt(at);
            if (one == '{') {
                open(Kind.OBJECT, at);
                at = space(at + 1);
                if (byteAt(at) != '}') {
                    at = name(at);
                    continue;
                }
                close(at + 1);
                return at + 1;
            }
            if (one == '[') {
                open(Kind.ARRAY, at);
                at = space(at + 1);
                if (byteAt(at) != ']') {
                    continue;
                }
                close(at + 1);
                return at + 1;
            }
            long end = scalar(one, at);
            told(last, at, end);
            return end;
        }
    }

    private void open(Kind kind, long at) {
        if (depth == maxDepth) {
            throw Refusals.badJson("more than " + maxDepth + " containers in one another", at);
        }
        if (depth >= 1) {
            told(kind, at, -1);
        }
        inObject[++depth] = kind == Kind.OBJECT;
    }

    private void close(long end) {
        depth--;
        if (depth == 1) {
            spans[(members - 1) * FIELDS + 3] = end;
        }
    }

    /** A value begins; what is a member's, or an element of a member's array, is kept. */
    private void told(Kind kind, long from, long end) {
        if (depth == 1 && inObject[1]) {
            int base = (members - 1) * FIELDS;
            spans[base + 2] = from;
            spans[base + 3] = end;
            spans[base + 4] = kind.ordinal();
            spans[base + 5] = 0;
        } else if (depth == 2 && !inObject[2]) {
            spans[(members - 1) * FIELDS + 5] |= 1L << kind.ordinal();
        }
    }

    /** Reads a name and its colon; returns where its value begins. */
    private long name(long at) {
        if (byteAt(at) != '"') {
            throw Refusals.badJson("a name has to begin", at);
        }
        long end = string(at + 1);
        if (depth == 1) {
            member(at + 1, end - 1);
        }
        long colon = space(end);
        if (byteAt(colon) != ':') {
            throw Refusals.badJson("a colon is missing", colon);
        }
        return space(colon + 1);
    }

    private void member(long from, long to) {
        if (members == MOST_MEMBERS) {
            throw Refusals.badJson("more than " + MOST_MEMBERS + " members", from);
        }
        if (members * FIELDS == spans.length) {
            spans = Arrays.copyOf(spans, 2 * spans.length);
        }
        spans[members * FIELDS] = from;
        spans[members * FIELDS + 1] = to;
        members++;
    }

    private long scalar(int first, long at) {
        return switch (first) {
            case '"' -> {
                last = Kind.STRING;
                yield string(at + 1);
            }
            case 't' -> literal("true", Kind.TRUE, at);
            case 'f' -> literal("false", Kind.FALSE, at);
            case 'n' -> literal("null", Kind.NULL, at);
            default -> {
                last = Kind.NUMBER;
                yield number(at);
            }
        };
    }

    private long literal(String word, Kind kind, long at) {
        for (int i = 0; i < word.length(); i++) {
            if (byteAt(at + i) != word.charAt(i)) {
                throw Refusals.badJson("a value has to begin", at);
            }
        }
        last = kind;
        return at + word.length();
    }

    private long number(long from) {
        long at = byteAt(from) == '-' ? from + 1 : from;
        int first = byteAt(at);
        if (first < '0' || first > '9') {
            throw Refusals.badJson("a value has to begin", from);
        }
        at = first == '0' ? at + 1 : digits(at);
        if (byteAt(at) == '.') {
            at = digits(at + 1);
        }
        int exponent = byteAt(at);
        if (exponent == 'e' || exponent == 'E') {
            int sign = byteAt(at + 1);
            at = digits(sign == '+' || sign == '-' ? at + 2 : at + 1);
        }
        return at;
    }

    private long digits(long from) {
        long at = from;
        while (byteAt(at) >= '0' && byteAt(at) <= '9') {
            at++;
        }
        if (at == from) {
            throw Refusals.badJson("a digit is missing", at);
        }
        return at;
    }

    /** Reads a string from the byte after its quote; returns the index after its end. */
    private long string(long from) {
        long at = from;
        while (true) {
            while (at + Long.BYTES <= size) {
                long odd = odd(json.get(LONG, at));
                if (odd != 0) {
                    at += Long.numberOfTrailingZeros(odd) >>> 3;
                    break;
                }
                at += Long.BYTES;
            }
            int one = byteAt(at);
            if (one == '"') {
                return at + 1;
            }
            if (one == '\\') {
                at = escape(at + 1);
            } else if (one < 0) {
                throw Refusals.badJson("a string has no end", at);
            } else if (one < ' ') {
                throw Refusals.badJson("a control character in a string", at);
            } else if (one >= 0x80) {
                at = utf8(one, at);
            } else {
                at++;
            }
        }
    }

    /**
     * The high bit of bytes that end a string, escape, control, or are not ASCII; exact up to the
     * first.
     */
    private static long odd(long eight) {
        long quote = eight ^ QUOTES;
        long backslash = eight ^ BACKSLASHES;
        return (((quote - ONES) & ~quote)
                        | ((backslash - ONES) & ~backslash)
                        | ((eight - SPACES) & ~eight)
                        | eight)
                & HIGHS;
    }

    private long escape(long at) {
        int one = byteAt(at);
        if (one == 'u') {
            for (int i = 1; i <= 4; i++) {
                if (Character.digit(byteAt(at + i), 16) < 0) {
                    throw Refusals.badJson("an escape is cut short", at);
                }
            }
            return at + 5;
        }
        if (one < 0 || "\"\\/bfnrt".indexOf(one) < 0) {
            throw Refusals.badJson("an unknown escape", at);
        }
        return at + 1;
    }

    /** One character of two to four bytes, the shortest form, no surrogate. */
    private long utf8(int first, long at) {
        int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
        int character = first & (0x7f >> length);
        for (int i = 1; i < length; i++) {
            int next = byteAt(at + i);
            if ((next & 0xc0) != 0x80 || next < 0) {
                throw Refusals.badJson("no UTF-8", at);
            }
            character = character << 6 | (next & 0x3f);
        }
        int least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
        boolean surrogate = character >= 0xd800 && character <= 0xdfff;
        if (first < 0xc2
                || first > 0xf4
                || character < least
                || surrogate
                || character > 0x10ffff) {
            throw Refusals.badJson("no UTF-8", at);
        }
        return at + length;
    }

    private long space(long from) {
        long at = from;
        while (at < size) {
            int one = at(at);
            if (one != ' ' && one != '\n' && one != '\r' && one != '\t') {
                break;
            }
            at++;
        }
        return at;
    }

    /** -1 at the end. */
    private int byteAt(long at) {
        return at < size ? at(at) & 0xff : -1;
    }

    private byte at(long at) {
        return json.get(ValueLayout.JAVA_BYTE, at);
    }
}
