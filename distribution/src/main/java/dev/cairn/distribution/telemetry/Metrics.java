package dev.cairn.distribution.telemetry;

import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/** All metrics of the process, and the page that shows them. Threads: any. */
public final class Metrics {

    private final ConcurrentSkipListMap<String, MetricFamily<?>> families =
            new ConcurrentSkipListMap<>();

    CounterFamily counter(String name, String help, List<String> labels) {
        return family(
                CounterFamily.class, name, labels, () -> new CounterFamily(name, help, labels));
    }

    HistogramFamily histogram(String name, String help, List<String> labels, double[] bounds) {
        return family(
                HistogramFamily.class,
                name,
                labels,
                () -> new HistogramFamily(name, help, labels, bounds));
    }

    GaugeFamily gauge(String name, String help, List<String> labels) {
        return family(GaugeFamily.class, name, labels, () -> new GaugeFamily(name, help, labels));
    }

    /** All metrics in Prometheus' text format, in alphabetical order. */
    public String page() {
        PrometheusText page = new PrometheusText();
        families.values().forEach(family -> family.write(page));
        return page.toString();
    }

    private <F extends MetricFamily<?>> F family(
            Class<F> kind, String name, List<String> labels, Supplier<F> maker) {
        MetricFamily<?> family = families.computeIfAbsent(name, missing -> maker.get());
        if (!kind.isInstance(family) || !family.labels().equals(labels)) {
            throw new IllegalArgumentException(
                    "metric %s is a %s with labels %s already"
                            .formatted(name, family.type(), family.labels()));
        }
        return kind.cast(family);
    }
}
