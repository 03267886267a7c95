package dev.cairn.transport.events;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads MessagePack from bytes that nobody vouches for: a value of the wrong kind, a length beyond
 * the end or too deep a nesting throws {@link MalformedMessage}, and nothing is allocated by a
 * length that the bytes do not back.
 *
 * <p>Format: https://github.com/msgpack/msgpack/blob/master/spec.md. Threads: one at a time.
 */
final class MsgpackReader {

    private static final int MOST_DEPTH = 32;

    /** What the next value is. */
    enum Kind {
        NIL,
        BOOLEAN,
        INTEGER,
        FLOAT,
        STRING,
        BINARY,
        ARRAY,
        MAP,
        EXTENSION
    }

    private final ByteBuffer bytes;

    MsgpackReader(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    /** Bytes that were not read. */
    int remaining() {
        return bytes.remaining();
    }

    /** What the next value is, which stays unread. */
    Kind next() {
        int head = peek();
        if (head <= 0x7f || head >= 0xe0) {
            return Kind.INTEGER;
        }
        if (head <= 0x8f) {
            return Kind.MAP;
        }
        if (head <= 0x9f) {
            return Kind.ARRAY;
        }
        if (head <= 0xbf) {
            return Kind.STRING;
        }
        return switch (head) {
            case 0xc0 -> Kind.NIL;
            case 0xc2, 0xc3 -> Kind.BOOLEAN;
            case 0xc4, 0xc5, 0xc6 -> Kind.BINARY;
            case 0xc7, 0xc8, 0xc9, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8 -> Kind.EXTENSION;
            case 0xca, 0xcb -> Kind.FLOAT;
            case 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3 -> Kind.INTEGER;
            case 0xd9, 0xda, 0xdb -> Kind.STRING;
            case 0xdc, 0xdd -> Kind.ARRAY;
            case 0xde, 0xdf -> Kind.MAP;
            default -> throw new MalformedMessage("byte 0x%02x is no value".formatted(head));
        };
    }

    /** Reads over a nil, if there is one. */
    boolean nil() {
        if (peek() == 0xc0) {
            bytes.get();
            return true;
        }
        return false;
    }

    /** An integer's 64 bits; what is unsigned and above 2^63 comes out negative. */
    long integer() {
        require(Kind.INTEGER);
        int head = bytes.get() & 0xff;
        if (head <= 0x7f || head >= 0xe0) {
            return (byte) head;
        }
        return switch (head) {
            case 0xcc -> need(1).get() & 0xff;
            case 0xcd -> need(2).getShort() & 0xffff;
            case 0xce -> need(4).getInt() & 0xffff_ffffL;
            case 0xd0 -> need(1).get();
            case 0xd1 -> need(2).getShort();
            case 0xd2 -> need(4).getInt();
            default -> need(8).getLong();
        };
    }

    /** An integer within bounds. */
    int integer(int least, int most) {
        // 0xcf with the top bit set comes out negative: above every int, and refused as such.
        long value = integer();
        if (value < least || value > most) {
            throw new MalformedMessage(
                    "%d where a number from %d to %d is due".formatted(value, least, most));
        }
        return (int) value;
    }

    /** A float of either size, or an integer. */
    double decimal() {
        return switch (next()) {
            case FLOAT -> {
                int head = bytes.get() & 0xff;
                yield head == 0xca ? need(4).getFloat() : need(8).getDouble();
            }
            case INTEGER -> integer();
            case NIL, BOOLEAN, STRING, BINARY, ARRAY, MAP, EXTENSION ->
                    throw new MalformedMessage(next() + " where a number is due");
        };
    }

    /**
     * @param most bytes
     */
    String string(int most) {
        require(Kind.STRING);
        int head = bytes.get() & 0xff;
        byte[] text = take(head <= 0xbf ? head & 0x1f : length(head, 0xd9), most);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedMessage("a string that is not UTF-8");
        }
    }

    /**
     * @param most bytes
     */
    byte[] binary(int most) {
        require(Kind.BINARY);
        return take(length(bytes.get() & 0xff, 0xc4), most);
    }

    private byte[] take(long length, int most) {
        if (length > most || length > bytes.remaining()) {
            throw new MalformedMessage("%d bytes where %d may be".formatted(length, most));
        }
        byte[] taken = new byte[(int) length];
        bytes.get(taken);
        return taken;
    }

    /** Elements of an array, which follow. Each takes a byte at least. */
    int array() {
        require(Kind.ARRAY);
        int head = bytes.get() & 0xff;
        return backed(head <= 0x9f ? head & 0x0f : longerCount(head, 0xdc), 1);
    }

    /** Entries of a map, which follow: key and value in turn. */
    int map() {
        require(Kind.MAP);
        int head = bytes.get() & 0xff;
        return backed(head <= 0x8f ? head & 0x0f : longerCount(head, 0xde), 2);
    }

    private int backed(long count, int bytesEach) {
        if (count * bytesEach > bytes.remaining()) {
            throw new MalformedMessage("%d elements in %d bytes".formatted(count, remaining()));
        }
        return (int) count;
    }

    private long longerCount(int head, int of16Bits) {
        return head == of16Bits ? need(2).getShort() & 0xffff : need(4).getInt() & 0xffff_ffffL;
    }

    /** A length of 8, 16 or 32 bits, by the head. */
    private long length(int head, int of8Bits) {
        return switch (head - of8Bits) {
            case 0 -> need(1).get() & 0xff;
            case 1 -> need(2).getShort() & 0xffff;
            default -> need(4).getInt() & 0xffff_ffffL;
        };
    }

    /** Reads over a value of whatever kind. */
    void skip() {
        skip(0);
    }

    private void skip(int depth) {
        if (depth > MOST_DEPTH) {
            throw new MalformedMessage("values nested more than " + MOST_DEPTH + " deep");
        }
        switch (next()) {
            case NIL, BOOLEAN -> bytes.get();
            case INTEGER -> integer();
            case FLOAT -> decimal();
            case STRING -> {
                int head = bytes.get() & 0xff;
                skipBytes(head <= 0xbf ? head & 0x1f : length(head, 0xd9));
            }
            case BINARY -> skipBytes(length(bytes.get() & 0xff, 0xc4));
            case EXTENSION -> {
                int head = bytes.get() & 0xff;
                skipBytes(1 + (head >= 0xd4 ? 1L << head - 0xd4 : length(head, 0xc7)));
            }
            case ARRAY -> skipAll(array(), depth);
            case MAP -> skipAll(2L * map(), depth);
        }
    }

    private void skipAll(long values, int depth) {
        for (long i = 0; i < values; i++) {
            skip(depth + 1);
        }
    }

    private void skipBytes(long count) {
        if (count > bytes.remaining()) {
            throw new MalformedMessage(count + " bytes beyond the end");
        }
        bytes.position(bytes.position() + (int) count);
    }

    private void require(Kind kind) {
        Kind next = next();
        if (next != kind) {
            throw new MalformedMessage(next + " where " + kind + " is due");
        }
    }

    private int peek() {
        return need(1).get(bytes.position()) & 0xff;
    }

    private ByteBuffer need(int count) {
        if (bytes.remaining() < count) {
            throw new MalformedMessage("a value that ends beyond the message");
        }
        return bytes;
    }
}
