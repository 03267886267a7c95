package dev.cairn.transport.kv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Reads frames. Nothing is read, and no memory taken, on the word of a length that was not held
 * against its bounds.
 *
 * <p>Threads: one.
 */
final class FrameReader {

    private static final int BODY_BYTES = Wire.PULL_BYTES + Integer.BYTES;
    private static final int SKIPPED_AT_ONCE = 1 << 16;

    private final ByteSource source;
    private final Frame frame = new Frame();
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer header =
            ByteBuffer.allocateDirect(Frame.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer body;
    private ByteBuffer skipped;
    private int sequence;

    /** Bytes of header and body of the last frame with a payload: the next one is likely alike. */
    private int usual;

    /**
     * @param mostBodyBytes of any frame that may come, without the checksum
     */
    FrameReader(ByteSource source, int mostBodyBytes) {
        this.source = source;
        this.body =
                ByteBuffer.allocateDirect(Math.min(BODY_BYTES, mostBodyBytes + Integer.BYTES))
                        .order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Waits for a frame and its {@link #body}; a payload must be taken before the next one.
     *
     * @return the same object each time
     */
    Frame next() throws IOException {
        source.read(header.clear(), 0);
        frame.decode(header.flip());
        if (frame.sequence != sequence++) {
            throw new ProtocolException(
                    "sent frame %d in the place of %d".formatted(frame.sequence, sequence - 1));
        }
        readBody();
        return frame;
    }

    /**
     * @throws ProtocolException if another frame comes; if it is a refusal, {@link
     *     RefusedException}
     */
    Frame expect(FrameType type) throws IOException {
        next();
        if (frame.type == FrameType.REFUSAL) {
            throw new RefusedException(Wire.text(body));
        }
        if (frame.type != type) {
            throw new ProtocolException("sent %s in the place of %s".formatted(frame.type, type));
        }
        return frame;
    }

    private void readBody() throws IOException {
        body.clear();
        if (frame.bodyBytes > body.capacity()) {
            throw new ProtocolException("sent %s, which is not its part".formatted(frame.type));
        }
        if (frame.bodyBytes == 0) {
            body.limit(0);
            return;
        }
        source.read(body.limit(frame.bodyBytes), 0);
        int sent = body.getInt(frame.bodyBytes - Integer.BYTES);
        crc.reset();
        crc.update(body.flip().limit(frame.bodyBytes - Integer.BYTES));
        if ((int) crc.getValue() != sent) {
            throw new ProtocolException(
                    "sent %s whose body does not match its checksum".formatted(frame.type));
        }
        body.rewind();
    }

    /** The last frame's, without the checksum. */
    ByteBuffer body() {
        return body;
    }

    /** Fills the buffer with as much of the last frame's payload. */
    void payload(ByteBuffer target) throws IOException {
        usual = Frame.HEADER_BYTES + frame.bodyBytes;
        source.read(target, usual);
    }

    /** Reads the last frame's payload into nowhere. */
    void skipPayload() throws IOException {
        if (skipped == null) {
            skipped = ByteBuffer.allocateDirect(SKIPPED_AT_ONCE);
        }
        int left = frame.payloadBytes;
        while (left > 0) {
            skipped.clear().limit(Math.min(left, SKIPPED_AT_ONCE));
            left -= skipped.limit();
            source.read(skipped, 0);
        }
    }
}
