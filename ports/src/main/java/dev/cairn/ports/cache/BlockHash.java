package dev.cairn.ports.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * A block's chained hash: it stands for the block's tokens and everything before them. 32 bytes,
 * held as four longs so that it is a cheap key.
 */
public record BlockHash(long a, long b, long c, long d) {

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /**
     * @param digest 32 bytes
     */
    public static BlockHash of(byte[] digest) {
        if (digest.length != 32) {
            throw new IllegalArgumentException("a block hash has 32 bytes, got " + digest.length);
        }
        return new BlockHash(
                (long) LONGS.get(digest, 0),
                (long) LONGS.get(digest, 8),
                (long) LONGS.get(digest, 16),
                (long) LONGS.get(digest, 24));
    }

    public byte[] bytes() {
        byte[] digest = new byte[32];
        writeTo(digest, 0);
        return digest;
    }

    void writeTo(byte[] target, int offset) {
        LONGS.set(target, offset, a);
        LONGS.set(target, offset + 8, b);
        LONGS.set(target, offset + 16, c);
        LONGS.set(target, offset + 24, d);
    }

    /** Lower-case hexadecimal, 64 characters. */
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes());
    }
}
