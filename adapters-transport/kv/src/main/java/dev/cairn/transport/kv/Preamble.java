package dev.cairn.transport.kv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The first bytes in each direction: what this is, and which versions of the protocol the sender
 * speaks. This part never changes.
 *
 * @param least version that the sender still speaks
 * @param most newest version that it speaks
 */
record Preamble(int least, int most) {

    static final int BYTES = 16;

    /** Version 2 brought memory that both processes map. */
    static final int NEWEST = 2;

    static final Preamble OURS = new Preamble(1, NEWEST);

    private static final byte[] MAGIC = "CAIRN-KV".getBytes(StandardCharsets.US_ASCII);
    private static final int SUMMED_BYTES = BYTES - Integer.BYTES;

    byte[] bytes() {
        ByteBuffer buffer = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.put(MAGIC).putShort((short) least).putShort((short) most);
        return buffer.putInt(sum(buffer.array())).array();
    }

    void write(ByteSink sink) throws IOException {
        ByteBuffer direct = ByteBuffer.allocateDirect(BYTES).put(bytes()).flip();
        sink.write(new ByteBuffer[] {direct}, 1);
    }

    /**
     * @throws ProtocolException if the other side speaks something else altogether
     */
    static Preamble read(ByteSource source) throws IOException {
        ByteBuffer direct = ByteBuffer.allocateDirect(BYTES);
        source.read(direct, 0);
        byte[] bytes = new byte[BYTES];
        direct.flip().get(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (!Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                || buffer.getInt(SUMMED_BYTES) != sum(bytes)) {
            throw new ProtocolException(
                    "does not speak Cairn's KV protocol; a wrong port, or TLS on one side only");
        }
        int least = Short.toUnsignedInt(buffer.getShort(MAGIC.length));
        return new Preamble(least, Short.toUnsignedInt(buffer.getShort(MAGIC.length + 2)));
    }

    /**
     * The newest version that both speak; both sides come to the same answer.
     *
     * @throws RefusedException if there is none
     */
    int agree(Preamble other) throws RefusedException {
        int version = Math.min(most, other.most);
        if (version < Math.max(least, other.least)) {
            throw new RefusedException(
                    "one side speaks versions %d to %d of the KV protocol, the other %d to %d"
                            .formatted(least, most, other.least, other.most));
        }
        return version;
    }

    private static int sum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, SUMMED_BYTES);
        return (int) crc.getValue();
    }
}
