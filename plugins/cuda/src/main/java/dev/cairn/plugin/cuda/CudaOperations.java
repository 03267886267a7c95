package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceMatrix;
import dev.cairn.plugin.device.ElementType;
import dev.cairn.plugin.device.OperationShapes;
import dev.cairn.plugin.device.Operations;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;

/**
 * The operations by kernels of our own and cuBLASLt. Grids and blocks are those that the kernels'
 * sources ask for. Threads: the device's owner.
 */
final class CudaOperations implements Operations, AutoCloseable {

    /** Changes whenever a kernel gives other bits. */
    private static final int VERSION = 1;

    private static final int TILE_ROWS = 16;
    private static final int CHUNK = 32;
    private static final int PARTITION = 256;
    private static final int THREADS = 128;
    private static final int SAMPLING_THREADS = 256;
    private static final int WARPS = THREADS / 32;
    private static final int STORED_ROWS = 4;
    private static final int SHARED_OF_ALL = 48 << 10;

    private final CudaDriver driver;
    private final CublasLt blas;
    private final CudaSettings settings;
    private final long stream;
    private final String family;
    private final String report;
    private final int mostRows;
    private final Arena arena = Arena.ofShared();
    private final Map<String, Long> modules = new HashMap<>();
    private final CudaKernel embed;
    private final CudaKernel addNorm;
    private final CudaKernel gated;
    private final CudaKernel addBias;
    private final CudaKernel softcap;
    private final CudaKernel shapeHeads;
    private final CudaKernel attend;
    private final CudaKernel mergePartitions;
    private final CudaKernel multiplyStored;
    private final CudaKernel route;
    private final CudaKernel multiplyExperts;
    private final CudaKernel sumExperts;
    private final CudaKernel sample;

    private CudaOperations(
            Device device,
            CudaLibraries libraries,
            CudaSettings settings,
            long stream,
            OperationShapes shapes) {
        this.driver = libraries.driver();
        this.settings = settings;
        this.stream = stream;
        mostRows = shapes.rows();
        String architecture = device.properties().architecture();
        KernelCache cache =
                new KernelCache(
                        settings.kernelCache().orElseGet(KernelCache::usual), libraries.compiler());
        for (String name : KernelSource.NAMES) {
            modules.put(name, load(cache, KernelSource.read(name), architecture));
        }
        embed = kernel("rows.cu", "embed", 7);
        addNorm = kernel("rows.cu", "add_norm", 9);
        gated = kernel("rows.cu", "gated", 5);
        addBias = kernel("rows.cu", "add_bias", 3);
        softcap = kernel("rows.cu", "softcap", 3);
        shapeHeads = kernel("attention.cu", "shape_heads", 17);
        attend = kernel("attention.cu", "attend", 20);
        mergePartitions = kernel("attention.cu", "merge_partitions", 8);
        multiplyStored = kernel("products.cu", "multiply_stored", 9);
        route = kernel("products.cu", "route", 7);
        multiplyExperts = kernel("products.cu", "multiply_experts", 10);
        sumExperts = kernel("products.cu", "sum_experts", 5);
        sample = kernel("sampling.cu", "sample", 9);
        int shared = attentionBytes(shapes.headSize());
        if (shared > SHARED_OF_ALL) {
            attend.allowShared(shared);
        }
        blas = new CublasLt(libraries.blas());
        blas.open(device.allocate(CublasLt.WORKSPACE_BYTES));
        family =
                "%s-cublaslt%d-%d%s"
                        .formatted(
                                architecture,
                                blas.version(),
                                VERSION,
                                settings.batchInvariant() ? "" : "-fastest");
        report =
                "%s (%s), %s, cuBLASLt %d%s"
                        .formatted(
                                device.properties().name(),
                                architecture,
                                libraries.versions(),
                                blas.version(),
                                settings.batchInvariant()
                                        ? ""
                                        : ", answers may depend on the batch");
    }

    static CudaOperations make(
            Device device,
            CudaLibraries libraries,
            CudaSettings settings,
            long stream,
            OperationShapes shapes) {
        return new CudaOperations(device, libraries, settings, stream, shapes);
    }

    private long load(KernelCache cache, KernelSource source, String architecture) {
        byte[] binary = cache.binary(source, architecture);
        try {
            return driver.loadModule(binary);
        } catch (DeviceException damaged) {
            return driver.loadModule(cache.compile(source, architecture));
        }
    }

