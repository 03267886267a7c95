package dev.cairn.ports.telemetry;

import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * What a part measures of itself.
 *
 * <p>Instruments are made once at start and kept; asking twice for a name gives the same
 * instrument. Metric names are Prometheus names with the project's prefix ({@code cairn:...}) or
 * vLLM's where it has one ({@code vllm:...}). Threads: any; recording never waits and allocates
 * nothing for label values seen before.
 */
public interface Telemetry {

    /**
     * @param labels names of labels, in the order in which {@link Counter#add} gets their values
     */
    Counter counter(String name, String help, List<String> labels);

    /**
     * @param buckets upper bounds, ascending; +Inf is added
     */
    Histogram histogram(String name, String help, List<String> labels, double... buckets);

    /**
     * A value that is read when somebody looks. Registering a name and label set again replaces the
     * reader.
     */
    void gauge(String name, String help, Map<String, String> labels, DoubleSupplier reading);

    /**
     * Starts a span.
     *
     * @param name low-cardinality name, for example {@code "chat cairn-pebble"}
     * @param parent context of the caller, or {@link TraceContext#NONE}
     */
    Span span(String name, TraceContext parent);

    /** Counts up. */
    interface Counter {

        void add(double amount, String... labelValues);
    }

    /** Distribution of values, in the unit that its name ends with (seconds, tokens, bytes). */
    interface Histogram {

        void record(double value, String... labelValues);
    }

    /** A timed piece of work. Ending twice does nothing. */
    interface Span {

        Span attribute(String key, String value);

        Span attribute(String key, long value);

        Span attribute(String key, double value);

        void failed(String reason);

        /** For children and for the next hop. */
        TraceContext context();

        void end();
    }

    /** Telemetry that keeps nothing, for tests and for callers without one. */
    static Telemetry none() {
        return SilentTelemetry.INSTANCE;
    }
}
