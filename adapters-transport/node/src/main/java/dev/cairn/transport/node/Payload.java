package dev.cairn.transport.node;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Bytes that somebody else wrote, read in order; nothing is believed of them. What is left over is
 * what a newer version added. One thread.
 */
final class Payload {

    private byte[] bytes = {};
    private int at;
    private int end;

    /** Begins with other bytes, which must stay as they are while they are read. */
    Payload over(byte[] from, int start, int length) {
        bytes = from;
        at = start;
        end = start + length;
        return this;
    }

    int left() {
        return end - at;
    }

    int getByte() throws ProtocolException {
        demand(1);
        return bytes[at++] & 0xff;
    }

    int getInt() throws ProtocolException {
        demand(Integer.BYTES);
        int value =
                (bytes[at] & 0xff)
                        | (bytes[at + 1] & 0xff) << 8
                        | (bytes[at + 2] & 0xff) << 16
                        | bytes[at + 3] << 24;
        at += Integer.BYTES;
        return value;
    }

    long getLong() throws ProtocolException {
        long low = getInt() & 0xffff_ffffL;
        return low | (long) getInt() << 32;
    }

    float getFloat() throws ProtocolException {
        return Float.intBitsToFloat(getInt());
    }

    /** A number that is not negative and at most {@code most}. */
    int getCount(int most, String what) throws ProtocolException {
        int value = getInt();
        if (value < 0 || value > most) {
            throw new ProtocolException(what + " is " + value + ", not between 0 and " + most);
        }
        return value;
    }

    /** So many of {@code size} bytes each: none is allocated for more than is there. */
    int getCountOf(int size, String what) throws ProtocolException {
        return getCount(Math.max(0, (left() - Integer.BYTES) / size), what);
    }

    String getText() throws ProtocolException {
        int length = getCountOf(1, "bytes of a text");
        try {
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPORT)
                            .decode(ByteBuffer.wrap(bytes, at, length))
                            .toString();
            at += length;
            return text;
        } catch (CharacterCodingException malformed) {
            throw new ProtocolException("a text is not UTF-8");
        }
    }

    int[] getInts(int count) throws ProtocolException {
        demand((long) count * Integer.BYTES);
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = getInt();
        }
        return values;
    }

    private void demand(long more) throws ProtocolException {
        if (more > left()) {
            throw new ProtocolException(
                    "%d bytes are missing at %d of %d".formatted(more - left(), at, end));
        }
    }
}
