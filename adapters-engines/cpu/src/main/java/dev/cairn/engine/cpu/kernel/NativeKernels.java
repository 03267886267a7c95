package dev.cairn.engine.cpu.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Kernels in C, one instruction set of the native library; the functions are declared in
 * src/main/native.
 */
final class NativeKernels implements Kernels {

    private final String level;
    private final Functions functions;
    private final Map<KvLayout, MemorySegment> layouts = new ConcurrentHashMap<>();

    private record Functions(
            MethodHandle prepare,
            MethodHandle matmul,
            MethodHandle storeKv,
            MethodHandle attend,
            MethodHandle rmsNorm,
            MethodHandle rotate,
            MethodHandle gate,
            MethodHandle addScaled,
            MethodHandle addBias,
            MethodHandle softcap) {}

    /**
     * Binds one level.
     *
     * @param library loaded
     * @param level of {@link NativeLibrary#levels()}
     */
    NativeKernels(NativeLibrary library, String level) {
        this.level = level;
        String suffix = "_" + level.replace('-', '_');
        functions =
                new Functions(
                        bind(
                                library,
                                "prepare" + suffix,
                                JAVA_INT,
                                ADDRESS,
                                JAVA_INT,
                                ADDRESS,
                                JAVA_LONG,
                                JAVA_INT,
                                JAVA_INT),
                        bind(
                                library,
                                "matmul" + suffix,
                                JAVA_INT,
                                ADDRESS,
                                JAVA_LONG,
                                JAVA_LONG,
                                JAVA_INT,
                                JAVA_INT,
                                ADDRESS,
                                JAVA_LONG,
                                JAVA_INT,
                                ADDRESS,
                                JAVA_LONG,
                                JAVA_INT,
                                JAVA_INT),
                        bind(
                                library,
                                "store_kv" + suffix,
                                ADDRESS,
                                ADDRESS,
                                JAVA_LONG,
                                ADDRESS,
                                ADDRESS,
                                ADDRESS,
                                JAVA_LONG,
                                JAVA_INT,
                                JAVA_INT),
                        bind(
                                library,
                                "attend" + suffix,
                                ADDRESS,
                                ADDRESS,
                                JAVA_LONG,
                                JAVA_INT,
                                JAVA_FLOAT,
                                JAVA_INT,
                                JAVA_FLOAT,
                                ADDRESS,
                                JAVA_INT,
                                ADDRESS,
                                ADDRESS,
                                JAVA_LONG,
                                JAVA_INT,
                                JAVA_INT,
                                JAVA_INT),
                        bind(
                                library,
                                "rms_norm" + suffix,
                                ADDRESS,
                                ADDRESS,
                                JAVA_FLOAT,
                                ADDRESS,
                                JAVA_INT,
                                JAVA_INT,
                                JAVA_INT),
                        bind(
                                library,
                                "rotate" + suffix,
                                ADDRESS,
                                JAVA_LONG,
                                JAVA_INT,
                                JAVA_INT,
                                ADDRESS,
                                JAVA_INT,
                                ADDRESS,
                                JAVA_INT,
                                JAVA_INT),
                        bind(
                                library,
                                "gate" + suffix,
                                JAVA_INT,
                                ADDRESS,
                                ADDRESS,
                                JAVA_LONG,
                                ADDRESS,
                                JAVA_INT,
                                JAVA_INT,
                                JAVA_INT),
                        bind(
                                library,
                                "add_scaled" + suffix,
                                ADDRESS,
                                ADDRESS,
                                JAVA_FLOAT,
                                JAVA_LONG),
                        bind(
                                library,
                                "add_bias" + suffix,
                                ADDRESS,
                                JAVA_LONG,
                                ADDRESS,
                                JAVA_INT,
                                JAVA_INT,
                                JAVA_INT),
                        bind(library, "softcap" + suffix, ADDRESS, JAVA_FLOAT, JAVA_LONG));
    }

    private static MethodHandle bind(
            NativeLibrary library, String name, MemoryLayout... arguments) {
        return library.handle("cairn_" + name, FunctionDescriptor.ofVoid(arguments));
    }

