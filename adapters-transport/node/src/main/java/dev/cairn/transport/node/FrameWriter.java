package dev.cairn.transport.node;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Frames on their way out, in memory until they are written together. Little-endian. One thread.
 */
final class FrameWriter {

    private static final int KEPT_BYTES = 1 << 16;

    private byte[] bytes = new byte[256];
    private int length;
    private int frame = -1;

    /** Starts a frame; the one before must have been ended. */
    FrameWriter begin(int type) {
        frame = length;
        putInt(0);
        return putByte(type);
    }

    /** Ends the frame, whose length is known now. */
    void end() {
        int payload = payload();
        if (payload > NodeProtocol.MAX_FRAME) {
            throw new IllegalStateException("a frame of " + payload + " bytes");
        }
        setInt(frame, payload);
        frame = -1;
    }

    /** Bytes of the payload so far. */
    int payload() {
        return length - frame - NodeProtocol.FRAME_HEADER;
    }

    FrameWriter putByte(int value) {
        room(1);
        bytes[length++] = (byte) value;
        return this;
    }

    FrameWriter putInt(int value) {
        room(Integer.BYTES);
        length += Integer.BYTES;
        setInt(length - Integer.BYTES, value);
        return this;
    }

    FrameWriter putLong(long value) {
        return putInt((int) value).putInt((int) (value >>> 32));
    }

    FrameWriter putFloat(float value) {
        return putInt(Float.floatToRawIntBits(value));
    }

    /** Length in bytes, and UTF-8. */
    FrameWriter putText(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        putInt(utf8.length);
        room(utf8.length);
        System.arraycopy(utf8, 0, bytes, length, utf8.length);
        length += utf8.length;
        return this;
    }

    /** Where the next byte goes, for {@link #setInt}. */
    int position() {
        return length;
    }

    void setInt(int at, int value) {
        bytes[at] = (byte) value;
        bytes[at + 1] = (byte) (value >>> 8);
        bytes[at + 2] = (byte) (value >>> 16);
        bytes[at + 3] = (byte) (value >>> 24);
    }

    boolean isEmpty() {
        return length == 0;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    /** Writes what was gathered, in one piece, and begins anew. */
    void writeTo(OutputStream out) throws IOException {
        out.write(bytes, 0, length);
        length = 0;
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[256];
        }
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * length));
        }
    }
}
