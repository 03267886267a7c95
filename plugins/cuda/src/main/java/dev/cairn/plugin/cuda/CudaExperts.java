package dev.cairn.plugin.cuda;

import dev.cairn.plugin.cuda.CudaAttention.Kernels;
import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceMatrix;
import dev.cairn.plugin.device.ExpertOperations;

/**
 * Experts' kernels: on the matrix cores for quantised weights and bfloat16 where the device has
 * such cores, else in float32. Which one a choice takes by the number of its neighbours changes no
 * bit. Threads: the device's owner.
 */
final class CudaExperts implements ExpertOperations {

    private static final int THREADS = 128;
    private static final int WARPS = THREADS / 32;
    private static final int MANY_ROWS = 64;
    private static final int CORE_OUTPUTS = 16;
    private static final int CORE_COLUMNS = 8;
    private static final int SEGMENT = 512;

    private final boolean hasCores;
    private final long stream;
    private final CudaKernel route;
    private final CudaKernel countChoices;
    private final CudaKernel placeChoices;
    private final CudaKernel multiplyExperts;
    private final CudaKernel multiplyExpertsFew;
    private final CudaKernel multiplyExpertsMany;
    private final CudaKernel sumExperts;

    /**
     * @param hasCores whether the device has matrix cores
     * @param mostShared bytes of shared memory that a block may have
     */
    CudaExperts(Kernels kernels, boolean hasCores, int mostShared, long stream) {
        this.hasCores = hasCores;
        this.stream = stream;
        route = kernels.kernel("route", 7);
        countChoices = kernels.kernel("count_choices", 3);
        placeChoices = kernels.kernel("place_choices", 5);
        multiplyExperts = kernels.kernel("multiply_experts", 13);
        multiplyExpertsFew = kernels.kernel("multiply_experts_few", 13);
        multiplyExpertsMany = kernels.kernel("multiply_experts_many", 13);
        multiplyExpertsFew.allowShared(mostShared);
        sumExperts = kernels.kernel("sum_experts", 5);
    }

    /** Bytes of shared memory for the sums of a product's segments. */
    static int parts(int columns) {
        return Float.BYTES * CORE_OUTPUTS * CORE_COLUMNS * Math.ceilDiv(columns, SEGMENT);
    }

    /**
     * @throws DeviceException if rows are too wide for the kernel that takes few of them
     */
    static void check(DeviceMatrix weights, int mostShared) {
        int bytes = parts(weights.columns());
        if (bytes > mostShared) {
            throw new DeviceException(
                    "products of %d columns take %d bytes of a block's shared memory, this device has %d; --dtype bfloat16 needs none"
                            .formatted(weights.columns(), bytes, mostShared));
        }
    }

    @Override
    public void route(
            long logits,
            int experts,
            int perRow,
            boolean renormalise,
            long chosen,
            long weights,
            int rows) {
        route.with(logits)
                .with(rows)
                .with(experts)
                .with(perRow)
                .with(renormalise)
                .with(chosen)
                .with(weights)
                .launch(Math.ceilDiv(rows, 32), 1, 1, 32, 0, stream);
    }

    @Override
    public void group(long chosen, int experts, int choices, long groups) {
        countChoices
                .with(chosen)
                .with(choices)
                .with(groups)
                .launch(experts, 1, 1, 2 * THREADS, 0, stream);
        int tileRows = expertTileRows(choices, experts);
        placeChoices
                .with(chosen)
                .with(choices)
                .with(groups)
                .with(tileRows)
                .with(expertTiles(choices, experts, tileRows))
                .launch(experts, 1, 1, 2 * THREADS, 0, stream);
    }

    /** Wide tiles where experts have enough choices to fill them. */
    private static int expertTileRows(int choices, int experts) {
        return choices >= experts * MANY_ROWS / 4 ? MANY_ROWS : CORE_COLUMNS;
    }

    private static int expertTiles(int choices, int experts, int tileRows) {
        return choices / tileRows + Math.min(choices, experts);
    }

    @Override
    public void multiply(
            DeviceMatrix experts,
            int count,
            long chosen,
            long groups,
            int perInput,
            long input,
            long output,
            int outputWidth,
            int choices) {
        int outputs = experts.rows();
        int columns = experts.columns();
        int tileRows = groups == 0 ? 1 : expertTileRows(choices, count);
        int tiles = groups == 0 ? choices : expertTiles(choices, count, tileRows);
        boolean onCores =
                hasCores
                        && switch (experts.type()) {
                            case FLOAT32, FLOAT16 -> false;
                            case BFLOAT16 -> columns % CORE_OUTPUTS == 0;
                            case Q8_0, Q4_0, Q5_0, Q4_K, Q5_K, Q6_K -> true;
                        };
        CudaKernel kernel =
                !onCores
                        ? multiplyExperts
                        : tileRows > CORE_COLUMNS ? multiplyExpertsMany : multiplyExpertsFew;
        kernel.with(experts.address())
                .with(experts.type().ordinal())
                .with(experts.type().rowBytes(columns))
                .with(chosen)
                .with(groups)
                .with(choices)
                .with(count)
                .with(perInput)
                .with(input)
                .with(output)
                .with(outputWidth)
                .with(outputs)
                .with(columns);
        if (!onCores) {
            kernel.launch(Math.ceilDiv(outputs, WARPS), tiles, 1, THREADS, 0, stream);
        } else if (tileRows > CORE_COLUMNS) {
            int width = WARPS * CORE_OUTPUTS;
            kernel.launch(Math.ceilDiv(outputs, width), tiles, 1, THREADS, 0, stream);
        } else {
            int width = CORE_OUTPUTS;
            kernel.launch(
                    Math.ceilDiv(outputs, width), tiles, 1, 2 * THREADS, parts(columns), stream);
        }
    }

    @Override
    public void sum(long outputs, long weights, int perRow, long output, int width, int rows) {
        sumExperts
                .with(outputs)
                .with(weights)
                .with(perRow)
                .with(output)
                .with(width)
                .launch(rows, Math.ceilDiv(width, THREADS), 1, THREADS, 0, stream);
    }
}
