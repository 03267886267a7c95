package dev.cairn.transport.events;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes MessagePack, every value in its shortest form.
 *
 * <p>Threads: one at a time.
 */
final class MsgpackWriter {

    private ByteBuffer bytes = ByteBuffer.allocate(1024);

    void nil() {
        room(1).put((byte) 0xc0);
    }

    /** A signed number. */
    void integer(long value) {
        room(9);
        if (value >= 0) {
            unsigned(value);
        } else if (value >= -32) {
            bytes.put((byte) value);
        } else if (value >= Byte.MIN_VALUE) {
            bytes.put((byte) 0xd0).put((byte) value);
        } else if (value >= Short.MIN_VALUE) {
            bytes.put((byte) 0xd1).putShort((short) value);
        } else if (value >= Integer.MIN_VALUE) {
            bytes.put((byte) 0xd2).putInt((int) value);
        } else {
            bytes.put((byte) 0xd3).putLong(value);
        }
    }

    /** 64 bits as a number without sign. */
    void unsigned(long value) {
        room(9);
        if (Long.compareUnsigned(value, 0x7f) <= 0) {
            bytes.put((byte) value);
        } else if (Long.compareUnsigned(value, 0xff) <= 0) {
            bytes.put((byte) 0xcc).put((byte) value);
        } else if (Long.compareUnsigned(value, 0xffff) <= 0) {
            bytes.put((byte) 0xcd).putShort((short) value);
        } else if (Long.compareUnsigned(value, 0xffff_ffffL) <= 0) {
            bytes.put((byte) 0xce).putInt((int) value);
        } else {
            bytes.put((byte) 0xcf).putLong(value);
        }
    }

    void decimal(double value) {
        room(9).put((byte) 0xcb).putDouble(value);
    }

    void string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        room(5 + utf8.length);
        if (utf8.length < 32) {
            bytes.put((byte) (0xa0 | utf8.length));
        } else {
            length(utf8.length, 0xd9);
        }
        bytes.put(utf8);
    }

    void binary(byte[] value) {
        room(5 + value.length);
        length(value.length, 0xc4);
        bytes.put(value);
    }

    private void length(int length, int of8Bits) {
        if (length <= 0xff) {
            bytes.put((byte) of8Bits).put((byte) length);
        } else if (length <= 0xffff) {
            bytes.put((byte) (of8Bits + 1)).putShort((short) length);
        } else {
            bytes.put((byte) (of8Bits + 2)).putInt(length);
        }
    }

    /** The head of an array; its elements follow. */
    void array(int count) {
        count(count, 0x90, 0xdc);
    }

    /** The head of a map; its keys and values follow in turn. */
    void map(int count) {
        count(count, 0x80, 0xde);
    }

    private void count(int count, int small, int of16Bits) {
        room(5);
        if (count < 16) {
            bytes.put((byte) (small | count));
        } else if (count <= 0xffff) {
            bytes.put((byte) of16Bits).putShort((short) count);
        } else {
            bytes.put((byte) (of16Bits + 1)).putInt(count);
        }
    }

    /** What was written. */
    byte[] toBytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private ByteBuffer room(int count) {
        if (bytes.remaining() < count) {
            int capacity = Math.max(bytes.position() + count, 2 * bytes.capacity());
            bytes =
                    ByteBuffer.wrap(Arrays.copyOf(bytes.array(), capacity))
                            .position(bytes.position());
        }
        return bytes;
    }
}
