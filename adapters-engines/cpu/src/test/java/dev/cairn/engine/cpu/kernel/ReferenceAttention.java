package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Softmax attention in double precision, reading a pool by the description in {@link KvLayout}. */
final class ReferenceAttention {

    private ReferenceAttention() {}

    static void attend(
            KvLayout layout,
            MemorySegment pool,
            int layer,
            AttentionShape shape,
            MemorySegment blockTable,
            MemorySegment queries,
            int token,
            int head,
            double[] output) {
        int size = layout.headSize();
        int kvHead = head / (shape.queryHeads() / layout.kvHeads());
        int offset = (token * shape.queryHeads() + head) * size;
        int first = shape.window() == 0 ? 0 : Math.max(0, token - shape.window() + 1);
        double[] weights = new double[token + 1];
        double total = 0;
        for (int position = first; position <= token; position++) {
            long at = base(layout, layer, blockTable, kvHead, position);
            double score = 0;
            for (int i = 0; i < size; i++) {
                score +=
                        queries.getAtIndex(ValueLayout.JAVA_FLOAT, offset + i)
                                * key(layout, pool, at, position, i);
            }
            score *= shape.scale();
            if (shape.softcap() > 0) {
                score = shape.softcap() * Math.tanh(score / shape.softcap());
            }
            weights[position] = Math.exp(score);
            total += weights[position];
        }
        for (int position = first; position <= token; position++) {
            long at = base(layout, layer, blockTable, kvHead, position);
            for (int i = 0; i < size; i++) {
                output[offset + i] +=
                        weights[position] / total * value(layout, pool, at, position, i);
            }
        }
    }

    private static long base(
            KvLayout layout, int layer, MemorySegment blockTable, int head, int position) {
        int block = blockTable.getAtIndex(ValueLayout.JAVA_INT, position / layout.blockTokens());
        return ((long) layer * layout.blocks() + block) * layout.blockLayerBytes()
                + head * layout.headBytes();
    }

    private static double key(KvLayout layout, MemorySegment pool, long base, int position, int i) {
        int token = position % layout.blockTokens();
        long index = (long) (token / 16) * 16 * layout.headSize() + i * 16L + token % 16;
        return element(layout, pool, base + index * layout.element().bytes())
                * scale(layout, pool, base + layout.keyScaleOffset() + token * 4L);
    }

    private static double value(
            KvLayout layout, MemorySegment pool, long base, int position, int i) {
        int token = position % layout.blockTokens();
        long index = (long) token * ((layout.headSize() + 15) / 16 * 16) + i;
        return element(layout, pool, base + layout.valueOffset() + index * layout.element().bytes())
                * scale(layout, pool, base + layout.valueScaleOffset() + token * 4L);
    }

    private static double element(KvLayout layout, MemorySegment pool, long at) {
        return switch (layout.element()) {
            case F32 -> pool.get(ValueLayout.JAVA_FLOAT, at);
            case BF16 -> Float.intBitsToFloat(pool.get(ValueLayout.JAVA_SHORT, at) << 16);
            case INT8 -> pool.get(ValueLayout.JAVA_BYTE, at);
        };
    }

    private static double scale(KvLayout layout, MemorySegment pool, long at) {
        return layout.element().scaled() ? pool.get(ValueLayout.JAVA_FLOAT, at) : 1;
    }
}
