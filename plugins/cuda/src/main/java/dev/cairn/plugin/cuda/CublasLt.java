package dev.cairn.plugin.cuda;

import static dev.cairn.plugin.cuda.NativeLibrary.INT;
import static dev.cairn.plugin.cuda.NativeLibrary.LONG;
import static dev.cairn.plugin.cuda.NativeLibrary.POINTER;

import dev.cairn.plugin.device.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * cuBLASLt, versions 12 and 13, as far as the engine needs it: {@code out[row] = weights ·
 * in[row]}. Numbers of enumerations and sizes of structures are those of {@code cublasLt.h}.
 *
 * <p>Threads: the device's owner.
 */
final class CublasLt implements AutoCloseable {

    static final List<String> NAMES = List.of("libcublasLt.so.13", "libcublasLt.so.12");

    static final int FLOAT32 = 0;
    static final int FLOAT16 = 2;
    static final int BFLOAT16 = 14;

    /** Room that algorithms may use, as NVIDIA recommends it for its newest devices. */
    static final long WORKSPACE_BYTES = 32L << 20;

    private static final int COMPUTE_FLOAT32 = 68;
    private static final int DESCRIPTION_TRANSPOSE_A = 3;
    private static final int LAYOUT_COLUMNS = 3;
    private static final int PREFERENCE_WORKSPACE = 1;
    private static final int PREFERENCE_REDUCTION = 3;
    private static final int PREFERENCE_ALIGNMENT_C = 7;
    private static final int PREFERENCE_ALIGNMENT_D = 8;

    /** Of an output that is part of wider rows; the library takes all others for 256 bytes. */
    private static final int PART_ALIGNMENT = 16;

    /** An algorithm that cannot: an impossible form, another architecture, not supported. */
    private static final Set<Integer> CANNOT = Set.of(7, 8, 15);

    private static final int ALGORITHM_BYTES = 64;
    private static final int HEURISTIC_BYTES = 96;
    private static final int HEURISTIC_STATE = 72;
    private static final int MOST_PROPOSALS = 16;

