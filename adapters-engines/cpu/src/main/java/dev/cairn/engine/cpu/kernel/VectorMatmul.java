package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.ActivationFormat.BLOCK;
import static dev.cairn.engine.cpu.kernel.ActivationFormat.blocks;
import static dev.cairn.engine.cpu.kernel.PackedMatrix.PANEL_ROWS;
import static dev.cairn.engine.cpu.kernel.VectorMath.FLOATS;
import static dev.cairn.engine.cpu.kernel.VectorMath.LENGTH;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Matrix products with the Vector API.
 *
 * <p>The API has no instruction for byte products, so weights of all formats are unpacked to
 * float32, a strip of two registers of rows and a piece of the columns at a time, and meet all
 * tokens from the cache. Integer sums of a quantised block stay below 2^24, so float32 holds them
 * exactly and the result is the one of integer kernels.
 */
final class VectorMatmul {

    /** Columns unpacked at a time: a strip of them is 64 KiB. */
    private static final int PIECE = 512;

    private static final int TOKENS = 4;
    private static final int STRIP = 2 * LENGTH;

    private final PackedMatrix weights;
    private final MemorySegment prepared;
    private final int tokens;
    private final VectorPieces pieces;
    private final float[] strip = new float[PIECE * STRIP];
    private final float[] scales;
    private final float[] minima = new float[PIECE / BLOCK * STRIP];
    private final float[] inputs = new float[TOKENS * PIECE];
    private final float[] inputScales = new float[TOKENS * (PIECE / BLOCK)];
    private final float[] inputSums = new float[TOKENS * (PIECE / BLOCK)];

    /** Columns that have one scale. */
    private final int part;

    private final boolean hasMinima;
    private final float[] sums;

    VectorMatmul(PackedMatrix weights, MemorySegment prepared, int tokens) {
        this.weights = weights;
        this.prepared = prepared;
        this.tokens = tokens;
        pieces = new VectorPieces(weights, STRIP);
        sums = new float[tokens * STRIP];
        part = weights.format().scaledColumns();
        scales = new float[PIECE / part * STRIP];
        hasMinima = weights.format().minima();
    }

    void run(MemorySegment output, int stride, int fromPanel, int toPanel) {
        int last = Math.min(toPanel * PANEL_ROWS, weights.rows());
        for (int row = fromPanel * PANEL_ROWS; row < last; row += STRIP) {
            // The second register of a strip may lie behind the range.
            int registers = row + LENGTH < last ? 2 : 1;
            computeStrip(row, registers);
            store(output, stride, row, Math.min(registers * LENGTH, weights.rows() - row));
        }
    }

    private void computeStrip(int row, int registers) {
        Arrays.fill(sums, 0);
        if (registers == 1) {
            Arrays.fill(strip, 0);
            Arrays.fill(scales, 0);
            Arrays.fill(minima, 0);
        }
        boolean quantized = weights.format().quantized();
        int columns = pieces.paddedColumns();
        for (int column = 0; column < columns; column += PIECE) {
            int count = Math.min(PIECE, columns - column);
            for (int register = 0; register < registers; register++) {
                pieces.unpack(row + register * LENGTH, column, count, strip, register * LENGTH);
                if (quantized) {
                    pieces.unpackScales(
                            row + register * LENGTH, column, count, scales, register * LENGTH);
                }
                if (hasMinima) {
                    pieces.unpackMinima(
                            row + register * LENGTH, column, count, minima, register * LENGTH);
                }
            }
            int token = 0;
            for (; token + TOKENS <= tokens; token += TOKENS) {
                load(token, TOKENS, column, count);
                if (quantized) {
                    fourOfBlocks(token, blocks(count) * (BLOCK / part));
                } else {
                    four(token, count);
                }
            }
            for (; token < tokens; token++) {
                load(token, 1, column, count);
                if (quantized) {
                    oneOfBlocks(token, blocks(count) * (BLOCK / part));
                } else {
                    one(token, count);
                }
            }
        }
    }

    private void load(int token, int count, int column, int columns) {
        for (int i = 0; i < count; i++) {
            pieces.unpackInput(prepared, token + i, column, columns, inputs, i * PIECE);
            if (weights.format().quantized()) {
                pieces.unpackInputScales(
                        prepared, token + i, column, columns, inputScales, i * (PIECE / BLOCK));
            }
            if (hasMinima) {
                pieces.unpackInputSums(
                        prepared, token + i, column, columns, inputSums, i * (PIECE / BLOCK));
            }
        }
    }

    private void store(MemorySegment output, int stride, int row, int rows) {
        for (int token = 0; token < tokens; token++) {
            long to = ((long) token * stride + row) * 4;
            MemorySegment.copy(
                    sums, token * STRIP, output, PlainMemory.FLOAT, to, Math.max(0, rows));
        }
    }

    private FloatVector sum(int token, int register) {
        return FloatVector.fromArray(FLOATS, sums, token * STRIP + register * LENGTH);
    }

    private void keep(FloatVector sum, int token, int register) {
        sum.intoArray(sums, token * STRIP + register * LENGTH);
    }

