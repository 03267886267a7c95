package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads prepared inputs back, by the description in {@link ActivationFormat}. */
final class PreparedRows {

    private PreparedRows() {}

    static double[] read(ActivationFormat format, MemorySegment prepared, int token, int columns) {
        long base = token * format.rowBytes(columns);
        double[] values = new double[columns];
        for (int i = 0; i < columns; i++) {
            values[i] =
                    switch (format) {
                        case F32 -> prepared.get(PlainMemory.FLOAT, base + i * 4L);
                        case BF16 ->
                                PlainMemory.bf16(prepared.get(PlainMemory.SHORT, base + i * 2L));
                        case INT8 -> {
                            long scales = base + (columns + 31) / 32 * 32L;
                            float scale = prepared.get(PlainMemory.FLOAT, scales + i / 32 * 4L);
                            yield (double) scale * prepared.get(ValueLayout.JAVA_BYTE, base + i);
                        }
                    };
        }
        return values;
    }
}
