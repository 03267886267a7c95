package dev.cairn.plugin.cuda;

import dev.cairn.plugin.cuda.LibrarySearch.NotFoundException;
import dev.cairn.plugin.device.DeviceException;
import dev.cairn.plugin.device.DeviceMatrix;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.plugin.device.ElementType;
import dev.cairn.plugin.device.OperationShapes;
import dev.cairn.plugin.device.Operations;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Measures what a device does at best, so that an engine's figures can be held against it: a plain
 * copy kernel, the link in both directions by large copies and by copies of a block, and cuBLASLt
 * on square matrices in bfloat16. {@code docs/measure/device_rates.sh} runs it.
 *
 * <pre>MeasureDevice LIBRARIES [MEBIBYTES [WIDTH [RUNS]]]</pre>
 */
final class MeasureDevice {

    /** Keys and values of 16 tokens of Llama 3.1 8B in bfloat16. */
    private static final long BLOCK_BYTES = 2L << 20;

    private static final int USUAL_MEBIBYTES = 1024;
    private static final int USUAL_WIDTH = 8192;
    private static final int USUAL_RUNS = 20;

    private final CudaDevice device;
    private final DeviceStream stream;
    private final int runs;
    private final PrintStream out;

    private MeasureDevice(CudaDevice device, int runs, PrintStream out) {
        this.device = device;
        this.runs = runs;
        this.out = out;
        stream = device.stream(false);
    }

    public static void main(String[] arguments) {
        if (arguments.length < 1) {
            System.err.println("usage: MeasureDevice LIBRARIES [MEBIBYTES [WIDTH [RUNS]]]");
            System.exit(2);
        }
        try {
            measure(
                    new CudaSettings(
                            Optional.of(Path.of(arguments[0])), 0, Optional.empty(), true, true),
                    (long) number(arguments, 1, USUAL_MEBIBYTES) << 20,
                    number(arguments, 2, USUAL_WIDTH),
                    number(arguments, 3, USUAL_RUNS),
                    System.out);
        } catch (NotFoundException | DeviceException failure) {
            System.err.println(failure.getMessage());
            System.exit(1);
        }
    }

    private static int number(String[] arguments, int index, int usual) {
        return arguments.length > index ? Integer.parseInt(arguments[index]) : usual;
    }

    /**
     * @param bytes of a large copy
     * @param width of the square matrices
     */
    static void measure(CudaSettings settings, long bytes, int width, int runs, PrintStream out)
            throws NotFoundException {
        CudaLibraries loaded = CudaLibraries.load(settings, LibrarySearch.of(settings));
        try (CudaDevice device = CudaDevice.open(loaded, settings)) {
            out.printf("# %s, %s%n", device.properties().name(), loaded.versions());
            MeasureDevice measured = new MeasureDevice(device, runs, out);
            CudaOperations operations =
                    device.operations(measured.stream, new OperationShapes(width, 128));
            measured.memory(operations, bytes);
            measured.link(bytes);
            measured.products(operations, width);
        }
    }

    private void memory(CudaOperations operations, long bytes) {
        long source = device.allocate(bytes);
        long target = device.allocate(bytes);
        // read once, written once
        rate(
                "copy-kernel",
                2e-9 * bytes,
                "GB/s",
                () -> operations.copyByKernel(target, source, bytes));
    }

    private void link(long bytes) {
        long memory = device.allocate(bytes);
        MemorySegment host = device.allocatePinned(bytes);
        rate("link-in", 1e-9 * bytes, "GB/s", () -> device.copyIn(memory, host, 0, bytes, stream));
        rate(
                "link-out",
                1e-9 * bytes,
                "GB/s",
                () -> device.copyOut(host, 0, memory, bytes, stream));
        long block = Math.min(BLOCK_BYTES, bytes);
        Runnable blocks =
                () -> {
                    for (long at = 0; at + block <= bytes; at += block) {
                        device.copyOut(host, at, memory + at, block, stream);
                    }
                };
        rate("blocks-out", 1e-9 * (bytes / block * block), "GB/s", blocks);
    }

    private void products(CudaOperations operations, int width) {
        long elements = (long) width * width;
        DeviceMatrix weights =
                new DeviceMatrix(device.allocate(2 * elements), ElementType.BFLOAT16, width, width);
        long input = device.allocate(2 * elements);
        long output = device.allocate(4 * elements);
        Operations.Product product = operations.product(weights, width);
        double teraflops = 2e-12 * elements * width;
        rate("square-product", teraflops, "TFLOP/s", () -> product.run(input, output, width));
    }

    /** Does it once for nothing, then so many times. */
    private void rate(String name, double amount, String unit, Runnable work) {
        work.run();
        device.synchronize(stream);
        long begin = System.nanoTime();
        for (int run = 0; run < runs; run++) {
            work.run();
        }
        device.synchronize(stream);
        double seconds = 1e-9 * (System.nanoTime() - begin);
        out.println(
                String.format(Locale.ROOT, "%s\t%.4g\t%s", name, amount * runs / seconds, unit));
    }
}
