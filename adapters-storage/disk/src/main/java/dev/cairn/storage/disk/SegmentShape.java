package dev.cairn.storage.disk;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How a segment is cut; the first 4096 bytes of its head file.
 *
 * <p>Little-endian: magic 4 bytes, version 4, segment 8, extent bytes 8, slot bytes 8, record bytes
 * 4, layers 4, slots 4, CRC32C of the 44 bytes before 4, zeros.
 *
 * @param id unique in its folder, rising
 * @param extentBytes of the folder's segments at most
 * @param slotBytes multiple of 4096
 * @param recordBytes multiple of 512
 * @param layers checksums per block
 * @param slots how many
 */
record SegmentShape(
        long id, long extentBytes, long slotBytes, int recordBytes, int layers, int slots) {

    static final int BYTES = 4096;

    private static final int MAGIC = 0x47_45_53_43;
    private static final int VERSION = 1;
    private static final int CHECKED_BYTES = 44;

    /** Writes the first page of a head file to a little-endian buffer. */
    void encode(ByteBuffer buffer) {
        buffer.clear().limit(BYTES);
        buffer.putInt(MAGIC).putInt(VERSION).putLong(id).putLong(extentBytes).putLong(slotBytes);
        buffer.putInt(recordBytes).putInt(layers).putInt(slots).putInt(checksum(buffer));
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
        buffer.flip();
    }

    private static int checksum(ByteBuffer buffer) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(0).limit(CHECKED_BYTES));
        return (int) crc.getValue();
    }

    /**
     * @return empty if this is no segment of this version
     */
    static Optional<SegmentShape> decode(ByteBuffer buffer) {
        if (buffer.getInt(0) != MAGIC
                || buffer.getInt(4) != VERSION
                || buffer.getInt(CHECKED_BYTES) != checksum(buffer)) {
            return Optional.empty();
        }
        var shape =
                new SegmentShape(
                        buffer.getLong(8),
                        buffer.getLong(16),
                        buffer.getLong(24),
                        buffer.getInt(32),
                        buffer.getInt(36),
                        buffer.getInt(40));
        return shape.isSound() ? Optional.of(shape) : Optional.empty();
    }

    private boolean isSound() {
        return slotBytes > 0
                && slotBytes % ChannelFile.ALIGNMENT == 0
                && recordBytes > 0
                && recordBytes <= BlockRecord.MOST_BYTES
                && recordBytes % BlockRecord.ALIGNMENT == 0
                && layers > 0
                && slots > 0
                && slots <= 1 << 19
                && slots * slotBytes <= extentBytes;
    }
}
