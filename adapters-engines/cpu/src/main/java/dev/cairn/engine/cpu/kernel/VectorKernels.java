package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.PlainMath.LANES;
import static dev.cairn.engine.cpu.kernel.VectorMath.FLOATS;
import static dev.cairn.engine.cpu.kernel.VectorMath.LENGTH;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** Kernels with the Vector API; what is not worth a register is left to plain Java. */
final class VectorKernels implements Kernels {

    private final PlainKernels plain = new PlainKernels();

    @Override
    public String name() {
        return "vector " + FLOATS.vectorBitSize() + "-bit";
    }

    @Override
    public void prepare(
            ActivationFormat format,
            MemorySegment input,
            int columns,
            MemorySegment prepared,
            int from,
            int to) {
        plain.prepare(format, input, columns, prepared, from, to);
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
        if (tokens == 1 && VectorSingle.takes(weights.format())) {
            new VectorSingle(weights, prepared).run(output, fromPanel, toPanel);
        } else {
            new VectorMatmul(weights, prepared, tokens).run(output, stride, fromPanel, toPanel);
        }
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
        plain.storeKv(layout, pool, layer, slots, keys, values, stride, from, to);
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
        VectorChunk chunk = new VectorChunk(layout, pool, layer, blockTable, kvHead);
        new VectorAttention(layout, shape, chunk)
                .run(firstPosition, queries, output, stride, kvHead, from, to);
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
        float[] lanes = new float[LANES];
        for (int row = from; row < to; row++) {
            long base = (long) row * width * 4;
            float inverse =
                    1 / (float) Math.sqrt(squares(input, base, width, lanes) / width + epsilon);
            int i = 0;
            for (; i + LENGTH <= width; i += LENGTH) {
                FloatVector normal = VectorMath.floats(input, base + i * 4L).mul(inverse);
                VectorMath.store(
                        normal.mul(VectorMath.floats(weight, i * 4L)), output, base + i * 4L);
            }
            for (; i < width; i++) {
                PlainRows.put(
                        output,
                        base,
                        i,
                        PlainRows.get(input, base, i) * inverse * PlainRows.get(weight, 0, i));
            }
        }
    }

    /** The sum of a row's squares, spread over 16 lanes and folded. */
    private static float squares(MemorySegment input, long base, int width, float[] lanes) {
        int whole = width / LANES * LANES;
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int i = lane; i < whole; i += LANES) {
                FloatVector value = VectorMath.floats(input, base + i * 4L);
                sum = value.fma(value, sum);
            }
            sum.intoArray(lanes, lane);
        }
        for (int i = whole; i < width; i++) {
            float value = PlainRows.get(input, base, i);
            lanes[i - whole] = Math.fma(value, value, lanes[i - whole]);
        }
        return PlainMath.fold(lanes);
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
        plain.rotate(rows, stride, heads, headSize, table, rotary, entries, from, to);
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
        int whole = width / LENGTH * LENGTH;
        for (int row = from; row < to; row++) {
            long in = (long) row * stride * 4;
            long out = (long) row * width * 4;
            for (int i = 0; i < whole; i += LENGTH) {
                FloatVector open = VectorMath.gate(gate, VectorMath.floats(gates, in + i * 4L));
                VectorMath.store(
                        open.mul(VectorMath.floats(inputs, in + i * 4L)), output, out + i * 4L);
            }
            PlainRows.gate(gate, gates, inputs, in, output, out, whole, width);
        }
    }

    @Override
    public void addScaled(MemorySegment sum, MemorySegment addend, float factor, long count) {
        KernelChecks.floats("sum", sum, count);
        KernelChecks.floats("addend", addend, count);
        FloatVector times = FloatVector.broadcast(FLOATS, factor);
        long whole = count / LENGTH * LENGTH;
        for (long i = 0; i < whole; i += LENGTH) {
            FloatVector added =
                    VectorMath.floats(addend, i * 4).fma(times, VectorMath.floats(sum, i * 4));
            VectorMath.store(added, sum, i * 4);
        }
        plain.addScaled(sum.asSlice(whole * 4), addend.asSlice(whole * 4), factor, count - whole);
    }

    @Override
    public void addBias(
            MemorySegment rows, int stride, MemorySegment bias, int width, int from, int to) {
        plain.addBias(rows, stride, bias, width, from, to);
    }

    @Override
    public void softcap(MemorySegment values, float cap, long count) {
        KernelChecks.floats("values", values, count);
        long whole = count / LENGTH * LENGTH;
        for (long i = 0; i < whole; i += LENGTH) {
            VectorMath.store(
                    VectorMath.softcap(VectorMath.floats(values, i * 4), cap), values, i * 4);
        }
        plain.softcap(values.asSlice(whole * 4), cap, count - whole);
    }
}
