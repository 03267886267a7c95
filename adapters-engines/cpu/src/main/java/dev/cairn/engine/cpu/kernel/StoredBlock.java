package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One stored block of Q5_0 or of a format with {@linkplain WeightFormat#superBlocks super blocks},
 * taken apart: a weight is {@code factor * scale * (quant - offset)}, and less {@code minimumFactor
 * * minimum} where there are minima.
 *
 * <p>Source: {@code dequantize_row_*} of ggml-quants.c. Threads: one at a time.
 */
final class StoredBlock {

    private final WeightFormat format;

    /** As stored, without offset. */
    final int[] quants = new int[WeightFormat.SUPER_BLOCK];

    /** A part's, in columns from the first. */
    final int[] scales = new int[16];

    final int[] minima = new int[8];

    /** float16. */
    short factor;

    /** float16. */
    short minimumFactor;

    StoredBlock(WeightFormat format) {
        this.format = format;
    }

    void read(MemorySegment row, long at) {
        switch (format) {
            case Q5_0 -> {
                factor = row.get(PlainMemory.SHORT, at);
                int high = row.get(PlainMemory.INT, at + 2);
                for (int i = 0; i < 16; i++) {
                    int both = octet(row, at + 6 + i);
                    quants[i] = both & 15 | (high >>> i & 1) << 4;
                    quants[i + 16] = both >>> 4 | (high >>> i + 16 & 1) << 4;
                }
            }
            case Q4_K -> {
                factors(row, at);
                for (int i = 0; i < quants.length; i++) {
                    quants[i] = nibble(row, at + 16, i);
                }
            }
            case Q5_K -> {
                factors(row, at);
                for (int i = 0; i < quants.length; i++) {
                    int fifth = octet(row, at + 16 + i % 32) >>> i / 32 & 1;
                    quants[i] = nibble(row, at + 48, i) | fifth << 4;
                }
            }
            case Q6_K -> {
                factor = row.get(PlainMemory.SHORT, at + 208);
                for (int i = 0; i < quants.length; i++) {
                    int half = i / 128;
                    int within = i % 128;
                    int low = octet(row, at + half * 64L + within % 64) >>> within / 64 * 4 & 15;
                    int pair = octet(row, at + 128 + half * 32L + within % 32) >>> within / 32 * 2;
                    quants[i] = low | (pair & 3) << 4;
                }
                for (int i = 0; i < scales.length; i++) {
                    scales[i] = row.get(ValueLayout.JAVA_BYTE, at + 192 + i);
                }
            }
            case F32, F16, BF16, Q8_0, Q4_0 ->
                    throw new IllegalArgumentException(format + " has no such blocks");
        }
    }

    /** In float32, as ggml computes it. */
    float weight(int column) {
        float scale = Float.float16ToFloat(factor);
        return switch (format) {
            case Q5_0 -> scale * (quants[column] - 16);
            case Q6_K -> scale * scales[column / 16] * (quants[column] - 32);
            case Q4_K, Q5_K ->
                    scale * scales[column / 32] * quants[column]
                            - Float.float16ToFloat(minimumFactor) * minima[column / 32];
            case F32, F16, BF16, Q8_0, Q4_0 ->
                    throw new IllegalArgumentException(format + " has no such blocks");
        };
    }

    /** Six bits each: of the first four parts in one piece, of the others in two. */
    private void factors(MemorySegment row, long at) {
        factor = row.get(PlainMemory.SHORT, at);
        minimumFactor = row.get(PlainMemory.SHORT, at + 2);
        long packed = at + 4;
        for (int part = 0; part < 4; part++) {
            int first = octet(row, packed + part);
            int second = octet(row, packed + part + 4);
            int third = octet(row, packed + part + 8);
            scales[part] = first & 63;
            minima[part] = second & 63;
            scales[part + 4] = third & 15 | first >>> 6 << 4;
            minima[part + 4] = third >>> 4 | second >>> 6 << 4;
        }
    }

    private static int nibble(MemorySegment row, long nibbles, int i) {
        return octet(row, nibbles + i / 64 * 32L + i % 32) >>> i / 32 % 2 * 4 & 15;
    }

    private static int octet(MemorySegment row, long at) {
        return row.get(ValueLayout.JAVA_BYTE, at) & 255;
    }
}