    private final MethodHandle create;
    private final MethodHandle destroy;
    private final MethodHandle getVersion;
    private final MethodHandle descriptionCreate;
    private final MethodHandle descriptionSet;
    private final MethodHandle descriptionDestroy;
    private final MethodHandle layoutCreate;
    private final MethodHandle layoutSet;
    private final MethodHandle layoutDestroy;
    private final MethodHandle preferenceCreate;
    private final MethodHandle preferenceSet;
    private final MethodHandle preferenceDestroy;
    private final MethodHandle getHeuristic;
    private final MethodHandle check;
    private final MethodHandle matmul;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1);
    private final MemorySegment zero = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0);
    private final List<Plan> plans = new ArrayList<>();
    private long handle;
    private long workspace;

    /**
     * @throws DeviceException if a function is missing; names it
     */
    CublasLt(NativeLibrary library) {
        create = library.status("cublasLtCreate", POINTER);
        destroy = library.status("cublasLtDestroy", LONG);
        getVersion = library.bind("cublasLtGetVersion", FunctionDescriptor.of(LONG));
        descriptionCreate = library.status("cublasLtMatmulDescCreate", POINTER, INT, INT);
        descriptionSet = library.status("cublasLtMatmulDescSetAttribute", LONG, INT, POINTER, LONG);
        descriptionDestroy = library.status("cublasLtMatmulDescDestroy", LONG);
        layoutCreate = library.status("cublasLtMatrixLayoutCreate", POINTER, INT, LONG, LONG, LONG);
        layoutSet = library.status("cublasLtMatrixLayoutSetAttribute", LONG, INT, POINTER, LONG);
        layoutDestroy = library.status("cublasLtMatrixLayoutDestroy", LONG);
        preferenceCreate = library.status("cublasLtMatmulPreferenceCreate", POINTER);
        preferenceSet =
                library.status("cublasLtMatmulPreferenceSetAttribute", LONG, INT, POINTER, LONG);
        preferenceDestroy = library.status("cublasLtMatmulPreferenceDestroy", LONG);
        getHeuristic =
                library.status(
                        "cublasLtMatmulAlgoGetHeuristic",
                        LONG,
                        LONG,
                        LONG,
                        LONG,
                        LONG,
                        LONG,
                        LONG,
                        INT,
                        POINTER,
                        POINTER);
        check =
                library.status(
                        "cublasLtMatmulAlgoCheck",
                        LONG,
                        LONG,
                        LONG,
                        LONG,
                        LONG,
                        LONG,
                        POINTER,
                        POINTER);
        matmul =
                library.status(
                        "cublasLtMatmul",
                        LONG,
                        LONG,
                        POINTER,
                        LONG,
                        LONG,
                        LONG,
                        LONG,
                        POINTER,
                        LONG,
                        LONG,
                        LONG,
                        LONG,
                        POINTER,
                        LONG,
                        LONG,
                        LONG);
    }

    private interface Call {
        int invoke() throws Throwable;
    }

    private interface AnswerCall {
        int invoke(MemorySegment answer) throws Throwable;
    }

    private static int code(Call call) {
        try {
            return call.invoke();
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
    }

    private static void call(String name, Call call) {
        require(name, code(call));
    }

    private static void require(String name, int status) {
        if (status != 0) {
            throw new DeviceException("%s failed: cuBLAS status %d".formatted(name, status));
        }
    }

    private static long answer(String name, AnswerCall call) {
        try (Arena own = Arena.ofConfined()) {
            MemorySegment answer = own.allocate(ValueLayout.JAVA_LONG);
            call(name, () -> call.invoke(answer));
            return answer.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /**
     * Makes the library ready on the current context.
     *
     * @param workspaceAddress {@link #WORKSPACE_BYTES} of device memory
     */
    void open(long workspaceAddress) {
        workspace = workspaceAddress;
        handle = answer("cublasLtCreate", a -> (int) create.invokeExact(a));
    }

    long version() {
        try {
            return (long) getVersion.invokeExact();
        } catch (Throwable thrown) {
            throw NativeLibrary.misbound(thrown);
        }
    }

    /**
     * Plans a product of weights {@code [outputs, columns]}.
     *
     * @param outputWidth elements from one row of the output to the next
     * @param rowCounts numbers of rows that must be served, the largest last
     * @param fixed whether one algorithm serves them all
     */
    Plan plan(int type, int outputs, int columns, int outputWidth, int[] rowCounts, boolean fixed) {
        Plan plan = new Plan(type, outputs, columns, outputWidth, rowCounts, fixed);
        plans.add(plan);
        return plan;
    }

    /**
     * A product that is ready. In the library's words, whose matrices are column by column: {@code
     * out = weightsᵀ · in} with one column per row of ours.
     */
    final class Plan {

        private final long description;
        private final long weightsLayout;
        private final long inputLayout;
        private final long outputLayout;
        private final MemorySegment columnCount = arena.allocate(ValueLayout.JAVA_LONG);
        private final int[] rowCounts;
        private final MemorySegment[] algorithms;

        /** Whether the output begins in the midst of rows that others write to. */
        private final boolean isPart;

        private long rowsSet;

        private Plan(
                int type,
                int outputs,
                int columns,
                int outputWidth,
                int[] rowCounts,
                boolean fixed) {
            this.rowCounts = rowCounts.clone();
            isPart = outputWidth > outputs;
            int most = rowCounts[rowCounts.length - 1];
            description =
                    answer(
                            "cublasLtMatmulDescCreate",
                            a -> (int) descriptionCreate.invokeExact(a, COMPUTE_FLOAT32, FLOAT32));
            try (Arena own = Arena.ofConfined()) {
                MemorySegment transpose = own.allocateFrom(ValueLayout.JAVA_INT, 1);
                call(
                        "cublasLtMatmulDescSetAttribute",
                        () ->
                                (int)
                                        descriptionSet.invokeExact(
                                                description,
                                                DESCRIPTION_TRANSPOSE_A,
                                                transpose,
                                                4L));
            }
            weightsLayout = layout(type, columns, outputs, columns);
            inputLayout = layout(type, columns, most, columns);
            outputLayout = layout(FLOAT32, outputs, most, outputWidth);
            rowsSet = most;
            algorithms = new MemorySegment[rowCounts.length];
            if (fixed) {
                Arrays.fill(algorithms, oneForAll(outputs, columns));
            } else {
                for (int i = 0; i < rowCounts.length; i++) {
                    setRows(rowCounts[i]);
                    algorithms[i] = proposals().getFirst();
                }
            }
        }

        private long layout(int type, long rows, long columns, long leading) {
            return answer(
                    "cublasLtMatrixLayoutCreate",
                    a -> (int) layoutCreate.invokeExact(a, type, rows, columns, leading));
        }

        /** The best for the largest number of rows that can also do all others. */
        private MemorySegment oneForAll(int outputs, int columns) {
            setRows(rowCounts[rowCounts.length - 1]);
            for (MemorySegment proposal : proposals()) {
                if (servesAll(proposal)) {
                    return proposal;
                }
            }
            throw new DeviceException(
                    "cuBLASLt has no algorithm for products of [%d, %d] weights with every number of rows; set %s=false"
                            .formatted(outputs, columns, CudaSettings.BATCH_INVARIANT));
        }

        private boolean servesAll(MemorySegment algorithm) {
            try (Arena own = Arena.ofConfined()) {
                MemorySegment result = own.allocate(HEURISTIC_BYTES, 8);
                for (int rows : rowCounts) {
                    setRows(rows);
                    int status =
                            code(
                                    () ->
                                            (int)
                                                    check.invokeExact(
                                                            handle,
                                                            description,
                                                            weightsLayout,
                                                            inputLayout,
                                                            outputLayout,
                                                            outputLayout,
                                                            algorithm,
                                                            result));
                    if (CANNOT.contains(status)) {
                        return false;
                    }
                    require("cublasLtMatmulAlgoCheck", status);
                    if (result.get(ValueLayout.JAVA_LONG, ALGORITHM_BYTES) > WORKSPACE_BYTES) {
                        return false;
                    }
                }
                return true;
            }
        }

        /** Algorithms for the rows that are set, the fastest first; none splits sums at random. */
        private List<MemorySegment> proposals() {
            try (Arena own = Arena.ofConfined()) {
                long preference =
                        answer(
                                "cublasLtMatmulPreferenceCreate",
                                a -> (int) preferenceCreate.invokeExact(a));
                MemorySegment bytes = own.allocateFrom(ValueLayout.JAVA_LONG, WORKSPACE_BYTES);
                prefer(preference, PREFERENCE_WORKSPACE, bytes);
                prefer(preference, PREFERENCE_REDUCTION, own.allocateFrom(ValueLayout.JAVA_INT, 0));
                if (isPart) {
                    MemorySegment part = own.allocateFrom(ValueLayout.JAVA_INT, PART_ALIGNMENT);
                    prefer(preference, PREFERENCE_ALIGNMENT_C, part);
                    prefer(preference, PREFERENCE_ALIGNMENT_D, part);
                }
                MemorySegment results = own.allocate((long) HEURISTIC_BYTES * MOST_PROPOSALS, 8);
                MemorySegment found = own.allocate(ValueLayout.JAVA_INT);
                int status =
                        code(
                                () ->
                                        (int)
                                                getHeuristic.invokeExact(
                                                        handle,
                                                        description,
                                                        weightsLayout,
                                                        inputLayout,
                                                        outputLayout,
                                                        outputLayout,
                                                        preference,
                                                        MOST_PROPOSALS,
                                                        results,
                                                        found));
                call(
                        "cublasLtMatmulPreferenceDestroy",
                        () -> (int) preferenceDestroy.invokeExact(preference));
                require("cublasLtMatmulAlgoGetHeuristic", status);
                return proposals(results, found.get(ValueLayout.JAVA_INT, 0));
            }
        }

        private void prefer(long preference, int attribute, MemorySegment value) {
            long bytes = value.byteSize();
            call(
                    "cublasLtMatmulPreferenceSetAttribute",
                    () -> (int) preferenceSet.invokeExact(preference, attribute, value, bytes));
        }

        private List<MemorySegment> proposals(MemorySegment results, int count) {
            List<MemorySegment> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                MemorySegment result = results.asSlice((long) i * HEURISTIC_BYTES, HEURISTIC_BYTES);
                if (result.get(ValueLayout.JAVA_INT, HEURISTIC_STATE) == 0) {
                    MemorySegment kept = arena.allocate(ALGORITHM_BYTES, 8);
                    MemorySegment.copy(result, 0, kept, 0, ALGORITHM_BYTES);
                    all.add(kept);
                }
            }
            if (all.isEmpty()) {
                throw new DeviceException(
                        "cuBLASLt proposes no algorithm for this product on this device");
            }
            return all;
        }

        private void setRows(long rows) {
            if (rows == rowsSet) {
                return;
            }
            columnCount.set(ValueLayout.JAVA_LONG, 0, rows);
            setColumns(inputLayout);
            setColumns(outputLayout);
            rowsSet = rows;
        }

        private void setColumns(long layout) {
            int status;
            try {
                status = (int) layoutSet.invokeExact(layout, LAYOUT_COLUMNS, columnCount, 8L);
            } catch (Throwable thrown) {
                throw NativeLibrary.misbound(thrown);
            }
            require("cublasLtMatrixLayoutSetAttribute", status);
        }

        /** Puts the product on a stream. */
        void run(long weights, long input, long output, int rows, long stream) {
            setRows(rows);
            int status;
            try {
                status =
                        (int)
                                matmul.invokeExact(
                                        handle,
                                        description,
                                        one,
                                        weights,
                                        weightsLayout,
                                        input,
                                        inputLayout,
                                        zero,
                                        output,
                                        outputLayout,
                                        output,
                                        outputLayout,
                                        algorithm(rows),
                                        workspace,
                                        WORKSPACE_BYTES,
                                        stream);
            } catch (Throwable thrown) {
                throw NativeLibrary.misbound(thrown);
            }
            require("cublasLtMatmul", status);
        }

        private MemorySegment algorithm(int rows) {
            for (int i = 0; i < rowCounts.length; i++) {
                if (rows <= rowCounts[i]) {
                    return algorithms[i];
                }
            }
            throw new IllegalArgumentException(rows + " rows are more than were planned");
        }

        private void close() {
            code(() -> (int) layoutDestroy.invokeExact(weightsLayout));
            code(() -> (int) layoutDestroy.invokeExact(inputLayout));
            code(() -> (int) layoutDestroy.invokeExact(outputLayout));
            code(() -> (int) descriptionDestroy.invokeExact(description));
        }
    }

    /** Gives everything back but the workspace, which is the caller's. */
    @Override
    public void close() {
        plans.forEach(Plan::close);
        plans.clear();
        if (handle != 0) {
            long own = handle;
            handle = 0;
            code(() -> (int) destroy.invokeExact(own));
        }
        arena.close();
    }
}
