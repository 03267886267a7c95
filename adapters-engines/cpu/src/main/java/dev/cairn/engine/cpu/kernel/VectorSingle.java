package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.ActivationFormat.BLOCK;
import static dev.cairn.engine.cpu.kernel.ActivationFormat.blocks;
import static dev.cairn.engine.cpu.kernel.PackedMatrix.PANEL_ROWS;
import static dev.cairn.engine.cpu.kernel.VectorMath.FLOATS;
import static dev.cairn.engine.cpu.kernel.VectorMath.LENGTH;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The product of one input row with the Vector API: weights go from memory to registers, because
 * what one token needs is used once and unpacking it into a cache would cost more than the product.
 * The chains are those of {@link VectorMatmul}.
 */
final class VectorSingle {

    private final PackedMatrix weights;
    private final MemorySegment data;
    private final int columns;
    private final float[] inputs;
    private final float[] inputScales;
    private final float[] starts;

    VectorSingle(PackedMatrix weights, MemorySegment prepared) {
        this.weights = weights;
        data = weights.data();
        VectorPieces pieces = new VectorPieces(weights, LENGTH);
        columns = pieces.paddedColumns();
        inputs = new float[columns + LENGTH];
        pieces.unpackInput(prepared, 0, 0, columns, inputs, 0);
        int blocks = weights.format().quantized() ? blocks(columns) : 0;
        inputScales = new float[blocks];
        starts = new float[blocks];
        if (blocks > 0) {
            pieces.unpackInputScales(prepared, 0, 0, columns, inputScales, 0);
        }
        // Weights are stored plus this much; every sum starts at that times minus the sum of the
        // inputs.
        int offset = weights.format() == WeightFormat.Q8_0 ? 128 : 8;
        for (int block = 0; block < blocks; block++) {
            int minus = prepared.get(PlainMemory.INT, columns + (blocks + block) * 4L);
            starts[block] = offset * minus;
        }
    }

    /** Products of other formats go the way of several tokens. */
    static boolean takes(WeightFormat format) {
        return switch (format) {
            case F32, F16, BF16, Q8_0, Q4_0 -> true;
            case Q5_0, Q4_K, Q5_K, Q6_K -> false;
        };
    }

    void run(MemorySegment output, int fromPanel, int toPanel) {
        int last = Math.min(toPanel * PANEL_ROWS, weights.rows());
        for (int row = fromPanel * PANEL_ROWS; row < last; row += LENGTH) {
            FloatVector sums =
                    switch (weights.format()) {
                        case F32 -> f32(row);
                        case F16 -> f16(row);
                        case BF16 -> bf16(row);
                        case Q8_0 -> q8(row);
                        case Q4_0 -> q4(row);
                        case Q5_0, Q4_K, Q5_K, Q6_K ->
                                throw new IllegalStateException(
                                        weights.format() + " goes elsewhere");
                    };
            if (row + LENGTH <= last) {
                VectorMath.store(sums, output, row * 4L);
            } else {
                MemorySegment.copy(
                        sums.toArray(), 0, output, PlainMemory.FLOAT, row * 4L, last - row);
            }
        }
    }

    private long place(int row, int laneBytes) {
        return weights.panelOffset(row / PANEL_ROWS) + (long) (row % PANEL_ROWS) * laneBytes;
    }

    private FloatVector f32(int row) {
        long at = place(row, 4);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int c = 0; c < columns; c++) {
            sum =
                    VectorMath.floats(data, at + c * 64L)
                            .fma(FloatVector.broadcast(FLOATS, inputs[c]), sum);
        }
        return sum;
    }

    private FloatVector f16(int row) {
        long at = place(row, 2);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int c = 0; c < columns; c++) {
            sum =
                    VectorMath.f16(data, at + c * 32L)
                            .fma(FloatVector.broadcast(FLOATS, inputs[c]), sum);
        }
        return sum;
    }

    private FloatVector bf16(int row) {
        long at = place(row, 4);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int c = 0; c < columns; c += 2) {
            IntVector pair = VectorMath.ints(data, at + c * 32L);
            FloatVector odd = pair.and(0xffff0000).reinterpretAsFloats();
            FloatVector even = pair.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            sum = odd.fma(FloatVector.broadcast(FLOATS, inputs[c]), sum);
            sum = even.fma(FloatVector.broadcast(FLOATS, inputs[c + 1]), sum);
        }
        return sum;
    }

    private FloatVector q8(int row) {
        long at = place(row, 4);
        long scales = scales(row);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int block = 0; block < starts.length; block++) {
            FloatVector dot = FloatVector.broadcast(FLOATS, starts[block]);
            // Sums of whole numbers are exact, so two chains may run beside each other.
            FloatVector other = FloatVector.zero(FLOATS);
            for (int group = 0; group < BLOCK; group += 4) {
                IntVector four = VectorMath.ints(data, at + block * 512L + group * 16L);
                int c = block * BLOCK + group;
                dot = times(four, 0, 255, inputs[c], dot);
                other = times(four, 8, 255, inputs[c + 1], other);
                dot = times(four, 16, 255, inputs[c + 2], dot);
                other = times(four, 24, 255, inputs[c + 3], other);
            }
            sum = add(dot.add(other), scales, block, sum);
        }
        return sum;
    }

    private FloatVector q4(int row) {
        long at = place(row, 4);
        long scales = scales(row);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int block = 0; block < starts.length; block++) {
            FloatVector dot = FloatVector.broadcast(FLOATS, starts[block]);
            FloatVector other = FloatVector.zero(FLOATS);
            for (int group = 0; group < BLOCK / 2; group += 4) {
                IntVector four = VectorMath.ints(data, at + block * 256L + group * 16L);
                int c = block * BLOCK + group;
                dot = times(four, 0, 15, inputs[c], dot);
                other = times(four, 4, 15, inputs[c + 16], other);
                dot = times(four, 8, 15, inputs[c + 1], dot);
                other = times(four, 12, 15, inputs[c + 17], other);
                dot = times(four, 16, 15, inputs[c + 2], dot);
                other = times(four, 20, 15, inputs[c + 18], other);
                dot = times(four, 24, 15, inputs[c + 3], dot);
                other = times(four, 28, 15, inputs[c + 19], other);
            }
            sum = add(dot.add(other), scales, block, sum);
        }
        return sum;
    }

    private static FloatVector times(
            IntVector four, int shift, int mask, float input, FloatVector sum) {
        IntVector value = four.lanewise(VectorOperators.LSHR, shift).and(mask);
        return VectorMath.toFloats(value).fma(FloatVector.broadcast(FLOATS, input), sum);
    }

    private long scales(int row) {
        return weights.scaleOffset(row / PANEL_ROWS) + row % PANEL_ROWS * 2L;
    }

    private FloatVector add(FloatVector dot, long scales, int block, FloatVector sum) {
        FloatVector scale = VectorMath.f16(data, scales + block * 32L);
        return dot.fma(scale.mul(inputScales[block]), sum);
    }
}
