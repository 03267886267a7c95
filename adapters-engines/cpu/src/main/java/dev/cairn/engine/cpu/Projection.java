package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.ActivationFormat;
import dev.cairn.engine.cpu.kernel.PackedMatrix;
import dev.cairn.engine.cpu.kernel.ParallelKernels;
import dev.cairn.engine.cpu.kernel.ParallelKernels.Product;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Products that read the same rows. The rows are prepared once for each form that the matrices
 * want: a file may keep the matrices of one layer in different types.
 */
final class Projection {

    private record Batch(ActivationFormat format, List<Product> products) {}

    private final MemorySegment input;
    private final int columns;
    private final List<Batch> batches = new ArrayList<>();

    /**
     * Binds matrices to the buffers that they read and write.
     *
     * @param input {@code [rows, columns]} float32, dense
     * @param products all of {@code columns} inputs
     */
    Projection(MemorySegment input, List<Product> products) {
        this.input = input;
        columns = products.getFirst().weights().columns();
        Map<ActivationFormat, List<Product>> byFormat = new LinkedHashMap<>();
        for (Product product : products) {
            byFormat.computeIfAbsent(
                            product.weights().format().activation(), _ -> new ArrayList<>())
                    .add(product);
        }
        byFormat.forEach((format, group) -> batches.add(new Batch(format, List.copyOf(group))));
    }

    /** One matrix whose output rows are dense. */
    static Projection of(MemorySegment input, PackedMatrix weights, MemorySegment output) {
        return new Projection(input, List.of(dense(weights, output)));
    }

    static Product dense(PackedMatrix weights, MemorySegment output) {
        return new Product(weights, output, weights.rows());
    }

    /** Computes rows 0 to {@code rows} of every output, with room for the prepared rows. */
    void run(ParallelKernels parallel, MemorySegment prepared, int rows) {
        for (int i = 0; i < batches.size(); i++) {
            Batch batch = batches.get(i);
            MemorySegment operand = input;
            if (batch.format().needsPreparation()) {
                parallel.prepare(batch.format(), input, columns, prepared, rows);
                operand = prepared;
            }
            parallel.matmul(batch.products(), operand, rows);
        }
    }
}
