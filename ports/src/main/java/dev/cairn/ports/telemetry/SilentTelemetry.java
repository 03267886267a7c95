package dev.cairn.ports.telemetry;

import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** Keeps nothing. */
enum SilentTelemetry implements Telemetry {
    INSTANCE;

    private static final Counter COUNTER = (amount, labelValues) -> {};
    private static final Histogram HISTOGRAM = (value, labelValues) -> {};
    private static final Span SPAN = new SilentSpan();

    @Override
    public Counter counter(String name, String help, List<String> labels) {
        return COUNTER;
    }

    @Override
    public Histogram histogram(String name, String help, List<String> labels, double... buckets) {
        return HISTOGRAM;
    }

    @Override
    public void gauge(
            String name, String help, Map<String, String> labels, DoubleSupplier reading) {}

    @Override
    public Span span(String name, TraceContext parent) {
        return SPAN;
    }

    private static final class SilentSpan implements Span {

        @Override
        public Span attribute(String key, String value) {
            return this;
        }

        @Override
        public Span attribute(String key, long value) {
            return this;
        }

        @Override
        public Span attribute(String key, double value) {
            return this;
        }

        @Override
        public void failed(String reason) {}

        @Override
        public TraceContext context() {
            return TraceContext.NONE;
        }

        @Override
        public void end() {}
    }
}
