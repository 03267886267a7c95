package dev.cairn.core.testing;

import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Keeps what was measured, by name and label values: {@code "name{a,b}"}. */
public final class RecordedTelemetry implements Telemetry {

    private final Map<String, Double> counters = new HashMap<>();
    private final Map<String, List<Double>> histograms = new HashMap<>();
    private final Map<String, DoubleSupplier> gauges = new HashMap<>();
    private final List<RecordedSpan> spans = new ArrayList<>();

    public double counter(String series) {
        return counters.getOrDefault(series, 0.0);
    }

    public List<Double> histogram(String series) {
        return histograms.getOrDefault(series, List.of());
    }

    public double gauge(String name) {
        return gauges.get(name).getAsDouble();
    }

    public List<RecordedSpan> spans() {
        return spans;
    }

    private static String series(String name, List<String> labels, String[] values) {
        if (labels.size() != values.length) {
            throw new IllegalArgumentException(name + " has the labels " + labels);
        }
        return name + "{" + String.join(",", values) + "}";
    }

    @Override
    public Counter counter(String name, String help, List<String> labels) {
        return (amount, values) ->
                counters.merge(series(name, labels, values), amount, Double::sum);
    }

    @Override
    public Histogram histogram(String name, String help, List<String> labels, double... buckets) {
        return (value, values) ->
                histograms
                        .computeIfAbsent(series(name, labels, values), _ -> new ArrayList<>())
                        .add(value);
    }

    @Override
    public void gauge(
            String name, String help, Map<String, String> labels, DoubleSupplier reading) {
        gauges.put(name, reading);
    }

    @Override
    public Span span(String name, TraceContext parent) {
        RecordedSpan span = new RecordedSpan(name);
        spans.add(span);
        return span;
    }

    /** A span with its attributes. */
    public static final class RecordedSpan implements Span {

        private final String name;
        private final Map<String, Object> attributes = new HashMap<>();
        private String failure;
        private boolean ended;

        private RecordedSpan(String name) {
            this.name = name;
        }

        public String name() {
            return name;
        }

        public Map<String, Object> attributes() {
            return attributes;
        }

        public String failure() {
            return failure;
        }

        public boolean hasEnded() {
            return ended;
        }

        @Override
        public Span attribute(String key, String value) {
            attributes.put(key, value);
            return this;
        }

        @Override
        public Span attribute(String key, long value) {
            attributes.put(key, value);
            return this;
        }

        @Override
        public Span attribute(String key, double value) {
            attributes.put(key, value);
            return this;
        }

        @Override
        public void failed(String reason) {
            failure = reason;
        }

        @Override
        public TraceContext context() {
            return TraceContext.NONE;
        }

        @Override
        public void end() {
            ended = true;
        }
    }
}