    @Override
    public String name() {
        return "native " + level;
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
        try {
            functions.prepare.invokeExact(
                    format.ordinal(), input, columns, prepared, format.rowBytes(columns), from, to);
        } catch (Throwable e) {
            throw failure(e);
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
        try {
            functions.matmul.invokeExact(
                    weights.format().ordinal(),
                    weights.data(),
                    weights.scaleOffset(0),
                    weights.panelBytes(),
                    weights.rows(),
                    weights.columns(),
                    prepared,
                    weights.format().activation().rowBytes(weights.columns()),
                    tokens,
                    output,
                    (long) stride,
                    fromPanel,
                    toPanel);
        } catch (Throwable e) {
            throw failure(e);
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
        KernelChecks.storeKv(layout, pool, layer, slots, keys, values, stride, from, to);
        try {
            functions.storeKv.invokeExact(
                    inMemory(layout),
                    pool,
                    layout.layerOffset(layer),
                    slots,
                    keys,
                    values,
                    (long) stride,
                    from,
                    to);
        } catch (Throwable e) {
            throw failure(e);
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
        try {
            functions.attend.invokeExact(
                    inMemory(layout),
                    pool,
                    layout.layerOffset(layer),
                    shape.queryHeads() / layout.kvHeads(),
                    shape.scale(),
                    shape.window(),
                    shape.softcap(),
                    blockTable,
                    firstPosition,
                    queries,
                    output,
                    (long) stride,
                    kvHead,
                    from,
                    to);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    /** The layout as the C struct {@code kv_layout}. */
    private MemorySegment inMemory(KvLayout layout) {
        MemorySegment known = layouts.get(layout);
        return known != null ? known : layouts.computeIfAbsent(layout, NativeKernels::toStruct);
    }

    private static MemorySegment toStruct(KvLayout layout) {
        MemorySegment struct = Arena.ofAuto().allocate(64, 8);
        struct.setAtIndex(JAVA_INT, 0, layout.element().ordinal());
        struct.setAtIndex(JAVA_INT, 1, layout.blockTokens());
        struct.setAtIndex(JAVA_INT, 2, layout.kvHeads());
        struct.setAtIndex(JAVA_INT, 3, layout.headSize());
        struct.setAtIndex(JAVA_INT, 4, layout.valueRow());
        struct.setAtIndex(JAVA_LONG, 3, layout.blockLayerBytes());
        struct.setAtIndex(JAVA_LONG, 4, layout.headBytes());
        struct.setAtIndex(JAVA_LONG, 5, layout.valueOffset());
        struct.setAtIndex(JAVA_LONG, 6, layout.keyScaleOffset());
        struct.setAtIndex(JAVA_LONG, 7, layout.valueScaleOffset());
        return struct;
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
        try {
            functions.rmsNorm.invokeExact(input, weight, epsilon, output, width, from, to);
        } catch (Throwable e) {
            throw failure(e);
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
        try {
            functions.rotate.invokeExact(
                    rows, (long) stride, heads, headSize, table, rotary, entries, from, to);
        } catch (Throwable e) {
            throw failure(e);
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
        try {
            functions.gate.invokeExact(
                    gate.ordinal(), gates, inputs, (long) stride, output, width, from, to);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    @Override
    public void addScaled(MemorySegment sum, MemorySegment addend, float factor, long count) {
        KernelChecks.floats("sum", sum, count);
        KernelChecks.floats("addend", addend, count);
        try {
            functions.addScaled.invokeExact(sum, addend, factor, count);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    @Override
    public void addBias(
            MemorySegment rows, int stride, MemorySegment bias, int width, int from, int to) {
        KernelChecks.addBias(rows, stride, bias, width, from, to);
        try {
            functions.addBias.invokeExact(rows, (long) stride, bias, width, from, to);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    @Override
    public void softcap(MemorySegment values, float cap, long count) {
        KernelChecks.floats("values", values, count);
        try {
            functions.softcap.invokeExact(values, cap, count);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    /** The kernels report nothing; what can be thrown is a closed arena or a linking error. */
    private static RuntimeException failure(Throwable thrown) {
        switch (thrown) {
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            case Throwable other -> throw new IllegalStateException(other);
        }
    }
}
