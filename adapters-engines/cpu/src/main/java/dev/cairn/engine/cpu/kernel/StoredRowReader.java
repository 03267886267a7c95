package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads stored rows into float32, one at a time into the same array. Threads: one at a time. */
public final class StoredRowReader {

    private final WeightFormat format;
    private final float[] values;
    private final StoredBlock block;

    /**
     * Makes a reader of its own array.
     *
     * @param source of rows, for their format
     * @param columns elements of a row
     */
    public StoredRowReader(StoredRows source, int columns) {
        format = source.format();
        format.storedRowBytes(columns);
        values = new float[columns];
        block = new StoredBlock(format);
    }

    /** The row's elements; valid until the next call. */
    public float[] read(MemorySegment row) {
        switch (format) {
            case F32 -> MemorySegment.copy(row, PlainMemory.FLOAT, 0, values, 0, values.length);
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(row.get(PlainMemory.SHORT, i * 2L));
                }
            }
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = PlainMemory.bf16(row.get(PlainMemory.SHORT, i * 2L));
                }
            }
            case Q8_0 -> {
                for (int i = 0; i < values.length; i++) {
                    long block = (i / 32) * 34L;
                    values[i] =
                            row.get(ValueLayout.JAVA_BYTE, block + 2 + i % 32) * scale(row, block);
                }
            }
            case Q4_0 -> {
                for (int i = 0; i < values.length; i++) {
                    long block = (i / 32) * 18L;
                    int both = row.get(ValueLayout.JAVA_BYTE, block + 2 + i % 16);
                    values[i] = (((i % 32 < 16 ? both : both >> 4) & 15) - 8) * scale(row, block);
                }
            }
            case Q5_0, Q4_K, Q5_K, Q6_K -> {
                int length = format.blockColumns();
                for (int i = 0; i < values.length; i++) {
                    if (i % length == 0) {
                        block.read(row, (long) (i / length) * format.blockBytes());
                    }
                    values[i] = block.weight(i % length);
                }
            }
        }
        return values;
    }

    private static float scale(MemorySegment row, long block) {
        return Float.float16ToFloat(row.get(PlainMemory.SHORT, block));
    }
}
