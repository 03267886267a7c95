package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.ActivationFormat.BLOCK;
import static dev.cairn.engine.cpu.kernel.ActivationFormat.blocks;
import static dev.cairn.engine.cpu.kernel.ActivationFormat.roundUp;
import static dev.cairn.engine.cpu.kernel.PackedMatrix.PANEL_ROWS;
import static dev.cairn.engine.cpu.kernel.VectorMath.LENGTH;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Unpacks pieces of packed weights and prepared inputs to float32, in the order in which they are
 * multiplied (of a BF16 pair the odd column first). All pieces begin at a multiple of a block.
 */
final class VectorPieces {

    private final PackedMatrix weights;
    private final MemorySegment data;
    private final int columns;
    private final int spread;
    private final float[] octets = new float[LENGTH];

    /**
     * Reads one matrix and its inputs.
     *
     * @param weights the matrix
     * @param spread floats between one column and the next in unpacked weights
     */
    VectorPieces(PackedMatrix weights, int spread) {
        this.weights = weights;
        this.spread = spread;
        data = weights.data();
        columns = weights.columns();
    }

    /** Columns with the zeros that fill up a block or a pair. */
    int paddedColumns() {
        return switch (weights.format()) {
            case F32, F16 -> columns;
            case BF16 -> (int) roundUp(columns, 2);
            case Q8_0, Q4_0, Q5_0, Q4_K, Q5_K, Q6_K -> blocks(columns) * BLOCK;
        };
    }

    /** One register of rows from {@code row} on, {@code count} columns from {@code from} on. */
    void unpack(int row, int from, int count, float[] target, int offset) {
        long panel = weights.panelOffset(row / PANEL_ROWS);
        int lane = row % PANEL_ROWS;
        switch (weights.format()) {
            case F32 -> {
                for (int i = 0; i < count; i++) {
                    FloatVector value =
                            VectorMath.floats(data, panel + (from + i) * 64L + lane * 4);
                    value.intoArray(target, offset + i * spread);
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    FloatVector value = VectorMath.f16(data, panel + (from + i) * 32L + lane * 2);
                    value.intoArray(target, offset + i * spread);
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i += 2) {
                    IntVector pair = VectorMath.ints(data, panel + (from + i) * 32L + lane * 4);
                    pair.and(0xffff0000)
                            .reinterpretAsFloats()
                            .intoArray(target, offset + i * spread);
                    FloatVector even =
                            pair.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
                    even.intoArray(target, offset + (i + 1) * spread);
                }
            }
            case Q8_0 -> {
                for (int i = 0; i < count; i += 4) {
                    IntVector four = VectorMath.ints(data, panel + (from + i) * 16L + lane * 4);
                    put(four, 255, 128, target, offset + i * spread);
                }
            }
            case Q4_0 -> {
                for (int i = 0; i < count; i += BLOCK) {
                    unpackQ4Block(panel + (from + i) * 8L + lane * 4, target, offset + i * spread);
                }
            }
            case Q5_0, Q4_K, Q5_K, Q6_K -> {
                long bytes = weights.panelBytes() / blocks(columns);
                for (int i = 0; i < count; i += BLOCK) {
                    long block = panel + (from + i) / BLOCK * bytes + lane * 4;
                    unpackPlanes(block, target, offset + i * spread);
                }
            }
        }
    }

    private void unpackQ4Block(long block, float[] target, int offset) {
        for (int group = 0; group < 4; group++) {
            IntVector four = VectorMath.ints(data, block + group * 64L);
            put(four, 15, 8, target, offset + group * 4 * spread);
            IntVector high = four.lanewise(VectorOperators.LSHR, 4);
            put(high, 15, 8, target, offset + (16 + group * 4) * spread);
        }
    }

    /** Nibbles, and the bits above them that lie behind. */
    private void unpackPlanes(long block, float[] target, int offset) {
        WeightFormat format = weights.format();
        int minus = format == WeightFormat.Q6_K ? 32 : format == WeightFormat.Q5_0 ? 16 : 0;
        for (int group = 0; group < 8; group++) {
            IntVector four =
                    VectorMath.ints(data, block + group % 4 * 64L)
                            .lanewise(VectorOperators.LSHR, group / 4 * 4)
                            .and(0x0f0f0f0f);
            if (format == WeightFormat.Q6_K) {
                IntVector pairs = VectorMath.ints(data, block + 256 + group / 4 * 64L);
                four = four.or(field(pairs, group % 4 * 2, 0x03030303));
            } else if (format != WeightFormat.Q4_K) {
                four = four.or(field(VectorMath.ints(data, block + 256), group, 0x01010101));
            }
            put(four, 255, minus, target, offset + group * 4 * spread);
        }
    }

