package dev.cairn.distribution.telemetry;

import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;

/** A metric that counts up. Threads: any. */
final class CounterFamily extends MetricFamily<DoubleAdder> implements Telemetry.Counter {

    CounterFamily(String name, String help, List<String> labels) {
        super(name, help, labels, values -> new DoubleAdder());
    }

    @Override
    public void add(double amount, String... labelValues) {
        if (amount < 0) {
            throw new IllegalArgumentException(name() + " counts up, got " + amount);
        }
        series(labelValues).add(amount);
    }

    @Override
    String type() {
        return "counter";
    }

    @Override
    void write(PrometheusText page, String[] labelValues, DoubleAdder series) {
        page.sample(name(), labels(), labelValues, series.sum());
    }
}
