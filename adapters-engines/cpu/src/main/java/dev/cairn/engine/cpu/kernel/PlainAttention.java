package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.PlainMath.LANES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Paged attention in plain Java: the definition that the faster providers are tested against.
 *
 * <p>Softmax is taken online over chunks of {@value #CHUNK} positions that are aligned to the
 * sequence's beginning, so that the order of all sums depends on absolute positions and on nothing
 * else.
 */
final class PlainAttention {

    /** Positions whose scores share one correction of the running maximum. */
    static final int CHUNK = 128;

    private final KvLayout layout;
    private final MemorySegment pool;
    private final int layer;
    private final AttentionShape shape;
    private final MemorySegment blockTable;
    private final int kvHead;
    private final float[] query;
    private final float[] sums;
    private final float[] scores = new float[CHUNK];
    private final float[] laneSums = new float[LANES];
    private float maximum;
    private float total;

    PlainAttention(
            KvLayout layout,
            MemorySegment pool,
            int layer,
            AttentionShape shape,
            MemorySegment blockTable,
            int kvHead) {
        this.layout = layout;
        this.pool = pool;
        this.layer = layer;
        this.shape = shape;
        this.blockTable = blockTable;
        this.kvHead = kvHead;
        query = new float[layout.headSize()];
        sums = new float[layout.headSize()];
    }

    /** One query head of one token. */
    void run(int position, MemorySegment queries, MemorySegment output, long offset) {
        MemorySegment.copy(queries, PlainMemory.FLOAT, offset * 4, query, 0, query.length);
        Arrays.fill(sums, 0);
        maximum = Float.NEGATIVE_INFINITY;
        total = 0;
        int first = KernelChecks.firstVisible(shape, position);
        for (int chunk = first / CHUNK; chunk <= position / CHUNK; chunk++) {
            addChunk(Math.max(first, chunk * CHUNK), Math.min(position, chunk * CHUNK + CHUNK - 1));
        }
        for (int i = 0; i < sums.length; i++) {
            output.setAtIndex(PlainMemory.FLOAT, offset + i, sums[i] / total);
        }
    }

    private void addChunk(int from, int to) {
        float highest = maximum;
        for (int position = from; position <= to; position++) {
            float score = score(position);
            scores[position % CHUNK] = score;
            highest = Math.max(highest, score);
        }
        float correction = PlainMath.exp(maximum - highest);
        maximum = highest;
        total *= correction;
        for (int i = 0; i < sums.length; i++) {
            sums[i] *= correction;
        }
        Arrays.fill(laneSums, 0);
        for (int position = from; position <= to; position++) {
            float weight = PlainMath.exp(scores[position % CHUNK] - maximum);
            laneSums[position % LANES] += weight;
            addValue(position, weight);
        }
        total += PlainMath.fold(laneSums);
    }

    private float score(int position) {
        long head = head(position);
        int token = position % layout.blockTokens();
        long keys =
                head + (long) (token / KvLayout.TILE) * KvLayout.TILE * layout.headSize() * bytes();
        float score = 0;
        for (int i = 0; i < query.length; i++) {
            long at = keys + ((long) i * KvLayout.TILE + token % KvLayout.TILE) * bytes();
            score = Math.fma(query[i], element(at), score);
        }
        if (layout.element().scaled()) {
            score *= pool.get(PlainMemory.FLOAT, head + layout.keyScaleOffset() + token * 4L);
        }
        score *= shape.scale();
        return shape.softcap() > 0 ? PlainMath.softcap(score, shape.softcap()) : score;
    }

    private void addValue(int position, float weight) {
        long head = head(position);
        int token = position % layout.blockTokens();
        long row = head + layout.valueOffset() + (long) token * layout.valueRow() * bytes();
        float factor = weight;
        if (layout.element().scaled()) {
            factor *= pool.get(PlainMemory.FLOAT, head + layout.valueScaleOffset() + token * 4L);
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.fma(factor, element(row + (long) i * bytes()), sums[i]);
        }
    }

    private long head(int position) {
        int block = blockTable.getAtIndex(PlainMemory.INT, position / layout.blockTokens());
        return layout.headOffset(layer, block, kvHead);
    }

    private int bytes() {
        return layout.element().bytes();
    }

    private float element(long at) {
        return switch (layout.element()) {
            case F32 -> pool.get(PlainMemory.FLOAT, at);
            case BF16 -> PlainMemory.bf16(pool.get(PlainMemory.SHORT, at));
            case INT8 -> pool.get(ValueLayout.JAVA_BYTE, at);
        };
    }
}
