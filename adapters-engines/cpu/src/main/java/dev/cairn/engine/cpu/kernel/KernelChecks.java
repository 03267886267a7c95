package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.PackedMatrix.PANEL_ROWS;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The checks that every provider makes before it touches memory: native code would read past the
 * end where Java throws, so the rule stands in one place.
 */
final class KernelChecks {

    private KernelChecks() {}

    static void prepare(
            ActivationFormat format,
            MemorySegment input,
            int columns,
            MemorySegment prepared,
            int from,
            int to) {
        rows("input", input, to, columns, columns);
        range(from, to);
        atLeast("prepared rows", prepared, to * format.rowBytes(columns));
    }

    static void matmul(
            PackedMatrix weights,
            MemorySegment prepared,
            int tokens,
            MemorySegment output,
            int stride,
            int fromPanel,
            int toPanel) {
        Objects.checkFromToIndex(fromPanel, toPanel, weights.panels());
        int lastRow = Math.min(weights.rows(), toPanel * PANEL_ROWS);
        atLeast(
                "prepared rows",
                prepared,
                tokens * weights.format().activation().rowBytes(weights.columns()));
        rows("output", output, tokens, stride, lastRow);
        if (stride < lastRow && tokens > 1) {
            throw new IllegalArgumentException(
                    "output rows of " + lastRow + " elements overlap at stride " + stride);
        }
    }

    static void storeKv(
            KvLayout layout,
            MemorySegment pool,
            int layer,
            MemorySegment slots,
            MemorySegment keys,
            MemorySegment values,
            int stride,
            int from,
            int to) {
        range(from, to);
        pool(layout, pool, layer);
        int width = layout.kvHeads() * layout.headSize();
        rows("keys", keys, to, stride, width);
        rows("values", values, to, stride, width);
        atLeast("slots", slots, to * 4L);
        long all = (long) layout.blocks() * layout.blockTokens();
        for (int token = from; token < to; token++) {
            Objects.checkIndex((long) slots.getAtIndex(PlainMemory.INT, token), all);
        }
    }

    static void attend(
            KvLayout layout,
            MemorySegment pool,
            int layer,
            AttentionShape shape,
            MemorySegment blockTable,
            int firstPosition,
            MemorySegment queries,
            MemorySegment output,
            int stride,
            int kvHead,
            int from,
            int to) {
        range(from, to);
        pool(layout, pool, layer);
        Objects.checkIndex(kvHead, layout.kvHeads());
        if (shape.queryHeads() % layout.kvHeads() != 0) {
            throw new IllegalArgumentException(
                    shape.queryHeads()
                            + " query heads do not share "
                            + layout.kvHeads()
                            + " KV heads evenly");
        }
        int width = shape.queryHeads() * layout.headSize();
        rows("queries", queries, to, stride, width);
        rows("output", output, to, stride, width);
        if (firstPosition < 0) {
            throw new IndexOutOfBoundsException("position " + firstPosition);
        }
        if (from == to) {
            return;
        }
        int firstBlock =
                firstVisible(shape, Math.addExact(firstPosition, from)) / layout.blockTokens();
        int lastBlock = Math.addExact(firstPosition, to - 1) / layout.blockTokens();
        atLeast("block table", blockTable, (lastBlock + 1) * 4L);
        for (int block = firstBlock; block <= lastBlock; block++) {
            Objects.checkIndex(blockTable.getAtIndex(PlainMemory.INT, block), layout.blocks());
        }
    }

    static void rotate(
            MemorySegment data,
            int stride,
            int heads,
            int headSize,
            MemorySegment table,
            int rotary,
            MemorySegment entries,
            int from,
            int to) {
        range(from, to);
        rows("rows", data, to, stride, heads * headSize);
        if (rotary < 2 || rotary % 2 != 0 || rotary > headSize) {
            throw new IllegalArgumentException(
                    "cannot rotate "
                            + rotary
                            + " of a head's "
                            + headSize
                            + " elements: an even number is wanted");
        }
        atLeast("entries", entries, to * 4L);
        long lines = table.byteSize() / 4 / rotary;
        for (int token = from; token < to; token++) {
            Objects.checkIndex((long) entries.getAtIndex(PlainMemory.INT, token), lines);
        }
    }

    static void rmsNorm(
            MemorySegment input,
            MemorySegment weight,
            MemorySegment output,
            int width,
            int from,
            int to) {
        range(from, to);
        rows("input", input, to, width, width);
        rows("output", output, to, width, width);
        floats("norm weights", weight, width);
    }

    static void gate(
            MemorySegment gates,
            MemorySegment inputs,
            int stride,
            MemorySegment output,
            int width,
            int from,
            int to) {
        range(from, to);
        rows("gates", gates, to, stride, width);
        rows("inputs", inputs, to, stride, width);
        rows("output", output, to, width, width);
    }

    static void addBias(
            MemorySegment data, int stride, MemorySegment bias, int width, int from, int to) {
        range(from, to);
        rows("rows", data, to, stride, width);
        floats("bias", bias, width);
    }

    /** First position that a query sees. */
    static int firstVisible(AttentionShape shape, int position) {
        return shape.window() == 0 ? 0 : Math.max(0, position - shape.window() + 1);
    }

    private static void pool(KvLayout layout, MemorySegment pool, int layer) {
        Objects.checkIndex(layer, layout.layers());
        atLeast("KV pool", pool, layout.poolBytes());
        if (pool.address() % 64 != 0) {
            throw new IllegalArgumentException("a KV pool must be 64-byte aligned");
        }
    }

    static void range(int from, int to) {
        if (from < 0 || from > to) {
            throw new IndexOutOfBoundsException("no range of rows from " + from + " to " + to);
        }
    }

    /** Rows up to {@code count} at a stride; the last one may end with its own width. */
    static void rows(String what, MemorySegment data, int count, int stride, int width) {
        if (stride < 0 || width < 0) {
            throw new IndexOutOfBoundsException(
                    what + " of width " + width + " at stride " + stride);
        }
        if (count > 0) {
            atLeast(what, data, ((count - 1L) * stride + width) * 4);
        }
    }

    static void floats(String what, MemorySegment data, long count) {
        if (count < 0) {
            throw new IndexOutOfBoundsException(count + " elements of " + what);
        }
        atLeast(what, data, count * 4);
    }

    static void atLeast(String what, MemorySegment data, long bytes) {
        if (bytes < 0 || data.byteSize() < bytes) {
            throw new IndexOutOfBoundsException(
                    what + " needs " + bytes + " bytes, got " + data.byteSize());
        }
    }
}
