package dev.cairn.transport.kv;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A frame's fixed part. What {@code request}, {@code block}, {@code layer} and {@code count} mean
 * is the type's.
 *
 * <p>Threads: one.
 */
final class Frame {

    static final int HEADER_BYTES = 32;

    private static final int SUMMED_BYTES = HEADER_BYTES - Integer.BYTES;

    private final CRC32C crc = new CRC32C();

    FrameType type;
    int count;
    int sequence;
    int request;
    int block;
    int layer;

    /** Of the body with its checksum; 0 = no body. */
    int bodyBytes;

    int payloadBytes;

    /** Writes the header at the buffer's position, which moves behind it. */
    void encode(ByteBuffer buffer) {
        int begin = buffer.position();
        buffer.put((byte) type.code())
                .put((byte) 0)
                .putShort((short) count)
                .putInt(sequence)
                .putInt(request)
                .putInt(block)
                .putInt(layer)
                .putInt(bodyBytes)
                .putInt(payloadBytes);
        buffer.putInt(sum(buffer, begin));
    }

    /**
     * Reads the header at the buffer's position.
     *
     * @throws ProtocolException if it is damaged, or its lengths are none that its type may have
     */
    void decode(ByteBuffer buffer) throws ProtocolException {
        int begin = buffer.position();
        int sum = sum(buffer, begin);
        if (buffer.getInt(begin + SUMMED_BYTES) != sum) {
            throw new ProtocolException("sent a frame whose header does not match its checksum");
        }
        type = FrameType.of(Byte.toUnsignedInt(buffer.get(begin)));
        count = Short.toUnsignedInt(buffer.getShort(begin + 2));
        sequence = buffer.getInt(begin + 4);
        request = buffer.getInt(begin + 8);
        block = buffer.getInt(begin + 12);
        layer = buffer.getInt(begin + 16);
        bodyBytes = buffer.getInt(begin + 20);
        payloadBytes = buffer.getInt(begin + 24);
        buffer.position(begin + HEADER_BYTES);
        if (bodyBytes != 0
                && (bodyBytes < Integer.BYTES
                        || bodyBytes - Integer.BYTES > type.mostBodyBytes())) {
            throw new ProtocolException("sent a %s of %d bytes".formatted(type, bodyBytes));
        }
        if (payloadBytes != 0 && (type != FrameType.DATA || payloadBytes < 0)) {
            throw new ProtocolException(
                    "sent %d bytes of payload with %s".formatted(payloadBytes, type));
        }
    }

    private int sum(ByteBuffer buffer, int begin) {
        int position = buffer.position();
        int limit = buffer.limit();
        crc.reset();
        crc.update(buffer.limit(begin + SUMMED_BYTES).position(begin));
        buffer.limit(limit).position(position);
        return (int) crc.getValue();
    }
}
