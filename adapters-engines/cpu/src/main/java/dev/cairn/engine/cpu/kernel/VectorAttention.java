package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.PlainAttention.CHUNK;
import static dev.cairn.engine.cpu.kernel.PlainMath.LANES;
import static dev.cairn.engine.cpu.kernel.VectorMath.FLOATS;
import static dev.cairn.engine.cpu.kernel.VectorMath.LENGTH;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Paged attention with the Vector API, in the order of {@link PlainAttention}: four queries at a
 * time, of one token or of several, share what is unpacked of each chunk. What a query does not see
 * has weight zero, which leaves its sums as they are.
 */
final class VectorAttention {

    private static final int QUERIES = 4;

    private final KvLayout layout;
    private final AttentionShape shape;
    private final VectorChunk chunk;
    private final int valueRow;
    private final float[] queries;
    private final int[] positions = new int[QUERIES];
    private final int[] firsts = new int[QUERIES];
    private final float[] maxima = new float[QUERIES];
    private final float[] totals = new float[QUERIES];
    private final float[] weights = new float[QUERIES * CHUNK];
    private final float[] sums;
    private final float[] lanes = new float[LANES];

    VectorAttention(KvLayout layout, AttentionShape shape, VectorChunk chunk) {
        this.layout = layout;
        this.shape = shape;
        this.chunk = chunk;
        valueRow = layout.valueRow();
        queries = new float[QUERIES * layout.headSize()];
        sums = new float[QUERIES * valueRow];
    }

    /** Queries from..to under one KV head. */
    void run(
            int firstPosition,
            MemorySegment input,
            MemorySegment output,
            int stride,
            int kvHead,
            int from,
            int to) {
        int group = shape.queryHeads() / layout.kvHeads();
        long all = (long) (to - from) * group;
        long[] offsets = new long[QUERIES];
        for (long next = 0; next < all; next += QUERIES) {
            for (int k = 0; k < QUERIES; k++) {
                // A last group is filled up with its last query.
                long item = Math.min(next + k, all - 1);
                int token = from + (int) (item / group);
                offsets[k] =
                        (long) token * stride + (kvHead * group + item % group) * layout.headSize();
                positions[k] = firstPosition + token;
                firsts[k] = KernelChecks.firstVisible(shape, positions[k]);
                MemorySegment.copy(
                        input,
                        PlainMemory.FLOAT,
                        offsets[k] * 4,
                        queries,
                        k * layout.headSize(),
                        layout.headSize());
            }
            attend();
            for (int k = 0; k < Math.min(QUERIES, all - next); k++) {
                for (int i = 0; i < layout.headSize(); i++) {
                    output.setAtIndex(
                            PlainMemory.FLOAT, offsets[k] + i, sums[k * valueRow + i] / totals[k]);
                }
            }
        }
    }

    private void attend() {
        Arrays.fill(maxima, Float.NEGATIVE_INFINITY);
        Arrays.fill(totals, 0);
        Arrays.fill(sums, 0);
        int first = firsts[0];
        int last = positions[QUERIES - 1];
        for (int start = first / CHUNK * CHUNK; start <= last; start += CHUNK) {
            int from = Math.max(first, start);
            int to = Math.min(last + 1, start + CHUNK);
            int tile = from / LANES * LANES;
            chunk.load(tile, from, to);
            for (int at = tile; at < to; at += LENGTH) {
                score(at);
            }
            for (int k = 0; k < QUERIES; k++) {
                weigh(k, tile, to);
            }
            int i = 0;
            for (; i + 2 * LENGTH <= valueRow; i += 2 * LENGTH) {
                addValuesTwice(i, from, to);
            }
            for (; i < valueRow; i += LENGTH) {
                addValues(i, from, to);
            }
        }
    }

