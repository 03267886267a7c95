package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.ActivationFormat.BLOCK;
import static dev.cairn.engine.cpu.kernel.ActivationFormat.blocks;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The operations along one row in plain Java; offsets are bytes. */
final class PlainRows {

    private PlainRows() {}

    static float get(MemorySegment data, long offset, int index) {
        return data.get(PlainMemory.FLOAT, offset + index * 4L);
    }

    static void put(MemorySegment data, long offset, int index, float value) {
        data.set(PlainMemory.FLOAT, offset + index * 4L, value);
    }

    static void prepareBf16(
            MemorySegment input, long from, int columns, MemorySegment output, long to) {
        for (int i = 0; i < columns; i++) {
            output.set(PlainMemory.SHORT, to + i * 2L, PlainMemory.toBf16(get(input, from, i)));
        }
        if (columns % 2 != 0) {
            output.set(PlainMemory.SHORT, to + columns * 2L, (short) 0);
        }
    }

    static void prepareInt8(
            MemorySegment input, long from, int columns, MemorySegment output, long to) {
        int blocks = blocks(columns);
        long scales = to + (long) blocks * BLOCK;
        for (int block = 0; block < blocks; block++) {
            int first = block * BLOCK;
            int last = Math.min(first + BLOCK, columns);
            float largest = 0;
            for (int i = first; i < last; i++) {
                largest = Math.max(largest, Math.abs(get(input, from, i)));
            }
            float inverse = largest < PlainMath.QUANT_SMALLEST ? 0 : 127 / largest;
            int sum = 0;
            int half = 0;
            for (int i = first; i < first + BLOCK; i++) {
                byte quant = i < last ? (byte) PlainMath.round(get(input, from, i) * inverse) : 0;
                output.set(ValueLayout.JAVA_BYTE, to + i, quant);
                sum -= quant;
                half -= i < first + BLOCK / 2 ? quant : 0;
            }
            put(output, scales, block, inverse == 0 ? 0 : largest / 127);
            output.set(PlainMemory.INT, scales + (blocks + block) * 4L, sum);
            output.set(PlainMemory.INT, scales + (2L * blocks + block) * 4, half);
        }
    }

    static void rmsNorm(
            MemorySegment input,
            long offset,
            MemorySegment weight,
            float epsilon,
            MemorySegment output,
            int width) {
        float[] lanes = new float[PlainMath.LANES];
        for (int i = 0; i < width; i++) {
            float value = get(input, offset, i);
            lanes[i % lanes.length] = Math.fma(value, value, lanes[i % lanes.length]);
        }
        float inverse = 1 / (float) Math.sqrt(PlainMath.fold(lanes) / width + epsilon);
        for (int i = 0; i < width; i++) {
            put(output, offset, i, get(input, offset, i) * inverse * get(weight, 0, i));
        }
    }

    static void rotate(MemorySegment rows, long head, MemorySegment table, long line, int rotary) {
        int half = rotary / 2;
        for (int i = 0; i < half; i++) {
            float cos = get(table, line, i);
            float sin = get(table, line, i + half);
            float low = get(rows, head, i);
            float high = get(rows, head, i + half);
            put(rows, head, i, Math.fma(low, cos, -(high * sin)));
            put(rows, head, i + half, Math.fma(high, cos, low * sin));
        }
    }

    /** Elements {@code from} to {@code to} of a row. */
    static void gate(
            Gate gate,
            MemorySegment gates,
            MemorySegment inputs,
            long in,
            MemorySegment output,
            long out,
            int from,
            int to) {
        for (int i = from; i < to; i++) {
            float x = get(gates, in, i);
            float open =
                    switch (gate) {
                        case SILU -> PlainMath.silu(x);
                        case GELU_TANH -> PlainMath.geluTanh(x);
                    };
            put(output, out, i, open * get(inputs, in, i));
        }
    }

    /** Stores one head of one token's key or value. */
    static void storeHead(
            KvElement element,
            MemorySegment input,
            long from,
            int size,
            MemorySegment pool,
            long to,
            int spread) {
        float inverse = 0;
        if (element == KvElement.INT8) {
            float largest = largest(input, from, size);
            inverse = largest < PlainMath.QUANT_SMALLEST ? 0 : 127 / largest;
        }
        for (int i = 0; i < size; i++) {
            float value = get(input, from, i);
            long at = to + (long) i * spread * element.bytes();
            switch (element) {
                case F32 -> pool.set(PlainMemory.FLOAT, at, value);
                case BF16 -> pool.set(PlainMemory.SHORT, at, PlainMemory.toBf16(value));
                case INT8 ->
                        pool.set(
                                ValueLayout.JAVA_BYTE, at, (byte) PlainMath.round(value * inverse));
            }
        }
    }

    /** The scale behind a head stored as bytes. */
    static float int8Scale(MemorySegment input, long from, int size) {
        float largest = largest(input, from, size);
        return largest < PlainMath.QUANT_SMALLEST ? 0 : largest / 127;
    }

    private static float largest(MemorySegment input, long from, int size) {
        float largest = 0;
        for (int i = 0; i < size; i++) {
            largest = Math.max(largest, Math.abs(get(input, from, i)));
        }
        return largest;
    }
}
