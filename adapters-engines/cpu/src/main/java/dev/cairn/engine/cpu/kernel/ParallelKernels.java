package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Kernels spread over a crew: the calls that a runner makes for whole matrices and batches.
 *
 * <p>How work is cut has no influence on the numbers. Small work runs on the calling thread, where
 * it ends sooner than a crew could be told of it. Threads: called by one thread at a time.
 */
public final class ParallelKernels {

    /**
     * One product of several that share their input.
     *
     * @param weights {@code [rows, columns]}
     * @param output {@code [tokens, outputStride]} float32
     * @param outputStride elements between the rows of the output
     */
    public record Product(PackedMatrix weights, MemorySegment output, int outputStride) {}

    /** Computes a range of rows, tokens or panels. */
    @FunctionalInterface
    public interface Range {
        /**
         * Computes one range.
         *
         * @param from first
         * @param to behind the last
         */
        void run(int from, int to);
    }

    /**
     * Multiplications or element operations that are worth another thread: about ten microseconds.
     */
    private static final long WORTH_A_PART = 1 << 16;

    /**
     * Parts per thread where work is plentiful, so that a thread held up by the system is made up
     * for by the others.
     */
    private static final int PARTS_PER_THREAD = 8;

    private final Kernels kernels;
    private final Crew crew;
    private final Cut cut = new Cut();
    private final Preparation preparation = new Preparation();
    private final Multiplication multiplication = new Multiplication();
    private final Norm norm = new Norm();
    private final Gating gating = new Gating();

    /**
     * Makes no threads of its own.
     *
     * @param kernels to compute with
     * @param crew to compute on
     */
    public ParallelKernels(Kernels kernels, Crew crew) {
        this.kernels = kernels;
        this.crew = crew;
    }

    /** What computes a single range. */
    public Kernels kernels() {
        return kernels;
    }

    /** Who computes. */
    public Crew crew() {
        return crew;
    }

    /**
     * Cuts a range into parts for the crew.
     *
     * @param count rows, tokens or panels
     * @param cost of each in multiplications or element operations, roughly
     * @param multiple a part begins at a multiple of it
     * @param range what to compute
     */
    public void split(int count, long cost, int multiple, Range range) {
        long most = Math.min((long) crew.size() * PARTS_PER_THREAD, count * cost / WORTH_A_PART);
        if (most <= 1) {
            if (count > 0) {
                range.run(0, count);
            }
            return;
        }
        int units = (count + multiple - 1) / multiple;
        int size = (int) ((units + most - 1) / most) * multiple;
        int parts = (count + size - 1) / size;
        cut.range = range;
        cut.count = count;
        cut.size = size;
        crew.run(parts, cut);
    }

    /** {@link Kernels#prepare} of rows 0 to {@code tokens}. */
    public void prepare(
            ActivationFormat format,
            MemorySegment input,
            int columns,
            MemorySegment prepared,
            int tokens) {
        preparation.format = format;
        preparation.input = input;
        preparation.columns = columns;
        preparation.prepared = prepared;
        split(tokens, columns, 1, preparation);
    }

    /** {@link Kernels#matmul} of all panels. */
    public void matmul(
            PackedMatrix weights,
            MemorySegment prepared,
            int tokens,
            MemorySegment output,
            int outputStride) {
        long cost = (long) tokens * weights.columns() * PackedMatrix.PANEL_ROWS;
        split(
                weights.panels(),
                cost,
                panelMultiple(weights),
                (from, to) ->
                        kernels.matmul(weights, prepared, tokens, output, outputStride, from, to));
    }

    /**
     * Several products of one prepared input as one job, such as the projections to queries, keys
     * and values.
     *
     * @param products all of one activation format and one number of columns
     * @param prepared {@code [tokens]} rows
     * @param tokens input rows
     */
    public void matmul(List<Product> products, MemorySegment prepared, int tokens) {
        int panels = 0;
        for (int i = 0; i < products.size(); i++) {
            panels += products.get(i).weights().panels();
        }
        PackedMatrix first = products.getFirst().weights();
        long cost = (long) tokens * first.columns() * PackedMatrix.PANEL_ROWS;
        multiplication.products = products;
        multiplication.prepared = prepared;
        multiplication.tokens = tokens;
        split(panels, cost, panelMultiple(first), multiplication);
    }

    private void products(
            List<Product> products, MemorySegment prepared, int tokens, int from, int to) {
        int first = 0;
        for (int i = 0; i < products.size(); i++) {
            Product product = products.get(i);
            PackedMatrix weights = product.weights();
            int begin = Math.max(from - first, 0);
            int end = Math.min(to - first, weights.panels());
            if (begin < end) {
                kernels.matmul(
                        weights,
                        prepared,
                        tokens,
                        product.output(),
                        product.outputStride(),
                        begin,
                        end);
            }
            first += weights.panels();
        }
    }

    /** Panels that a kernel streams side by side: a part should hold whole groups of them. */
    private static int panelMultiple(PackedMatrix weights) {
        return weights.panels() >= 16 ? 4 : 1;
    }

    /** {@link Kernels#rmsNorm} of rows 0 to {@code rows}. */
    public void rmsNorm(
            MemorySegment input,
            MemorySegment weight,
            float epsilon,
            MemorySegment output,
            int width,
            int rows) {
        norm.input = input;
        norm.weight = weight;
        norm.epsilon = epsilon;
        norm.output = output;
        norm.width = width;
        split(rows, width, 1, norm);
    }

    /** {@link Kernels#gate} of rows 0 to {@code rows}. */
    public void gate(
            Gate gate,
            MemorySegment gates,
            MemorySegment inputs,
            int stride,
            MemorySegment output,
            int width,
            int rows) {
        // An exponential costs as much as a handful of multiplications.
        gating.gate = gate;
        gating.gates = gates;
        gating.inputs = inputs;
        gating.stride = stride;
        gating.output = output;
        gating.width = width;
        split(rows, 8L * width, 1, gating);
    }

    // Jobs are kept and rewritten, because a lambda that captures is an object for every product of
    // every layer. What is written to them is seen by the crew as the job itself is.

    private static final class Cut implements Crew.Parts {

        private Range range;
        private int count;
        private int size;

        @Override
        public void run(int part) {
            range.run(part * size, Math.min(count, (part + 1) * size));
        }
    }

    private final class Preparation implements Range {

        private ActivationFormat format;
        private MemorySegment input;
        private int columns;
        private MemorySegment prepared;

        @Override
        public void run(int from, int to) {
            kernels.prepare(format, input, columns, prepared, from, to);
        }
    }

    private final class Multiplication implements Range {

        private List<Product> products;
        private MemorySegment prepared;
        private int tokens;

        @Override
        public void run(int from, int to) {
            products(products, prepared, tokens, from, to);
        }
    }

    private final class Norm implements Range {

        private MemorySegment input;
        private MemorySegment weight;
        private float epsilon;
        private MemorySegment output;
        private int width;

        @Override
        public void run(int from, int to) {
            kernels.rmsNorm(input, weight, epsilon, output, width, from, to);
        }
    }

    private final class Gating implements Range {

        private Gate gate;
        private MemorySegment gates;
        private MemorySegment inputs;
        private int stride;
        private MemorySegment output;
        private int width;

        @Override
        public void run(int from, int to) {
            kernels.gate(gate, gates, inputs, stride, output, width, from, to);
        }
    }
}
