package dev.cairn.storage.disk;

import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What stands on the disk about one block; a block is there if its record is.
 *
 * <p>Little-endian: magic 4 bytes, version 2, flags 2 (1 = pinned), sequence 8, milliseconds since
 * 1970 8, hash 32, group 4, layout 5 x 4 (layers, tokens, heads, head size, type), lengths of the
 * model's fingerprint, the compute identity and the tenant 3 x 2, number of checksums 2, the three
 * texts in UTF-8, the CRC32C of each layer slice 4 each, and last the CRC32C of all that and of
 * where it belongs: segment 8, slot 4. So a record in a wrong place is no record.
 *
 * @param sequence counts up with every block that was stored
 * @param checksums CRC32C of each layer slice
 */
record BlockRecord(BlockEntry entry, long sequence, int[] checksums) {

    static final int ALIGNMENT = 512;
    static final int MOST_BYTES = 64 << 10;

    private static final int MAGIC = 0x4b_52_42_43;
    private static final short VERSION = 1;
    private static final int FIXED_BYTES = 88;
    private static final int MOST_LAYERS = 4096;
    private static final int MOST_TEXT = 4096;

    /** Bytes that a record takes, rounded up to {@value #ALIGNMENT}. */
    static int bytes(BlockKey key, KvLayout layout, String tenant) {
        int bytes =
                FIXED_BYTES
                        + length(key.model())
                        + length(key.identity().text())
                        + length(tenant)
                        + (layout.layers() + 1) * Integer.BYTES;
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** UTF-8 takes three bytes per {@code char} at most; counted without making the bytes. */
    private static int length(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            bytes += text.charAt(i) < 0x80 ? 1 : text.charAt(i) < 0x800 ? 2 : 3;
        }
        return bytes;
    }

    /** Whether a block can be described at all. */
    static boolean fits(BlockKey key, KvLayout layout, String tenant) {
        return layout.layers() <= MOST_LAYERS
                && key.model().length() <= MOST_TEXT / 3
                && key.identity().text().length() <= MOST_TEXT / 3
                && tenant.length() <= MOST_TEXT / 3;
    }

    /** Writes the record at the beginning of a little-endian buffer, zeros up to its limit. */
    void encode(ByteBuffer buffer, long segment, int place) {
        BlockKey key = entry.key();
        KvLayout layout = entry.layout();
        byte[] model = key.model().getBytes(StandardCharsets.UTF_8);
        byte[] identity = key.identity().text().getBytes(StandardCharsets.UTF_8);
        byte[] tenant = entry.tenant().getBytes(StandardCharsets.UTF_8);
        buffer.position(0);
        buffer.putInt(MAGIC).putShort(VERSION).putShort((short) (entry.pinned() ? 1 : 0));
        buffer.putLong(sequence).putLong(entry.storedEpochMillis());
        buffer.putLong(key.hash().a()).putLong(key.hash().b());
        buffer.putLong(key.hash().c()).putLong(key.hash().d());
        buffer.putInt(key.group()).putInt(layout.layers()).putInt(layout.tokens());
        buffer.putInt(layout.heads()).putInt(layout.headSize()).putInt(code(layout.type()));
        buffer.putShort((short) model.length).putShort((short) identity.length);
        buffer.putShort((short) tenant.length).putShort((short) checksums.length);
        buffer.put(model).put(identity).put(tenant);
        for (int checksum : checksums) {
            buffer.putInt(checksum);
        }
        buffer.putInt(checksum(buffer, buffer.position(), segment, place));
        while (buffer.hasRemaining()) {
            buffer.put((byte) 0);
        }
        buffer.flip();
    }

    private static int checksum(ByteBuffer buffer, int bytes, long segment, int place) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(0).limit(bytes));
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            crc.update((int) (segment >>> shift) & 0xff);
        }
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            crc.update(place >>> shift & 0xff);
        }
        return (int) crc.getValue();
    }

    /** Whether anything at all stands here; what stands may still be no record. */
    static boolean isEmpty(ByteBuffer buffer) {
        return buffer.getInt(0) == 0;
    }

    /**
     * Reads a record, trusting nothing.
     *
     * @param buffer little-endian, position 0, as long as a record of its segment
     * @return empty if this is no record, is damaged, or belongs elsewhere
     */
    static Optional<BlockRecord> decode(ByteBuffer buffer, long segment, int place) {
        if (buffer.getInt(0) != MAGIC || buffer.getShort(4) != VERSION) {
            return Optional.empty();
        }
        int model = Short.toUnsignedInt(buffer.getShort(80));
        int identity = Short.toUnsignedInt(buffer.getShort(82));
        int tenant = Short.toUnsignedInt(buffer.getShort(84));
        int layers = Short.toUnsignedInt(buffer.getShort(86));
        int end = FIXED_BYTES + model + identity + tenant + layers * Integer.BYTES;
        if (layers > MOST_LAYERS
                || end + Integer.BYTES > buffer.limit()
                || buffer.getInt(end) != checksum(buffer, end, segment, place)) {
            return Optional.empty();
        }
        Optional<KvType> type = type(buffer.getInt(76));
        if (type.isEmpty() || buffer.getInt(60) != layers) {
            return Optional.empty();
        }
        buffer.position(FIXED_BYTES);
        String ofModel = text(buffer, model);
        String ofIdentity = text(buffer, identity);
        String ofTenant = text(buffer, tenant);
        int[] checksums = new int[layers];
        for (int layer = 0; layer < layers; layer++) {
            checksums[layer] = buffer.getInt();
        }
        var hash =
                new BlockHash(
                        buffer.getLong(24),
                        buffer.getLong(32),
                        buffer.getLong(40),
                        buffer.getLong(48));
        var layout =
                new KvLayout(
                        layers,
                        buffer.getInt(64),
                        buffer.getInt(68),
                        buffer.getInt(72),
                        type.get());
        var key = new BlockKey(ofModel, new ComputeIdentity(ofIdentity), buffer.getInt(56), hash);
        var entry =
                new BlockEntry(
                        key, layout, ofTenant, buffer.getLong(16), (buffer.getShort(6) & 1) != 0);
        return Optional.of(new BlockRecord(entry, buffer.getLong(8), checksums));
    }

    private static String text(ByteBuffer buffer, int bytes) {
        byte[] utf8 = new byte[bytes];
        buffer.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** Numbers of the format, which outlive the order of the enum. */
    private static int code(KvType type) {
        return switch (type) {
            case FLOAT32 -> 1;
            case BFLOAT16 -> 2;
            case INT8 -> 3;
        };
    }

    private static Optional<KvType> type(int code) {
        for (KvType type : KvType.values()) {
            if (code(type) == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BlockRecord that
                && entry.equals(that.entry)
                && sequence == that.sequence
                && Arrays.equals(checksums, that.checksums);
    }

    @Override
    public int hashCode() {
        return entry.hashCode();
    }
}
