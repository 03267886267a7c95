package dev.cairn.plugin.cuda;

import dev.cairn.plugin.device.DeviceMatrix;
import dev.cairn.plugin.device.DeviceStream;
import dev.cairn.plugin.device.ElementType;
import dev.cairn.plugin.device.OperationShapes;
import dev.cairn.plugin.device.Operations;
import dev.cairn.ports.engine.DeviceProbe;
import dev.cairn.ports.engine.DeviceProbe.Rate;
import dev.cairn.ports.engine.DeviceProbe.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures what a device does at best, so that an engine's figures can be held against it: {@code
 * cairn bench device} asks for it. Threads: the calling one owns the device meanwhile.
 */
final class MeasureDevice {

    /** Any that the kernels serve: no attention is measured here. */
    private static final int HEAD = 128;

    private final CudaDevice device;
    private final DeviceStream stream;
    private final DeviceProbe probe;
    private final List<Rate> rates = new ArrayList<>();

    private MeasureDevice(CudaDevice device, DeviceProbe probe) {
        this.device = device;
        this.probe = probe;
        stream = device.stream(false);
    }

    /**
     * @throws dev.cairn.plugin.device.DeviceException if the device cannot be had or has too little
     *     memory
     */
    static List<Rate> measure(CudaLibraries libraries, CudaSettings settings, DeviceProbe probe) {
        List<Rate> rates = new ArrayList<>();
        rates.addAll(of(libraries, settings.withBatchInvariant(true), probe, "fixed-", true));
        rates.addAll(of(libraries, settings.withBatchInvariant(false), probe, "fastest-", false));
        return rates;
    }

    private static List<Rate> of(
            CudaLibraries libraries,
            CudaSettings settings,
            DeviceProbe probe,
            String algorithm,
            boolean everything) {
        try (CudaDevice device = CudaDevice.open(libraries, settings)) {
            MeasureDevice measured = new MeasureDevice(device, probe);
            int rows = Math.max(probe.width(), probe.rows().getLast());
            CudaOperations operations =
                    device.operations(measured.stream, new OperationShapes(rows, HEAD));
            if (everything) {
                measured.memory(operations);
                measured.link();
            } else {
                measured.square(operations);
            }
            measured.products(operations, algorithm);
            return measured.rates;
        }
    }

    private void memory(CudaOperations operations) {
        long bytes = probe.bytes();
        long source = device.allocate(bytes);
        long target = device.allocate(bytes);
        // read once, written once
        rate(
                "copy-kernel",
                2e-9 * bytes,
                "GB/s",
                () -> operations.copyByKernel(target, source, bytes));
    }

    private void link() {
        long bytes = probe.bytes();
        long memory = device.allocate(bytes);
        MemorySegment host = device.allocatePinned(bytes);
        rate("link-in", 1e-9 * bytes, "GB/s", () -> device.copyIn(memory, host, 0, bytes, stream));
        rate(
                "link-out",
                1e-9 * bytes,
                "GB/s",
                () -> device.copyOut(host, 0, memory, bytes, stream));
        long block = probe.blockBytes();
        Runnable blocks =
                () -> {
                    for (long at = 0; at + block <= bytes; at += block) {
                        device.copyOut(host, at, memory + at, block, stream);
                    }
                };
        rate("blocks-out", 1e-9 * (bytes / block * block), "GB/s", blocks);
    }

    private void square(CudaOperations operations) {
        product(
                "square-product",
                operations,
                new Shape(probe.width(), probe.width()),
                probe.width());
    }

    private void products(CudaOperations operations, String algorithm) {
        for (Shape shape : probe.products()) {
            for (int rows : probe.rows()) {
                String name =
                        "%s%dx%d@%d".formatted(algorithm, shape.outputs(), shape.columns(), rows);
                product(name, operations, shape, rows);
            }
        }
    }

    private void product(String name, CudaOperations operations, Shape shape, int rows) {
        long elements = (long) shape.outputs() * shape.columns();
        long weights = device.allocate(2 * elements);
        long input = device.allocate(2L * rows * shape.columns());
        long output = device.allocate(4L * rows * shape.outputs());
        Operations.Product product =
                operations.product(
                        new DeviceMatrix(
                                weights, ElementType.BFLOAT16, shape.outputs(), shape.columns()),
                        shape.outputs());
        rate(name, 2e-12 * elements * rows, "TFLOP/s", () -> product.run(input, output, rows));
        device.release(weights);
        device.release(input);
        device.release(output);
    }

    /** Does it once for nothing, then so many times. */
    private void rate(String name, double amount, String unit, Runnable work) {
        List<Double> runs = new ArrayList<>();
        for (int run = -1; run < probe.runs(); run++) {
            long begin = System.nanoTime();
            work.run();
            device.synchronize(stream);
            if (run >= 0) {
                runs.add(amount / (1e-9 * (System.nanoTime() - begin)));
            }
        }
        rates.add(new Rate(name, unit, runs));
    }
}
