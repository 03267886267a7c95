package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.ports.model.RotaryEncoding;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Cosines and sines of every position: {@code [forms, positions, rotary]}, each line the cosines of
 * its angles, then their sines, both times the encoding's magnitude. A second form, where the
 * encoding has one, lies behind the first.
 *
 * @param rotary elements of a head that are rotated
 */
record RotaryTable(MemorySegment values, int rotary) {

    /** A sine and a cosine, in multiplications. */
    private static final long ANGLE_COST = 50;

    static RotaryTable make(
            RotaryEncoding encoding, int positions, OffHeap offHeap, ParallelKernels parallel) {
        MemorySegment values = offHeap.allocate(bytes(encoding, positions));
        fill(values, encoding, positions, parallel);
        if (encoding.beyond().isPresent()) {
            long first = formBytes(encoding, positions);
            fill(values.asSlice(first), encoding.extended(), positions, parallel);
        }
        return new RotaryTable(values, encoding.rotated());
    }

    /** The line of position 0. */
    static int firstLine(boolean longForm, int positions) {
        return longForm ? positions : 0;
    }

    static long bytes(RotaryEncoding encoding, int positions) {
        return (encoding.beyond().isPresent() ? 2 : 1) * formBytes(encoding, positions);
    }

    private static long formBytes(RotaryEncoding encoding, int positions) {
        return 4L * positions * encoding.rotated();
    }

    private static void fill(
            MemorySegment values,
            RotaryEncoding encoding,
            int positions,
            ParallelKernels parallel) {
        float[] frequencies = encoding.inverseFrequencies();
        parallel.split(
                positions,
                ANGLE_COST * encoding.rotated(),
                1,
                (from, to) -> {
                    for (int position = from; position < to; position++) {
                        fill(values, frequencies, encoding.magnitude(), position);
                    }
                });
    }

    private static void fill(
            MemorySegment values, float[] frequencies, float magnitude, int position) {
        int pairs = frequencies.length;
        long line = 2L * pairs * position;
        for (int i = 0; i < pairs; i++) {
            float angle = position * frequencies[i];
            values.setAtIndex(
                    ValueLayout.JAVA_FLOAT, line + i, (float) Math.cos(angle) * magnitude);
            values.setAtIndex(
                    ValueLayout.JAVA_FLOAT, line + pairs + i, (float) Math.sin(angle) * magnitude);
        }
    }
}
