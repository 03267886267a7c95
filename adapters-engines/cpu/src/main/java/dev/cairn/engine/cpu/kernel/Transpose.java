package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Turns rows of elements into columns, four by four within a word, as keys are turned on their way
 * between a pool and the canonical layout: element by element they would take ten times as long as
 * a copy.
 *
 * <p>Threads: any.
 */
final class Transpose {

    /** Rows and columns that are turned at once. */
    static final int SIDE = 4;

    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long EVEN_SHORTS = 0x0000FFFF0000FFFFL;
    private static final long LOW_INT = 0x00000000FFFFFFFFL;
    private static final int EVEN_BYTES = 0x00FF00FF;
    private static final int LOW_SHORT = 0x0000FFFF;

    private Transpose() {}

    /**
     * @param bytes of an element: 1, 2 or 4
     * @param from where the first of {@link #SIDE} rows begins
     * @param fromStride bytes from one row to the next
     * @param to where the first of {@link #SIDE} columns, which become rows, is to begin
     * @param toStride bytes from one to the next
     */
    static void square(
            int bytes,
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride) {
        switch (bytes) {
            case 1 -> bytes(source, from, fromStride, target, to, toStride);
            case 2 -> shorts(source, from, fromStride, target, to, toStride);
            case 4 -> ints(source, from, fromStride, target, to, toStride);
            default -> throw new IllegalArgumentException("no elements of " + bytes + " bytes");
        }
    }

    private static void shorts(
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride) {
        long a = source.get(LONG, from);
        long b = source.get(LONG, from + fromStride);
        long c = source.get(LONG, from + 2 * fromStride);
        long d = source.get(LONG, from + 3 * fromStride);
        long evenAb = a & EVEN_SHORTS | (b & EVEN_SHORTS) << 16;
        long oddAb = a >>> 16 & EVEN_SHORTS | b & ~EVEN_SHORTS;
        long evenCd = c & EVEN_SHORTS | (d & EVEN_SHORTS) << 16;
        long oddCd = c >>> 16 & EVEN_SHORTS | d & ~EVEN_SHORTS;
        target.set(LONG, to, evenAb & LOW_INT | evenCd << 32);
        target.set(LONG, to + toStride, oddAb & LOW_INT | oddCd << 32);
        target.set(LONG, to + 2 * toStride, evenAb >>> 32 | evenCd & ~LOW_INT);
        target.set(LONG, to + 3 * toStride, oddAb >>> 32 | oddCd & ~LOW_INT);
    }

    private static void bytes(
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride) {
        int a = source.get(INT, from);
        int b = source.get(INT, from + fromStride);
        int c = source.get(INT, from + 2 * fromStride);
        int d = source.get(INT, from + 3 * fromStride);
        int evenAb = a & EVEN_BYTES | (b & EVEN_BYTES) << 8;
        int oddAb = a >>> 8 & EVEN_BYTES | b & ~EVEN_BYTES;
        int evenCd = c & EVEN_BYTES | (d & EVEN_BYTES) << 8;
        int oddCd = c >>> 8 & EVEN_BYTES | d & ~EVEN_BYTES;
        target.set(INT, to, evenAb & LOW_SHORT | evenCd << 16);
        target.set(INT, to + toStride, oddAb & LOW_SHORT | oddCd << 16);
        target.set(INT, to + 2 * toStride, evenAb >>> 16 | evenCd & ~LOW_SHORT);
        target.set(INT, to + 3 * toStride, oddAb >>> 16 | oddCd & ~LOW_SHORT);
    }

    private static void ints(
            MemorySegment source,
            long from,
            long fromStride,
            MemorySegment target,
            long to,
            long toStride) {
        for (int i = 0; i < SIDE; i += 2) {
            for (int j = 0; j < SIDE; j += 2) {
                long a = source.get(LONG, from + i * fromStride + 4L * j);
                long b = source.get(LONG, from + (i + 1) * fromStride + 4L * j);
                target.set(LONG, to + j * toStride + 4L * i, a & LOW_INT | b << 32);
                target.set(LONG, to + (j + 1) * toStride + 4L * i, a >>> 32 | b & ~LOW_INT);
            }
        }
    }
}
