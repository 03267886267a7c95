package dev.cairn.distribution.telemetry;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;

/** A metric that is read when somebody looks. Threads: any. */
final class GaugeFamily extends MetricFamily<AtomicReference<DoubleSupplier>> {

    GaugeFamily(String name, String help, List<String> labels) {
        super(name, help, labels, values -> new AtomicReference<>(() -> Double.NaN));
    }

    void read(DoubleSupplier reading, String... labelValues) {
        series(labelValues).set(reading);
    }

    @Override
    String type() {
        return "gauge";
    }

    @Override
    void write(PrometheusText page, String[] labelValues, AtomicReference<DoubleSupplier> series) {
        page.sample(name(), labels(), labelValues, reading(series.get()));
    }

    /** A gauge that cannot be read spoils its own line, not the page. */
    private static double reading(DoubleSupplier gauge) {
        try {
            return gauge.getAsDouble();
        } catch (RuntimeException unreadable) {
            return Double.NaN;
        }
    }
}
