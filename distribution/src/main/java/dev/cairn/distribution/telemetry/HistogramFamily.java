package dev.cairn.distribution.telemetry;

import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;

/** A distribution in buckets. Threads: any. */
final class HistogramFamily extends MetricFamily<HistogramFamily.Distribution>
        implements Telemetry.Histogram {

    private final double[] bounds;

    HistogramFamily(String name, String help, List<String> labels, double[] bounds) {
        super(name, help, labels, values -> new Distribution(bounds.length + 1));
        for (int i = 0; i < bounds.length; i++) {
            if (!Double.isFinite(bounds[i]) || (i > 0 && bounds[i] <= bounds[i - 1])) {
                throw new IllegalArgumentException(
                        "buckets of " + name + " must ascend and be finite");
            }
        }
        this.bounds = bounds.clone();
    }

    @Override
    public void record(double value, String... labelValues) {
        Distribution distribution = series(labelValues);
        distribution.counts.incrementAndGet(bucket(value));
        distribution.sum.add(value);
    }

    /** A bucket holds what is at most its bound. */
    private int bucket(double value) {
        int bucket = 0;
        while (bucket < bounds.length && !(value <= bounds[bucket])) {
            bucket++;
        }
        return bucket;
    }

    @Override
    String type() {
        return "histogram";
    }

    @Override
    void write(PrometheusText page, String[] labelValues, Distribution series) {
        long cumulated = 0;
        for (int i = 0; i <= bounds.length; i++) {
            cumulated += series.counts.get(i);
            double bound = i < bounds.length ? bounds[i] : Double.POSITIVE_INFINITY;
            page.bucket(name(), labels(), labelValues, bound, cumulated);
        }
        page.sample(name() + "_sum", labels(), labelValues, series.sum.sum());
        // The total of the buckets just written: a scrape never sees a count beside its buckets.
        page.sample(name() + "_count", labels(), labelValues, cumulated);
    }

    /** What one series holds. */
    static final class Distribution {

        private final AtomicLongArray counts;
        private final DoubleAdder sum = new DoubleAdder();

        private Distribution(int buckets) {
            counts = new AtomicLongArray(buckets);
        }
    }
}
