package dev.cairn.engine.cpu.packed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What a file of packed weights begins with, little-endian: eight letters, the key's digest, the
 * image's length, the length of a chunk, a CRC32C for every chunk, a CRC32C of all that. The image
 * follows at the next multiple of {@value #PAGE}.
 *
 * <p>Nothing is believed of a file: lengths follow from the key that is looked for, and the file's
 * must be the same.
 *
 * @param key of the image
 * @param checksums of its chunks, in order
 */
record PackedHeader(PackedKey key, int[] checksums) {

    /** Small enough for the second-level cache, so that a chunk is checked where it was read to. */
    static final int CHUNK = 512 << 10;

    private static final int PAGE = 4096;
    private static final byte[] LETTERS = "CAIRNPW1".getBytes(StandardCharsets.US_ASCII);
    private static final int FIXED = LETTERS.length + PackedKey.DIGEST_BYTES + Long.BYTES + 4;

    static int chunks(PackedKey key) {
        return Math.toIntExact(Math.ceilDiv(key.bytes(), CHUNK));
    }

    /** Bytes before the image. */
    static int length(PackedKey key) {
        return Math.ceilDiv(FIXED + 4 * chunks(key) + 4, PAGE) * PAGE;
    }

    /** Bytes of the whole file. */
    static long fileLength(PackedKey key) {
        return length(key) + key.bytes();
    }

    /** CRC32C of one chunk. */
    static int checksum(ByteBuffer chunk) {
        CRC32C checksum = new CRC32C();
        checksum.update(chunk);
        return (int) checksum.getValue();
    }

    /** {@link #length} bytes, ready to be written. */
    ByteBuffer bytes() {
        ByteBuffer out = begin(key);
        for (int checksum : checksums) {
            out.putInt(checksum);
        }
        out.putInt(checksum(out.duplicate().flip()));
        return out.clear();
    }

    /**
     * Reads the beginning of a file.
     *
     * @param bytes {@link #length} of the key that is looked for
     * @return empty if it is not the beginning of that key's file, or damaged
     */
    static Optional<PackedHeader> read(PackedKey key, ByteBuffer bytes) {
        ByteBuffer in = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer expected = begin(key).flip();
        int end = expected.limit() + 4 * chunks(key);
        if (in.remaining() < end + 4
                || !in.slice(0, expected.limit()).equals(expected)
                || in.getInt(end) != checksum(in.slice(0, end))) {
            return Optional.empty();
        }
        int[] checksums = new int[chunks(key)];
        in.position(expected.limit());
        Arrays.setAll(checksums, _ -> in.getInt());
        return Optional.of(new PackedHeader(key, checksums));
    }

    private static ByteBuffer begin(PackedKey key) {
        return ByteBuffer.allocate(length(key))
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(LETTERS)
                .put(key.digest())
                .putLong(key.bytes())
                .putInt(CHUNK);
    }
}