    /** Scores of all queries against one register of positions. */
    private void score(int at) {
        float[] keys = chunk.keys();
        int size = layout.headSize();
        int base = VectorChunk.keyIndex(at % CHUNK, size);
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int i = 0; i < size; i++) {
            FloatVector key = FloatVector.fromArray(FLOATS, keys, base + i * LANES);
            s0 = FloatVector.broadcast(FLOATS, queries[i]).fma(key, s0);
            s1 = FloatVector.broadcast(FLOATS, queries[size + i]).fma(key, s1);
            s2 = FloatVector.broadcast(FLOATS, queries[2 * size + i]).fma(key, s2);
            s3 = FloatVector.broadcast(FLOATS, queries[3 * size + i]).fma(key, s3);
        }
        keepScore(0, at, s0);
        keepScore(1, at, s1);
        keepScore(2, at, s2);
        keepScore(3, at, s3);
    }

    private void keepScore(int k, int at, FloatVector sum) {
        FloatVector score = sum;
        if (layout.element().scaled()) {
            score = score.mul(FloatVector.fromArray(FLOATS, chunk.keyScales(), at % CHUNK));
        }
        score = score.mul(shape.scale());
        if (shape.softcap() > 0) {
            score = VectorMath.softcap(score, shape.softcap());
        }
        int place = k * CHUNK + at % CHUNK;
        score.intoArray(weights, place);
        if (at < firsts[k] || at + LENGTH - 1 > positions[k]) {
            for (int lane = 0; lane < LENGTH; lane++) {
                if (at + lane < firsts[k] || at + lane > positions[k]) {
                    weights[place + lane] = Float.NEGATIVE_INFINITY;
                }
            }
        }
    }

    /**
     * Turns scores into weights against the new maximum, and corrects what was summed against the
     * old one.
     */
    private void weigh(int k, int from, int to) {
        int base = k * CHUNK;
        FloatVector highest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int at = from; at < to; at += LENGTH) {
            highest = highest.max(FloatVector.fromArray(FLOATS, weights, base + at % CHUNK));
        }
        float maximum = Math.max(maxima[k], highest.reduceLanes(VectorOperators.MAX));
        // A query that has seen nothing yet keeps weights of zero against any maximum.
        float against = maximum == Float.NEGATIVE_INFINITY ? 0 : maximum;
        float correction = PlainMath.exp(maxima[k] - against);
        maxima[k] = maximum;
        Arrays.fill(lanes, 0);
        for (int at = from; at < to; at += LENGTH) {
            FloatVector weight =
                    VectorMath.exp(
                            FloatVector.fromArray(FLOATS, weights, base + at % CHUNK).sub(against));
            weight.add(FloatVector.fromArray(FLOATS, lanes, at % LANES))
                    .intoArray(lanes, at % LANES);
            if (layout.element().scaled()) {
                weight = weight.mul(FloatVector.fromArray(FLOATS, chunk.valueScales(), at % CHUNK));
            }
            weight.intoArray(weights, base + at % CHUNK);
        }
        totals[k] = totals[k] * correction + PlainMath.fold(lanes);
        for (int i = k * valueRow; i < (k + 1) * valueRow; i += LENGTH) {
            FloatVector.fromArray(FLOATS, sums, i).mul(correction).intoArray(sums, i);
        }
    }

    private void addValues(int offset, int from, int to) {
        for (int k = 0; k < QUERIES; k++) {
            FloatVector sum = FloatVector.fromArray(FLOATS, sums, k * valueRow + offset);
            for (int at = from % CHUNK; at < from % CHUNK + to - from; at++) {
                FloatVector value =
                        FloatVector.fromArray(FLOATS, chunk.values(), at * valueRow + offset);
                sum = FloatVector.broadcast(FLOATS, weights[k * CHUNK + at]).fma(value, sum);
            }
            sum.intoArray(sums, k * valueRow + offset);
        }
    }

    private void addValuesTwice(int offset, int from, int to) {
        float[] values = chunk.values();
        FloatVector a0 = FloatVector.fromArray(FLOATS, sums, offset);
        FloatVector a1 = FloatVector.fromArray(FLOATS, sums, offset + LENGTH);
        FloatVector b0 = FloatVector.fromArray(FLOATS, sums, valueRow + offset);
        FloatVector b1 = FloatVector.fromArray(FLOATS, sums, valueRow + offset + LENGTH);
        FloatVector c0 = FloatVector.fromArray(FLOATS, sums, 2 * valueRow + offset);
        FloatVector c1 = FloatVector.fromArray(FLOATS, sums, 2 * valueRow + offset + LENGTH);
        FloatVector d0 = FloatVector.fromArray(FLOATS, sums, 3 * valueRow + offset);
        FloatVector d1 = FloatVector.fromArray(FLOATS, sums, 3 * valueRow + offset + LENGTH);
        for (int at = from % CHUNK; at < from % CHUNK + to - from; at++) {
            FloatVector v0 = FloatVector.fromArray(FLOATS, values, at * valueRow + offset);
            FloatVector v1 = FloatVector.fromArray(FLOATS, values, at * valueRow + offset + LENGTH);
            FloatVector weight = FloatVector.broadcast(FLOATS, weights[at]);
            a0 = weight.fma(v0, a0);
            a1 = weight.fma(v1, a1);
            weight = FloatVector.broadcast(FLOATS, weights[CHUNK + at]);
            b0 = weight.fma(v0, b0);
            b1 = weight.fma(v1, b1);
            weight = FloatVector.broadcast(FLOATS, weights[2 * CHUNK + at]);
            c0 = weight.fma(v0, c0);
            c1 = weight.fma(v1, c1);
            weight = FloatVector.broadcast(FLOATS, weights[3 * CHUNK + at]);
            d0 = weight.fma(v0, d0);
            d1 = weight.fma(v1, d1);
        }
        a0.intoArray(sums, offset);
        a1.intoArray(sums, offset + LENGTH);
        b0.intoArray(sums, valueRow + offset);
        b1.intoArray(sums, valueRow + offset + LENGTH);
        c0.intoArray(sums, 2 * valueRow + offset);
        c1.intoArray(sums, 2 * valueRow + offset + LENGTH);
        d0.intoArray(sums, 3 * valueRow + offset);
        d1.intoArray(sums, 3 * valueRow + offset + LENGTH);
    }
}
