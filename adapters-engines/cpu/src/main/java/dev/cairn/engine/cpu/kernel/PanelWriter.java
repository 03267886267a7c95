package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.ActivationFormat.BLOCK;
import static dev.cairn.engine.cpu.kernel.ActivationFormat.blocks;
import static dev.cairn.engine.cpu.kernel.PackedMatrix.PANEL_ROWS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Writes rows into the panels of a {@link PackedMatrix}.
 *
 * <p>Quantising follows ggml's {@code quantize_row_q8_0_ref}, {@code quantize_row_q4_0_ref} and
 * {@code quantize_row_q5_0_ref} (ggml-quants.c): the scale is the block's extreme divided by 127,
 * by -8 or by -16, elements are divided by the unrounded scale, the scale is kept as float16.
 */
final class PanelWriter {

    private final PackedMatrix matrix;
    private final MemorySegment data;
    private final int columns;
    private final int[] quants = new int[BLOCK];
    private final SuperBlockWriter superBlocks;

    PanelWriter(PackedMatrix matrix) {
        this.matrix = matrix;
        data = matrix.data();
        columns = matrix.columns();
        superBlocks = new SuperBlockWriter(matrix);
    }

    /** Copies a row that is stored in the matrix's own format, bit for bit. */
    void copy(int row, MemorySegment stored) {
        switch (matrix.format()) {
            case F32 -> {
                for (int column = 0; column < columns; column++) {
                    data.set(
                            PlainMemory.INT,
                            wideAt(row, column, 4),
                            stored.get(PlainMemory.INT, column * 4L));
                }
            }
            case F16 -> {
                for (int column = 0; column < columns; column++) {
                    short bits = stored.get(PlainMemory.SHORT, column * 2L);
                    data.set(PlainMemory.SHORT, wideAt(row, column, 2), bits);
                }
            }
            case BF16 -> {
                for (int column = 0; column < columns; column++) {
                    data.set(
                            PlainMemory.SHORT,
                            pairAt(row, column),
                            stored.get(PlainMemory.SHORT, column * 2L));
                }
            }
            case Q8_0 -> copyQ8(row, stored);
            case Q4_0 -> copyQ4(row, stored);
            case Q5_0 -> copyQ5(row, stored);
            case Q4_K, Q5_K, Q6_K -> superBlocks.copy(row, stored);
        }
    }

    private void copyQ8(int row, MemorySegment stored) {
        for (int block = 0; block < blocks(columns); block++) {
            long from = block * 34L;
            for (int i = 0; i < BLOCK; i++) {
                quants[i] = stored.get(ValueLayout.JAVA_BYTE, from + 2 + i);
            }
            putBlock(row, block, stored.get(PlainMemory.SHORT, from));
        }
    }

    private void copyQ4(int row, MemorySegment stored) {
        for (int block = 0; block < blocks(columns); block++) {
            long from = block * 18L;
            for (int i = 0; i < BLOCK / 2; i++) {
                int both = stored.get(ValueLayout.JAVA_BYTE, from + 2 + i);
                quants[i] = (both & 15) - 8;
                quants[i + BLOCK / 2] = (both >> 4 & 15) - 8;
            }
            putBlock(row, block, stored.get(PlainMemory.SHORT, from));
        }
    }

    private void copyQ5(int row, MemorySegment stored) {
        StoredBlock from = new StoredBlock(WeightFormat.Q5_0);
        for (int block = 0; block < blocks(columns); block++) {
            from.read(stored, block * 22L);
            for (int i = 0; i < BLOCK; i++) {
                quants[i] = from.quants[i] - 16;
            }
            putBlock(row, block, from.factor);
        }
    }

    /** Rounds a row of float32 into the matrix's format. */
    void write(int row, float[] values) {
        switch (matrix.format()) {
            case F32 -> {
                for (int column = 0; column < columns; column++) {
                    data.set(PlainMemory.FLOAT, wideAt(row, column, 4), values[column]);
                }
            }
            case F16 -> {
                for (int column = 0; column < columns; column++) {
                    data.set(
                            PlainMemory.SHORT,
                            wideAt(row, column, 2),
                            Float.floatToFloat16(values[column]));
                }
            }
            case BF16 -> {
                for (int column = 0; column < columns; column++) {
                    data.set(
                            PlainMemory.SHORT,
                            pairAt(row, column),
                            PlainMemory.toBf16(values[column]));
                }
            }
            case Q4_K, Q5_K, Q6_K ->
                    throw new IllegalArgumentException(
                            "nothing is rounded to " + matrix.format() + " here");
            case Q8_0, Q4_0, Q5_0 -> {
                for (int block = 0; block < blocks(columns); block++) {
                    putBlock(row, block, Float.floatToFloat16(quantize(row, block, values)));
                }
            }
        }
    }

    private float quantize(int row, int block, float[] values) {
        int from = block * BLOCK;
        int count = Math.min(BLOCK, columns - from);
        float extreme = 0;
        for (int i = 0; i < count; i++) {
            float value = values[from + i];
            if (!Float.isFinite(value)) {
                throw new IllegalArgumentException(
                        "row %d, column %d is %s and cannot be quantised"
                                .formatted(row, from + i, value));
            }
            if (Math.abs(value) > Math.abs(extreme)) {
                extreme = value;
            }
        }
        boolean eight = matrix.format() == WeightFormat.Q8_0;
        int half = matrix.format() == WeightFormat.Q5_0 ? 16 : 8;
        float scale = eight ? Math.abs(extreme) / 127 : extreme / -half;
        float inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < BLOCK; i++) {
            float scaled = i < count ? values[from + i] * inverse : 0;
            quants[i] =
                    eight
                            ? roundAway(scaled)
                            : Math.min(2 * half - 1, (int) (scaled + half + 0.5f)) - half;
        }
        return scale;
    }

    /** C's roundf: halves away from zero. */
    private static int roundAway(float value) {
        int magnitude = (int) (Math.abs(value) + 0.5f);
        return value < 0 ? -magnitude : magnitude;
    }

    private void putBlock(int row, int block, short scale) {
        int panel = row / PANEL_ROWS;
        int lane = row % PANEL_ROWS;
        if (matrix.format() == WeightFormat.Q8_0) {
            long at = matrix.panelOffset(panel) + block * 512L + lane * 4;
            for (int i = 0; i < BLOCK; i++) {
                data.set(
                        ValueLayout.JAVA_BYTE,
                        at + (i / 4) * 64L + i % 4,
                        (byte) (quants[i] + 128));
            }
        } else if (matrix.format() == WeightFormat.Q5_0) {
            BitPlanes.putFive(data, matrix.panelOffset(panel) + block * 320L, lane, quants, 16);
        } else {
            long at = matrix.panelOffset(panel) + block * 256L + lane * 4;
            for (int i = 0; i < BLOCK / 2; i++) {
                int both = quants[i] + 8 | quants[i + BLOCK / 2] + 8 << 4;
                data.set(ValueLayout.JAVA_BYTE, at + (i / 4) * 64L + i % 4, (byte) both);
            }
        }
        data.set(PlainMemory.SHORT, matrix.scaleOffset(panel) + block * 32L + lane * 2, scale);
    }

    private long wideAt(int row, int column, int bytes) {
        return matrix.panelOffset(row / PANEL_ROWS)
                + (column * (long) PANEL_ROWS + row % PANEL_ROWS) * bytes;
    }

    private long pairAt(int row, int column) {
        long pair = column / 2 * 2L * PANEL_ROWS;
        return matrix.panelOffset(row / PANEL_ROWS)
                + (pair + row % PANEL_ROWS * 2 + column % 2) * 2;
    }
}
