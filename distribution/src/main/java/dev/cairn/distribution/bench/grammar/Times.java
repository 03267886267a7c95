package dev.cairn.distribution.bench.grammar;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import java.util.Arrays;
import java.util.List;

/** Many times in nanoseconds. One thread. */
final class Times {

    private long[] nanos = new long[1024];
    private int count;

    void add(long value) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = value;
    }

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    /** Those that came after the first {@code from}, in order. */
    long[] since(int from) {
        return Arrays.copyOfRange(nanos, from, count);
    }

    /** Average, percentiles and the longest, in microseconds. */
    void describe(String name, List<Result> results) {
        Arrays.sort(nanos, 0, count);
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += nanos[i];
        }
        add(results, name + "-average", count == 0 ? Double.NaN : sum / count);
        add(results, name + "-p50", percentile(0.5));
        add(results, name + "-p90", percentile(0.9));
        add(results, name + "-p99", percentile(0.99));
        add(results, name + "-p99.9", percentile(0.999));
        add(results, name + "-max", percentile(1));
    }

    private double percentile(double share) {
        return count == 0 ? Double.NaN : nanos[(int) Math.ceil(share * (count - 1))];
    }

    private static void add(List<Result> results, String name, double nanos) {
        results.add(new Result(name, "us", List.of(nanos / 1e3)));
    }
}
