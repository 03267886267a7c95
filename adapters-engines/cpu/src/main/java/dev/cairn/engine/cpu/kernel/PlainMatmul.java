package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.ActivationFormat.BLOCK;
import static dev.cairn.engine.cpu.kernel.ActivationFormat.blocks;
import static dev.cairn.engine.cpu.kernel.PackedMatrix.PANEL_ROWS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Matrix products in plain Java: the definition that the faster providers are tested against.
 *
 * <p>Operands are unpacked into arrays in the order in which they are multiplied. A float sum is
 * one chain of fused multiply-adds over the columns (in BF16 the odd column of each pair first, as
 * the processors' instruction does); a quantised one is a chain over the blocks, whose integer sums
 * are exact.
 */
final class PlainMatmul {

    private final PackedMatrix weights;
    private final MemorySegment data;
    private final int columns;
    private final int padded;
    private final float[][] lanes;
    private final int part;
    private final float[][] scales;
    private final float[][] minima;
    private final float[] inputs;
    private final float[] inputScales;
    private final int[] inputSums;

    PlainMatmul(PackedMatrix weights) {
        this.weights = weights;
        data = weights.data();
        columns = weights.columns();
        padded = weights.format().quantized() ? blocks(columns) * BLOCK : (columns + 1) / 2 * 2;
        lanes = new float[PANEL_ROWS][padded];
        part = weights.format().scaledColumns();
        scales = new float[PANEL_ROWS][padded / part];
        minima = new float[PANEL_ROWS][blocks(columns)];
        inputs = new float[padded];
        inputScales = new float[blocks(columns)];
        inputSums = new int[blocks(columns)];
    }

    void run(
            MemorySegment prepared,
            int tokens,
            MemorySegment output,
            int stride,
            int fromPanel,
            int toPanel) {
        for (int panel = fromPanel; panel < toPanel; panel++) {
            unpackPanel(panel);
            int firstRow = panel * PANEL_ROWS;
            int rows = Math.min(PANEL_ROWS, weights.rows() - firstRow);
            for (int token = 0; token < tokens; token++) {
                unpackInput(prepared, token);
                for (int lane = 0; lane < rows; lane++) {
                    float sum = weights.format().quantized() ? blockSum(lane) : chain(lanes[lane]);
                    output.setAtIndex(
                            PlainMemory.FLOAT, (long) token * stride + firstRow + lane, sum);
                }
            }
        }
    }

    private float chain(float[] lane) {
        float sum = 0;
        for (int i = 0; i < padded; i++) {
            sum = Math.fma(lane[i], inputs[i], sum);
        }
        return sum;
    }

    private float blockSum(int lane) {
        float sum = 0;
        for (int block = 0; block < inputScales.length; block++) {
            float x = inputScales[block];
            for (int from = block * BLOCK; from < (block + 1) * BLOCK; from += part) {
                float dot = 0;
                for (int i = from; i < from + part; i++) {
                    dot += lanes[lane][i] * inputs[i];
                }
                sum = Math.fma(dot, scales[lane][from / part] * x, sum);
            }
            if (weights.format().minima()) {
                sum = Math.fma(minima[lane][block], inputSums[block] * x, sum);
            }
        }
        return sum;
    }

    private void unpackInput(MemorySegment prepared, int token) {
        long base = token * weights.format().activation().rowBytes(columns);
        switch (weights.format().activation()) {
            case F32 -> MemorySegment.copy(prepared, PlainMemory.FLOAT, base, inputs, 0, columns);
            case BF16 -> {
                for (int i = 0; i < padded; i++) {
                    inputs[i] =
                            PlainMemory.bf16(prepared.get(PlainMemory.SHORT, base + (i ^ 1) * 2L));
                }
            }
            case INT8 -> {
                for (int i = 0; i < padded; i++) {
                    inputs[i] = prepared.get(ValueLayout.JAVA_BYTE, base + i);
                }
                MemorySegment.copy(
                        prepared,
                        PlainMemory.FLOAT,
                        base + padded,
                        inputScales,
                        0,
                        inputScales.length);
                MemorySegment.copy(
                        prepared,
                        PlainMemory.INT,
                        base + padded + 4L * inputScales.length,
                        inputSums,
                        0,
                        inputSums.length);
            }
        }
    }

    private void unpackPanel(int panel) {
        long base = weights.panelOffset(panel);
        for (int lane = 0; lane < PANEL_ROWS; lane++) {
            float[] row = lanes[lane];
            switch (weights.format()) {
                case F32 -> {
                    for (int i = 0; i < columns; i++) {
                        row[i] = data.get(PlainMemory.FLOAT, base + i * 64L + lane * 4);
                    }
                }
                case F16 -> {
                    for (int i = 0; i < columns; i++) {
                        row[i] =
                                Float.float16ToFloat(
                                        data.get(PlainMemory.SHORT, base + i * 32L + lane * 2));
                    }
                }
                case BF16 -> {
                    for (int i = 0; i < padded; i++) {
                        long at = base + i / 2 * 64L + lane * 4 + ((i ^ 1) & 1) * 2;
                        row[i] = PlainMemory.bf16(data.get(PlainMemory.SHORT, at));
                    }
                }
                case Q8_0, Q4_0, Q5_0, Q4_K, Q5_K, Q6_K -> unpackQuants(panel, lane);
            }
        }
    }

    private void unpackQuants(int panel, int lane) {
        for (int i = 0; i < padded; i++) {
            lanes[lane][i] = weights.quant(panel, lane, i);
        }
        for (int i = 0; i < scales[lane].length; i++) {
            scales[lane][i] = weights.scale(panel, lane, i * part);
        }
        if (weights.format().minima()) {
            for (int i = 0; i < minima[lane].length; i++) {
                minima[lane][i] = weights.minimum(panel, lane, i * BLOCK);
            }
        }
    }
}
