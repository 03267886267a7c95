package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.Device;
import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceMatrix;
import dev.cairn.plugin.device.ElementType;
import dev.cairn.plugin.device.ExpertOperations;
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
    private static final int VERSION = 3;

    private static final int THREADS = 128;
    private static final int SAMPLING_THREADS = 256;
    private static final int WARPS = THREADS / 32;
    private static final int STORED_ROWS = 4;

    /** Up to so many rows weights are read once for each 8 of them; beyond, once for 64. */
    private static final int FEW_ROWS = 32;

    private static final int MANY_ROWS = 64;
    private static final int CORE_OUTPUTS = 16;
    private static final int CORE_COLUMNS = 8;

    /** Rows that share what is read of their adapter. */
    private static final int ADAPTER_ROWS = 8;

    private static final int EIGHT_BYTES = 16;

    /** More than any device runs at once. */
    private static final int COPY_BLOCKS = 4096;

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
    private final CudaKernel copyEights;
    private final CudaAttention attention;
    private final CudaKernel multiplyStored;
    private final CudaKernel multiplyFew;
    private final CudaKernel multiplyMany;
    private final boolean hasCores;
    private final int mostShared;
    private final CudaExperts experts;
    private final CudaKernel narrowAdapters;
    private final CudaKernel widenAdapters;
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
        copyEights = kernel("rows.cu", "copy_eights", 3);
        attention =
                new CudaAttention(
                        (name, parameters) -> kernel("attention.cu", name, parameters),
                        device.properties(),
                        shapes.headSize());
        multiplyStored = kernel("products.cu", "multiply_stored", 9);
        multiplyFew = kernel("products.cu", "multiply_few_cores", 9);
        multiplyMany = kernel("products.cu", "multiply_many_cores", 9);
        mostShared = device.properties().blockMemoryBytes();
        multiplyFew.allowShared(mostShared);
        hasCores = device.properties().hasBfloat16Cores();
        experts =
                new CudaExperts(
                        (name, parameters) -> kernel("products.cu", name, parameters),
                        hasCores,
                        mostShared,
                        stream);
        narrowAdapters = kernel("adapters.cu", "narrow_adapters", 9);
        widenAdapters = kernel("adapters.cu", "widen_adapters", 11);
        sample = kernel("sampling.cu", "sample", 9);
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
    public int tileRows(ElementType keys, int headSize) {
        return attention.tileRows(keys, headSize);
    }

    @Override
    public int partition() {
        return CudaAttention.PARTITION;
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
                    case Q8_0, Q4_0, Q5_0, Q4_K, Q5_K, Q6_K ->
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
            CudaExperts.check(weights, mostShared);
            this.weights = weights;
            this.outputWidth = outputWidth;
        }

        @Override
        public ElementType operand() {
            return ElementType.FLOAT32;
        }

        /** All three give a row the same bits whatever the number of rows. */
        @Override
        public void run(long input, long output, int rows) {
            int outputs = weights.rows();
            if (!hasCores) {
                arguments(multiplyStored, input, output, rows)
                        .launch(
                                Math.ceilDiv(outputs, WARPS),
                                Math.ceilDiv(rows, STORED_ROWS),
                                1,
                                THREADS,
                                0,
                                stream);
            } else if (rows <= FEW_ROWS) {
                arguments(multiplyFew, input, output, rows)
                        .launch(
                                Math.ceilDiv(outputs, CORE_OUTPUTS),
                                Math.ceilDiv(rows, CORE_COLUMNS),
                                1,
                                2 * THREADS,
                                CudaExperts.parts(weights.columns()),
                                stream);
            } else {
                arguments(multiplyMany, input, output, rows)
                        .launch(
                                Math.ceilDiv(outputs, WARPS * CORE_OUTPUTS),
                                Math.ceilDiv(rows, MANY_ROWS),
                                1,
                                THREADS,
                                0,
                                stream);
            }
        }

        private CudaKernel arguments(CudaKernel kernel, long input, long output, int rows) {
            return kernel.with(weights.address())
                    .with(weights.type().ordinal())
                    .with(weights.type().rowBytes(weights.columns()))
                    .with(input)
                    .with(output)
                    .with(outputWidth)
                    .with(weights.rows())
                    .with(weights.columns())
                    .with(rows);
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
        attention.shapeHeads(layer, rows, count, stream);
    }

    @Override
    public void attend(
            AttentionLayer layer,
            AttentionRows rows,
            long partials,
            int mostPartitions,
            long output,
            ElementType outputType) {
        attention.attend(layer, rows, partials, mostPartitions, output, outputType, stream);
    }

    @Override
    public void adapt(
            AdaptedProducts products,
            long tables,
            long rowSlots,
            int rank,
            long input,
            long narrow,
            long output,
            int rows) {
        int[] widths = products.widths();
        int tiles = Math.ceilDiv(rows, ADAPTER_ROWS);
        narrowAdapters
                .with(rowSlots)
                .with(tables)
                .with(products.first())
                .with(rank)
                .with(input)
                .with(products.operand().ordinal())
                .with(products.columns())
                .with(narrow)
                .with(rows)
                .launch(Math.ceilDiv(rank, WARPS), widths.length, tiles, THREADS, 0, stream);
        int second = widths.length > 1 ? widths[1] : 0;
        int third = widths.length > 2 ? widths[2] : 0;
        int widest = Math.max(widths[0], Math.max(second, third));
        widenAdapters
                .with(rowSlots)
                .with(tables)
                .with(products.first())
                .with(rank)
                .with(narrow)
                .with(output)
                .with(widths[0] + second + third)
                .with(widths[0])
                .with(second)
                .with(third)
                .with(rows)
                .launch(Math.ceilDiv(widest, THREADS), widths.length, tiles, THREADS, 0, stream);
    }

    @Override
    public ExpertOperations experts() {
        return experts;
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

    /** Copies by a plain kernel: what memory gives at best. Bytes in sixteens. */
    void copyByKernel(long target, long source, long bytes) {
        copyEights
                .with(target)
                .with(source)
                .with(bytes / EIGHT_BYTES)
                .launch(COPY_BLOCKS, 1, 1, SAMPLING_THREADS, 0, stream);
    }

    /** Gives back what the device itself does not know of. */
    @Override
    public void close() {
        blas.close();
        modules.values().forEach(driver::unloadModule);
        arena.close();
    }
}
