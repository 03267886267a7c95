package dev.cairn.plugin.device;

import dev.cairn.ports.model.StoredMatrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntFunction;

/**
 * Brings rows of a stored matrix into the type that the device keeps. Types of stored blocks are
 * those of {@link dev.cairn.ports.model.WeightType} and {@link
 * dev.cairn.ports.model.BlockEncoding}. Threads: one at a time.
 */
final class RowCodec {

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int BLOCK = 32;

    private final IntFunction<MemorySegment> stored;
    private final ElementType from;
    private final ElementType to;
    private final float[] values;

    /**
     * @param to the stored type, or a plain one
     */
    RowCodec(StoredMatrix source, ElementType to) {
        boolean inBlocks =
                source.encoded().filter(rows -> ElementType.of(rows.encoding()) == to).isPresent();
        this.to = to;
        from = inBlocks ? to : ElementType.of(source.type());
        stored = inBlocks ? source.encoded().get()::row : source::row;
        values = new float[source.columns()];
    }

    void write(int row, MemorySegment target, long offset) {
        MemorySegment own = stored.apply(row);
        if (from == to) {
            MemorySegment.copy(own, 0, target, offset, own.byteSize());
            return;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = element(own, i);
        }
        for (int i = 0; i < values.length; i++) {
            put(target, offset, i);
        }
    }

    private float element(MemorySegment row, int i) {
        return switch (from) {
            case FLOAT32 -> row.get(FLOAT, 4L * i);
            case FLOAT16 -> Float.float16ToFloat(row.get(SHORT, 2L * i));
            case BFLOAT16 -> Float.intBitsToFloat(row.get(SHORT, 2L * i) << 16);
            case Q8_0 -> {
                long block = (long) (i / BLOCK) * from.rowBytes(BLOCK);
                yield Float.float16ToFloat(row.get(SHORT, block))
                        * row.get(ValueLayout.JAVA_BYTE, block + 2 + i % BLOCK);
            }
            case Q4_0 -> {
                long block = (long) (i / BLOCK) * from.rowBytes(BLOCK);
                int place = i % BLOCK;
                int pair = row.get(ValueLayout.JAVA_BYTE, block + 2 + place % (BLOCK / 2));
                int code = place < BLOCK / 2 ? pair & 15 : pair >> 4 & 15;
                yield Float.float16ToFloat(row.get(SHORT, block)) * (code - 8);
            }
            case Q5_0, Q4_K, Q5_K, Q6_K ->
                    throw new IllegalStateException("a source gives such rows decoded");
        };
    }

    private void put(MemorySegment target, long offset, int i) {
        switch (to) {
            case FLOAT32 -> target.set(FLOAT, offset + 4L * i, values[i]);
            case FLOAT16 -> target.set(SHORT, offset + 2L * i, Float.floatToFloat16(values[i]));
            case BFLOAT16 -> target.set(SHORT, offset + 2L * i, toBfloat16(values[i]));
            case Q8_0, Q4_0, Q5_0, Q4_K, Q5_K, Q6_K ->
                    throw new IllegalStateException("weights are quantised by their file alone");
        }
    }

    /** To the nearest, ties to even; a NaN stays one. */
    static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if ((bits & 0x7fffffff) > 0x7f800000) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
