package dev.cairn.distribution.bench.report;

import dev.cairn.distribution.bench.load.RequestRecord;
import dev.cairn.distribution.bench.load.Spread;
import dev.cairn.distribution.bench.report.Series.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Plots of a run: how it went over time, and how its latencies are distributed. */
final class Timelines {

    private static final int BINS = 120;
    private static final int MOST_DOTS = 2000;
    private static final int CURVE_POINTS = 200;
    private static final double NANOS = 1e9;

    private final List<RequestRecord> records;
    private final double seconds;

    Timelines(List<RequestRecord> records, double seconds) {
        this.records = records;
        this.seconds = Math.max(1e-3, seconds);
    }

    List<Plot> plots() {
        return List.of(firstTokens(), gaps(), running(), throughput());
    }

    /** The share of all values that are not above each. */
    static Plot distribution(String name, Spread spread) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; spread.count() > 0 && i <= CURVE_POINTS; i++) {
            double percent = 100.0 * i / CURVE_POINTS;
            points.add(new Point(spread.percentile(percent), percent));
        }
        return new Plot(
                name + ", cumulative", "ms", "% of all", List.of(new Series(name, true, points)));
    }

    private Plot firstTokens() {
        int every = 1 + records.size() / MOST_DOTS;
        List<Point> dots = new ArrayList<>();
        for (int i = 0; i < records.size(); i += every) {
            RequestRecord record = records.get(i);
            record.firstTokenMillis()
                    .ifPresent(
                            millis ->
                                    dots.add(
                                            new Point(
                                                    record.answer().startNanos() / NANOS, millis)));
        }
        return new Plot(
                "Time to first token, by when the request was sent",
                "s",
                "ms",
                List.of(new Series("TTFT", false, dots)));
    }

    private Plot gaps() {
        List<List<Double>> bins = new ArrayList<>();
        for (int i = 0; i < BINS; i++) {
            bins.add(new ArrayList<>());
        }
        for (RequestRecord record : records) {
            long[] stamps = record.answer().stamps();
            for (int i = 1; i < stamps.length; i++) {
                bins.get(bin(stamps[i])).add((stamps[i] - stamps[i - 1]) / 1e6);
            }
        }
        List<Point> median = new ArrayList<>();
        List<Point> high = new ArrayList<>();
        for (int i = 0; i < BINS; i++) {
            Spread spread = Spread.of(bins.get(i).stream().mapToDouble(Double::doubleValue));
            median.add(new Point(time(i), spread.percentile(50)));
            high.add(new Point(time(i), spread.percentile(99)));
        }
        return new Plot(
                "Between chunks of an answer",
                "s",
                "ms",
                List.of(new Series("p50", true, median), new Series("p99", true, high)));
    }

    /** Requests that were sent and have not ended, at the middle of each bin. */
    private Plot running() {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < BINS; i++) {
            double nanos = time(i) * NANOS;
            long count =
                    records.stream()
                            .filter(
                                    each ->
                                            each.answer().startNanos() <= nanos
                                                    && each.answer().endNanos() > nanos)
                            .count();
            points.add(new Point(time(i), count));
        }
        return new Plot(
                "Running requests", "s", "requests", List.of(new Series("running", true, points)));
    }

    private Plot throughput() {
        double[] tokens = new double[BINS];
        for (RequestRecord record : records) {
            long[] stamps = record.answer().stamps();
            double perChunk =
                    stamps.length == 0 ? 0 : (double) record.outputTokens() / stamps.length;
            Arrays.stream(stamps).forEach(stamp -> tokens[bin(stamp)] += perChunk);
        }
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < BINS; i++) {
            points.add(new Point(time(i), tokens[i] * BINS / seconds));
        }
        return new Plot(
                "Output tokens per second",
                "s",
                "tokens/s",
                List.of(new Series("tokens/s", true, points)));
    }

    private int bin(long nanos) {
        return Math.clamp((long) (nanos / NANOS / seconds * BINS), 0, BINS - 1);
    }

    private double time(int bin) {
        return (bin + 0.5) * seconds / BINS;
    }
}