    private void one(int token, int columns) {
        FloatVector a0 = sum(token, 0);
        FloatVector a1 = sum(token, 1);
        for (int c = 0; c < columns; c++) {
            FloatVector x = FloatVector.broadcast(FLOATS, inputs[c]);
            a0 = FloatVector.fromArray(FLOATS, strip, c * STRIP).fma(x, a0);
            a1 = FloatVector.fromArray(FLOATS, strip, c * STRIP + LENGTH).fma(x, a1);
        }
        keep(a0, token, 0);
        keep(a1, token, 1);
    }

    private void four(int token, int columns) {
        FloatVector a0 = sum(token, 0);
        FloatVector a1 = sum(token, 1);
        FloatVector b0 = sum(token + 1, 0);
        FloatVector b1 = sum(token + 1, 1);
        FloatVector c0 = sum(token + 2, 0);
        FloatVector c1 = sum(token + 2, 1);
        FloatVector d0 = sum(token + 3, 0);
        FloatVector d1 = sum(token + 3, 1);
        for (int c = 0; c < columns; c++) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, strip, c * STRIP);
            FloatVector w1 = FloatVector.fromArray(FLOATS, strip, c * STRIP + LENGTH);
            FloatVector x = FloatVector.broadcast(FLOATS, inputs[c]);
            a0 = w0.fma(x, a0);
            a1 = w1.fma(x, a1);
            x = FloatVector.broadcast(FLOATS, inputs[PIECE + c]);
            b0 = w0.fma(x, b0);
            b1 = w1.fma(x, b1);
            x = FloatVector.broadcast(FLOATS, inputs[2 * PIECE + c]);
            c0 = w0.fma(x, c0);
            c1 = w1.fma(x, c1);
            x = FloatVector.broadcast(FLOATS, inputs[3 * PIECE + c]);
            d0 = w0.fma(x, d0);
            d1 = w1.fma(x, d1);
        }
        keep(a0, token, 0);
        keep(a1, token, 1);
        keep(b0, token + 1, 0);
        keep(b1, token + 1, 1);
        keep(c0, token + 2, 0);
        keep(c1, token + 2, 1);
        keep(d0, token + 3, 0);
        keep(d1, token + 3, 1);
    }

    private void oneOfBlocks(int token, int parts) {
        for (int at = 0; at < parts; at++) {
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = a0;
            for (int c = at * part; c < (at + 1) * part; c++) {
                FloatVector x = FloatVector.broadcast(FLOATS, inputs[c]);
                a0 = FloatVector.fromArray(FLOATS, strip, c * STRIP).fma(x, a0);
                a1 = FloatVector.fromArray(FLOATS, strip, c * STRIP + LENGTH).fma(x, a1);
            }
            FloatVector s0 = FloatVector.fromArray(FLOATS, scales, at * STRIP);
            FloatVector s1 = FloatVector.fromArray(FLOATS, scales, at * STRIP + LENGTH);
            add(token, 0, at, a0, a1, s0, s1);
        }
    }

    private void fourOfBlocks(int token, int parts) {
        for (int at = 0; at < parts; at++) {
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            for (int c = at * part; c < (at + 1) * part; c++) {
                FloatVector w0 = FloatVector.fromArray(FLOATS, strip, c * STRIP);
                FloatVector w1 = FloatVector.fromArray(FLOATS, strip, c * STRIP + LENGTH);
                FloatVector x = FloatVector.broadcast(FLOATS, inputs[c]);
                a0 = w0.fma(x, a0);
                a1 = w1.fma(x, a1);
                x = FloatVector.broadcast(FLOATS, inputs[PIECE + c]);
                b0 = w0.fma(x, b0);
                b1 = w1.fma(x, b1);
                x = FloatVector.broadcast(FLOATS, inputs[2 * PIECE + c]);
                c0 = w0.fma(x, c0);
                c1 = w1.fma(x, c1);
                x = FloatVector.broadcast(FLOATS, inputs[3 * PIECE + c]);
                d0 = w0.fma(x, d0);
                d1 = w1.fma(x, d1);
            }
            FloatVector s0 = FloatVector.fromArray(FLOATS, scales, at * STRIP);
            FloatVector s1 = FloatVector.fromArray(FLOATS, scales, at * STRIP + LENGTH);
            add(token, 0, at, a0, a1, s0, s1);
            add(token, 1, at, b0, b1, s0, s1);
            add(token, 2, at, c0, c1, s0, s1);
            add(token, 3, at, d0, d1, s0, s1);
        }
    }

    /** Adds the exact sums of a part of a block, times both scales, and the block's minima. */
    private void add(
            int token,
            int place,
            int at,
            FloatVector a0,
            FloatVector a1,
            FloatVector s0,
            FloatVector s1) {
        int block = at * part / BLOCK;
        int input = place * (PIECE / BLOCK) + block;
        FloatVector x = FloatVector.broadcast(FLOATS, inputScales[input]);
        FloatVector sum0 = a0.fma(s0.mul(x), sum(token + place, 0));
        FloatVector sum1 = a1.fma(s1.mul(x), sum(token + place, 1));
        if (hasMinima) {
            FloatVector minus = FloatVector.broadcast(FLOATS, inputSums[input]);
            sum0 = FloatVector.fromArray(FLOATS, minima, block * STRIP).fma(minus, sum0);
            sum1 = FloatVector.fromArray(FLOATS, minima, block * STRIP + LENGTH).fma(minus, sum1);
        }
        keep(sum0, token + place, 0);
        keep(sum1, token + place, 1);
    }
}
