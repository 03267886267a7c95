package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.PlainAttention.CHUNK;
import static dev.cairn.engine.cpu.kernel.PlainMath.LANES;
import static dev.cairn.engine.cpu.kernel.VectorMath.LENGTH;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Keys and values of one chunk of positions under one KV head, unpacked to float32. */
final class VectorChunk {

    private final KvLayout layout;
    private final MemorySegment pool;
    private final int layer;
    private final MemorySegment blockTable;
    private final int kvHead;
    private final float[] keys;
    private final float[] values;
    private final float[] keyScales = new float[CHUNK];
    private final float[] valueScales = new float[CHUNK];

    VectorChunk(
            KvLayout layout, MemorySegment pool, int layer, MemorySegment blockTable, int kvHead) {
        this.layout = layout;
        this.pool = pool;
        this.layer = layer;
        this.blockTable = blockTable;
        this.kvHead = kvHead;
        keys = new float[CHUNK * layout.headSize()];
        values = new float[CHUNK * layout.valueRow()];
    }

    /** {@code [CHUNK / 16][element][16]}. */
    float[] keys() {
        return keys;
    }

    /** {@code [CHUNK][valueRow]}. */
    float[] values() {
        return values;
    }

    float[] keyScales() {
        return keyScales;
    }

    float[] valueScales() {
        return valueScales;
    }

    /** Where the keys of the positions from {@code place} of the chunk on begin. */
    static int keyIndex(int place, int headSize) {
        return place / LANES * LANES * headSize + place % LANES;
    }

    /**
     * Whole tiles from {@code tile} on, values from {@code from} to {@code to}; all of one chunk.
     */
    void load(int tile, int from, int to) {
        int bytes = layout.element().bytes();
        int size = layout.headSize();
        for (int at = tile; at < to; at += LANES) {
            long head = head(at);
            int token = at % layout.blockTokens();
            unpack(
                    head + (long) token * size * bytes,
                    keys,
                    keyIndex(at % CHUNK, size),
                    size * LANES);
            if (layout.element().scaled()) {
                long scales = token * 4L;
                MemorySegment.copy(
                        pool,
                        PlainMemory.FLOAT,
                        head + layout.keyScaleOffset() + scales,
                        keyScales,
                        at % CHUNK,
                        LANES);
                MemorySegment.copy(
                        pool,
                        PlainMemory.FLOAT,
                        head + layout.valueScaleOffset() + scales,
                        valueScales,
                        at % CHUNK,
                        LANES);
            }
            int first = Math.max(at, from);
            int count = Math.min(at + LANES, to) - first;
            long row = (long) (first % layout.blockTokens()) * layout.valueRow() * bytes;
            unpack(
                    head + layout.valueOffset() + row,
                    values,
                    first % CHUNK * layout.valueRow(),
                    count * layout.valueRow());
        }
    }

    /**
     * A multiple of 16 elements. With four lanes, bytes are loaded by eight: what follows in the
     * block is readable.
     */
    private void unpack(long from, float[] target, int offset, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector value =
                    switch (layout.element()) {
                        case F32 -> VectorMath.floats(pool, from + i * 4L);
                        case BF16 -> VectorMath.bf16(pool, from + i * 2L);
                        case INT8 -> VectorMath.int8(pool, from + i);
                    };
            value.intoArray(target, offset + i);
        }
    }

    private long head(int position) {
        int block = blockTable.getAtIndex(PlainMemory.INT, position / layout.blockTokens());
        return layout.headOffset(layer, block, kvHead);
    }
}