    /** The bits of each byte from {@code shift} on, as those above a nibble. */
    private static IntVector field(IntVector bytes, int shift, int mask) {
        return bytes.lanewise(VectorOperators.LSHR, shift)
                .and(mask)
                .lanewise(VectorOperators.LSHL, 4);
    }

    /** The four bytes of each lane, masked and less their offset, as four columns. */
    private void put(IntVector four, int mask, int minus, float[] target, int offset) {
        for (int i = 0; i < 4; i++) {
            IntVector value = four.lanewise(VectorOperators.LSHR, i * 8).and(mask).sub(minus);
            VectorMath.toFloats(value).intoArray(target, offset + i * spread);
        }
    }

    /** A register of factors for each part of the columns that has one. */
    void unpackScales(int row, int from, int count, float[] target, int offset) {
        if (weights.format().superBlocks()) {
            unpackSuperScales(row, from, count, target, offset);
            return;
        }
        long scales = weights.scaleOffset(row / PANEL_ROWS) + row % PANEL_ROWS * 2L;
        for (int block = 0; block < blocks(count); block++) {
            FloatVector value = VectorMath.f16(data, scales + (from / BLOCK + block) * 32L);
            value.intoArray(target, offset + block * spread);
        }
    }

    private void unpackSuperScales(int row, int from, int count, float[] target, int offset) {
        int part = weights.format().scaledColumns();
        int first = weights.format() == WeightFormat.Q6_K ? 32 : 64;
        int lane = row % PANEL_ROWS;
        for (int i = 0; i < count; i += part) {
            long block = weights.superBlock(row / PANEL_ROWS, from + i);
            long scale = block + first + (from + i) % 256 / part * 16L + lane;
            FloatVector factor = VectorMath.f16(data, block + lane * 2L);
            factor.mul(octets(scale)).intoArray(target, offset + i / part * spread);
        }
    }

    /** A register of minima for each block. */
    void unpackMinima(int row, int from, int count, float[] target, int offset) {
        int lane = row % PANEL_ROWS;
        for (int i = 0; i < count; i += BLOCK) {
            long block = weights.superBlock(row / PANEL_ROWS, from + i);
            long minimum = block + 192 + (from + i) % 256 / BLOCK * 16L + lane;
            FloatVector factor = VectorMath.f16(data, block + 32 + lane * 2L);
            factor.mul(octets(minimum)).intoArray(target, offset + i / BLOCK * spread);
        }
    }

    /** A signed byte for each lane; no byte behind them is touched. */
    private FloatVector octets(long at) {
        for (int i = 0; i < LENGTH; i++) {
            octets[i] = data.get(ValueLayout.JAVA_BYTE, at + i);
        }
        return FloatVector.fromArray(VectorMath.FLOATS, octets, 0);
    }

    void unpackInput(
            MemorySegment prepared, int token, int from, int count, float[] target, int offset) {
        ActivationFormat format = weights.format().activation();
        long row = token * format.rowBytes(columns);
        switch (format) {
            case F32 ->
                    MemorySegment.copy(
                            prepared, PlainMemory.FLOAT, row + from * 4L, target, offset, count);
            case BF16 -> {
                for (int i = 0; i < count; i += 2) {
                    int pair = prepared.get(PlainMemory.INT, row + (from + i) * 2L);
                    target[offset + i] = Float.intBitsToFloat(pair & 0xffff0000);
                    target[offset + i + 1] = Float.intBitsToFloat(pair << 16);
                }
            }
            case INT8 -> unpackBytes(prepared, row + from, count, target, offset);
        }
    }

    private static void unpackBytes(
            MemorySegment prepared, long from, int count, float[] target, int offset) {
        // A load of four lanes brings eight bytes: behind a row's bytes come its scales, so that it
        // stays within the row.
        for (int i = 0; i < count; i += LENGTH) {
            VectorMath.int8(prepared, from + i).intoArray(target, offset + i);
        }
    }

    void unpackInputScales(
            MemorySegment prepared, int token, int from, int count, float[] target, int offset) {
        long row = token * ActivationFormat.INT8.rowBytes(columns);
        long scales = row + (long) blocks(columns) * BLOCK + from / BLOCK * 4L;
        MemorySegment.copy(
                prepared, ValueLayout.JAVA_FLOAT_UNALIGNED, scales, target, offset, blocks(count));
    }

    /** Minus each block's sum of inputs, times its scale. */
    void unpackInputSums(
            MemorySegment prepared, int token, int from, int count, float[] target, int offset) {
        long row = token * ActivationFormat.INT8.rowBytes(columns);
        long scales = row + (long) blocks(columns) * BLOCK + from / BLOCK * 4L;
        long sums = scales + blocks(columns) * 4L;
        for (int block = 0; block < blocks(count); block++) {
            target[offset + block] =
                    prepared.get(PlainMemory.INT, sums + block * 4L)
                            * prepared.get(PlainMemory.FLOAT, scales + block * 4L);
        }
    }
}
