package dev.cairn.distribution.bench.load;

import java.util.Arrays;
import java.util.Collection;
import java.util.stream.DoubleStream;

/** Measured values, in ascending order: their mean and percentiles. Immutable. */
public final class Spread {

    private final double[] sorted;

    private Spread(double[] sorted) {
        this.sorted = sorted;
    }

    public static Spread of(DoubleStream values) {
        return new Spread(values.sorted().toArray());
    }

    static Spread of(Collection<Double> values) {
        return of(values.stream().mapToDouble(Double::doubleValue));
    }

    public int count() {
        return sorted.length;
    }

    /** NaN of nothing. */
    public double mean() {
        return Arrays.stream(sorted).average().orElse(Double.NaN);
    }

    public double max() {
        return percentile(100);
    }

    /**
     * The smallest value that at least {@code percent} of all are not above (nearest rank); NaN of
     * nothing.
     */
    public double percentile(double percent) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int rank = (int) Math.ceil(percent * sorted.length / 100);
        return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
    }
}
