package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;

/** The provider that works everywhere and defines what the others compute. */
final class PlainKernels implements Kernels {

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public void prepare(
            ActivationFormat format,
            MemorySegment input,
            int columns,
            MemorySegment prepared,
            int from,
            int to) {
        KernelChecks.prepare(format, input, columns, prepared, from, to);
        long rowBytes = format.rowBytes(columns);
        for (int token = from; token < to; token++) {
            long row = (long) token * columns * 4;
            switch (format) {
                case F32 -> MemorySegment.copy(input, row, prepared, token * rowBytes, rowBytes);
                case BF16 -> PlainRows.prepareBf16(input, row, columns, prepared, token * rowBytes);
                case INT8 -> PlainRows.prepareInt8(input, row, columns, prepared, token * rowBytes);
            }
        }
    }

    @Override
    public void matmul(
            PackedMatrix weights,
            MemorySegment prepared,
            int tokens,
            MemorySegment output,
            int stride,
            int fromPanel,
            int toPanel) {
        KernelChecks.matmul(weights, prepared, tokens, output, stride, fromPanel, toPanel);
        new PlainMatmul(weights).run(prepared, tokens, output, stride, fromPanel, toPanel);
    }

    @Override
    public void storeKv(
            KvLayout layout,
            MemorySegment pool,
            int layer,
            MemorySegment slots,
            MemorySegment keys,
            MemorySegment values,
            int stride,
            int from,
            int to) {
        KernelChecks.storeKv(layout, pool, layer, slots, keys, values, stride, from, to);
        int size = layout.headSize();
        KvElement element = layout.element();
        for (int token = from; token < to; token++) {
            int slot = slots.getAtIndex(PlainMemory.INT, token);
            int place = slot % layout.blockTokens();
            for (int head = 0; head < layout.kvHeads(); head++) {
                long base = layout.headOffset(layer, slot / layout.blockTokens(), head);
                long row = ((long) token * stride + (long) head * size) * 4;
                long tile =
                        (long) (place / KvLayout.TILE) * KvLayout.TILE * size
                                + place % KvLayout.TILE;
                long value =
                        layout.valueOffset() + (long) place * layout.valueRow() * element.bytes();
                PlainRows.storeHead(
                        element,
                        keys,
                        row,
                        size,
                        pool,
                        base + tile * element.bytes(),
                        KvLayout.TILE);
                PlainRows.storeHead(element, values, row, size, pool, base + value, 1);
                if (element.scaled()) {
                    PlainRows.put(
                            pool,
                            base + layout.keyScaleOffset(),
                            place,
                            PlainRows.int8Scale(keys, row, size));
                    PlainRows.put(
                            pool,
                            base + layout.valueScaleOffset(),
                            place,
                            PlainRows.int8Scale(values, row, size));
                }
            }
        }
    }

    @Override
    public void attend(
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
        KernelChecks.attend(
                layout,
                pool,
                layer,
                shape,
                blockTable,
                firstPosition,
                queries,
                output,
                stride,
                kvHead,
                from,
                to);
        PlainAttention attention =
                new PlainAttention(layout, pool, layer, shape, blockTable, kvHead);
        int group = shape.queryHeads() / layout.kvHeads();
        for (int query = from; query < to; query++) {
            for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
                long offset = (long) query * stride + (long) head * layout.headSize();
                attention.run(firstPosition + query, queries, output, offset);
            }
        }
    }

    @Override
    public void rmsNorm(
            MemorySegment input,
            MemorySegment weight,
            float epsilon,
            MemorySegment output,
            int width,
            int from,
            int to) {
        KernelChecks.rmsNorm(input, weight, output, width, from, to);
        for (int row = from; row < to; row++) {
            PlainRows.rmsNorm(input, (long) row * width * 4, weight, epsilon, output, width);
        }
    }

    @Override
    public void rotate(
            MemorySegment rows,
            int stride,
            int heads,
            int headSize,
            MemorySegment table,
            int rotary,
            MemorySegment entries,
            int from,
            int to) {
        KernelChecks.rotate(rows, stride, heads, headSize, table, rotary, entries, from, to);
        for (int token = from; token < to; token++) {
            long line = (long) entries.getAtIndex(PlainMemory.INT, token) * rotary * 4;
            for (int head = 0; head < heads; head++) {
                long at = ((long) token * stride + (long) head * headSize) * 4;
                PlainRows.rotate(rows, at, table, line, rotary);
            }
        }
    }

    @Override
    public void gate(
            Gate gate,
            MemorySegment gates,
            MemorySegment inputs,
            int stride,
            MemorySegment output,
            int width,
            int from,
            int to) {
        KernelChecks.gate(gates, inputs, stride, output, width, from, to);
        for (int row = from; row < to; row++) {
            long in = (long) row * stride * 4;
            long out = (long) row * width * 4;
            PlainRows.gate(gate, gates, inputs, in, output, out, 0, width);
        }
    }

    @Override
    public void addScaled(MemorySegment sum, MemorySegment addend, float factor, long count) {
        KernelChecks.floats("sum", sum, count);
        KernelChecks.floats("addend", addend, count);
        for (long i = 0; i < count; i++) {
            float old = sum.getAtIndex(PlainMemory.FLOAT, i);
            sum.setAtIndex(
                    PlainMemory.FLOAT,
                    i,
                    Math.fma(addend.getAtIndex(PlainMemory.FLOAT, i), factor, old));
        }
    }

    @Override
    public void addBias(
            MemorySegment rows, int stride, MemorySegment bias, int width, int from, int to) {
        KernelChecks.addBias(rows, stride, bias, width, from, to);
        for (int row = from; row < to; row++) {
            long at = (long) row * stride * 4;
            for (int i = 0; i < width; i++) {
                PlainRows.put(rows, at, i, PlainRows.get(rows, at, i) + PlainRows.get(bias, 0, i));
            }
        }
    }

    @Override
    public void softcap(MemorySegment values, float cap, long count) {
        KernelChecks.floats("values", values, count);
        for (long i = 0; i < count; i++) {
            float value = values.getAtIndex(PlainMemory.FLOAT, i);
            values.setAtIndex(PlainMemory.FLOAT, i, PlainMath.softcap(value, cap));
        }
    }
}