    private CudaKernel kernel(String file, String name, int parameters) {
        long function = driver.function(modules.get(file), name);
        return new CudaKernel(driver, arena, name, function, parameters);
    }

    @Override
    public String family() {
        return family;
    }

    @Override
    public String report() {
        return report;
    }

    @Override
    public int tileRows() {
        return TILE_ROWS;
    }

    @Override
    public int partition() {
        return PARTITION;
    }

    @Override
    public Product product(DeviceMatrix weights, int outputWidth) {
        return weights.type().isPlain()
                ? new PlainProduct(weights, plan(weights, outputWidth))
                : new StoredProduct(weights, outputWidth);
    }

    private CublasLt.Plan plan(DeviceMatrix weights, int outputWidth) {
        int type =
                switch (weights.type()) {
                    case FLOAT32 -> CublasLt.FLOAT32;
                    case FLOAT16 -> CublasLt.FLOAT16;
                    case BFLOAT16 -> CublasLt.BFLOAT16;
                    case Q8_0, Q4_0 ->
                            throw new IllegalArgumentException("cuBLASLt knows plain types alone");
                };
        return blas.plan(
                type,
                weights.rows(),
                weights.columns(),
                outputWidth,
                rowCounts(),
                settings.batchInvariant());
    }

    /** 1, 2, 4 and so on up to the most. */
    private int[] rowCounts() {
        int powers = 32 - Integer.numberOfLeadingZeros(mostRows - 1);
        int[] counts = new int[powers + 1];
        for (int i = 0; i < powers; i++) {
            counts[i] = 1 << i;
        }
        counts[powers] = mostRows;
        return counts;
    }

    private final class PlainProduct implements Product {
        private final DeviceMatrix weights;
        private final CublasLt.Plan plan;

        PlainProduct(DeviceMatrix weights, CublasLt.Plan plan) {
            this.weights = weights;
            this.plan = plan;
        }

        @Override
        public ElementType operand() {
            return weights.type();
        }

        @Override
        public void run(long input, long output, int rows) {
            plan.run(weights.address(), input, output, rows, stream);
        }
    }

    private final class StoredProduct implements Product {
        private final DeviceMatrix weights;
        private final int outputWidth;

        StoredProduct(DeviceMatrix weights, int outputWidth) {
            this.weights = weights;
            this.outputWidth = outputWidth;
        }

        @Override
        public ElementType operand() {
            return ElementType.FLOAT32;
        }

        @Override
        public void run(long input, long output, int rows) {
            multiplyStored
                    .with(weights.address())
                    .with(weights.type().ordinal())
                    .with(weights.type().rowBytes(weights.columns()))
                    .with(input)
                    .with(output)
                    .with(outputWidth)
                    .with(weights.rows())
                    .with(weights.columns())
                    .with(rows)
                    .launch(
                            Math.ceilDiv(weights.rows(), WARPS),
                            Math.ceilDiv(rows, STORED_ROWS),
                            1,
                            THREADS,
                            0,
                            stream);
        }
    }

    @Override
    public void embed(long tokens, DeviceMatrix table, float scale, long output, int rows) {
        embed.with(tokens)
                .with(table.address())
                .with(table.type().ordinal())
                .with(table.type().rowBytes(table.columns()))
                .with(scale)
                .with(output)
                .with(table.columns())
                .launch(rows, 1, 1, THREADS, 0, stream);
    }

    @Override
    public void addNorm(
            long residual,
            long branch,
            long branchWeight,
            long weight,
            float epsilon,
            long chosen,
            long output,
            ElementType outputType,
            int width,
            int rows) {
        addNorm.with(residual)
                .with(branch)
                .with(branchWeight)
                .with(weight)
                .with(epsilon)
                .with(chosen)
                .with(output)
                .with(outputType.ordinal())
                .with(width)
                .launch(rows, 1, 1, THREADS, 0, stream);
    }

    @Override
    public void gate(
            long gateUp, boolean gelu, long output, ElementType outputType, int width, int rows) {
        gated.with(gateUp)
                .with(output)
                .with(outputType.ordinal())
                .with(width)
                .with(gelu)
                .launch(rows, Math.ceilDiv(width, THREADS), 1, THREADS, 0, stream);
    }

    @Override
    public void addBias(long target, long bias, int width, int rows) {
        addBias.with(target)
                .with(bias)
                .with(width)
                .launch(rows, Math.ceilDiv(width, THREADS), 1, THREADS, 0, stream);
    }

