package dev.cairn.ports.engine;

import java.util.List;

/**
 * What is to be measured of a device, and how large; see {@link ModelRunnerFactory#deviceRates}.
 *
 * @param bytes of a large copy
 * @param blockBytes of a block of keys and values
 * @param width of square matrices
 * @param products shapes of weights whose products are to be measured
 * @param rows numbers of rows that the products are measured with, the largest last
 * @param runs measurements of each
 */
public record DeviceProbe(
        long bytes,
        long blockBytes,
        int width,
        List<Shape> products,
        List<Integer> rows,
        int runs) {

    public DeviceProbe {
        products = List.copyOf(products);
        rows = List.copyOf(rows);
        if (bytes < blockBytes || blockBytes < 1 || width < 1 || runs < 1 || rows.isEmpty()) {
            throw new IllegalArgumentException("a device is measured with something");
        }
    }

    /**
     * Of weights.
     *
     * @param outputs rows of the matrix
     * @param columns of the matrix
     */
    public record Shape(int outputs, int columns) {}

    /**
     * One figure.
     *
     * @param name of the case: {@code "copy-kernel"}
     * @param unit of the runs
     */
    public record Rate(String name, String unit, List<Double> runs) {

        public Rate {
            runs = List.copyOf(runs);
        }
    }
}