    @Override
    public void softcap(long target, float cap, int width, int rows) {
        softcap.with(target)
                .with(cap)
                .with(width)
                .launch(rows, Math.ceilDiv(width, THREADS), 1, THREADS, 0, stream);
    }

    @Override
    public void shapeHeads(AttentionLayer layer, AttentionRows rows, int count) {
        shapeHeads
                .with(rows.values)
                .with(layer.bias())
                .with(layer.queryNorm())
                .with(layer.keyNorm())
                .with(layer.epsilon())
                .with(layer.rotary())
                .with(layer.rotated())
                .with(rows.positions)
                .with(rows.slots)
                .with(layer.pool())
                .with(layer.blockBytes())
                .with(layer.layerOffset())
                .with(layer.kvType().ordinal())
                .with(layer.blockTokens())
                .with(layer.heads())
                .with(layer.keyHeads())
                .with(layer.headSize())
                .launch(
                        count,
                        Math.ceilDiv(layer.heads() + 2 * layer.keyHeads(), WARPS),
                        1,
                        THREADS,
                        0,
                        stream);
    }

    @Override
    public void attend(
            AttentionLayer layer,
            AttentionRows rows,
            long tiles,
            int tileCount,
            int partitions,
            long partials,
            int mostPartitions,
            long output,
            ElementType outputType) {
        int group = layer.heads() / layer.keyHeads();
        attend.with(rows.values)
                .with((layer.heads() + 2 * layer.keyHeads()) * layer.headSize())
                .with(layer.pool())
                .with(layer.blockBytes())
                .with(layer.layerOffset())
                .with(layer.kvType().ordinal())
                .with(layer.blockTokens())
                .with(layer.keyHeads())
                .with(layer.headSize())
                .with(group)
                .with(rows.tables)
                .with(rows.tableWidth)
                .with(tiles)
                .with(layer.scale())
                .with(layer.window())
                .with(layer.softcap())
                .with(partials)
                .with(mostPartitions)
                .with(output)
                .with(outputType.ordinal())
                .launch(
                        tileCount,
                        layer.keyHeads() * Math.ceilDiv(group, TILE_ROWS),
                        partitions,
                        THREADS,
                        attentionBytes(layer.headSize()),
                        stream);
        mergePartitions
                .with(partials)
                .with(mostPartitions)
                .with(tiles)
                .with(layer.heads())
                .with(layer.headSize())
                .with(layer.window())
                .with(output)
                .with(outputType.ordinal())
                .launch(tileCount, layer.heads(), 1, THREADS, 0, stream);
    }

    /** As the kernel's source says. */
    private static int attentionBytes(int headSize) {
        return 4 * (3 * TILE_ROWS * headSize + CHUNK * (headSize + 1) + TILE_ROWS * (CHUNK + 6));
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
    public void multiplyExperts(
            DeviceMatrix experts,
            long chosen,
            int perInput,
            long input,
            long output,
            int outputWidth,
            int choices) {
        multiplyExperts
                .with(experts.address())
                .with(experts.type().ordinal())
                .with(experts.type().rowBytes(experts.columns()))
                .with(chosen)
                .with(perInput)
                .with(input)
                .with(output)
                .with(outputWidth)
                .with(experts.rows())
                .with(experts.columns())
                .launch(choices, Math.ceilDiv(experts.rows(), WARPS), 1, THREADS, 0, stream);
    }

    @Override
    public void sumExperts(
            long outputs, long weights, int perRow, long output, int width, int rows) {
        sumExperts
                .with(outputs)
                .with(weights)
                .with(perRow)
                .with(output)
                .with(width)
                .launch(rows, Math.ceilDiv(width, THREADS), 1, THREADS, 0, stream);
    }

    @Override
    public void sample(
            long wishes,
            long masks,
            long biases,
            long counts,
            long logits,
            long work,
            long results,
            int mostTop,
            int vocabulary,
            int rows) {
        sample.with(wishes)
                .with(masks)
                .with(biases)
                .with(counts)
                .with(logits)
                .with(work)
                .with(results)
                .with(mostTop)
                .with(vocabulary)
                .launch(rows, 1, 1, SAMPLING_THREADS, 0, stream);
    }

    /** Gives back what the device itself does not know of. */
    @Override
    public void close() {
        blas.close();
        modules.values().forEach(driver::unloadModule);
        arena.close();
    }
}
