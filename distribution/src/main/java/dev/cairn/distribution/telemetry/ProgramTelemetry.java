package dev.cairn.distribution.telemetry;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.ports.telemetry.TraceContext;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;

/** The telemetry of the running program: metrics always, spans where configuration sends them. */
public final class ProgramTelemetry implements Telemetry, AutoCloseable {

    private final Metrics metrics = new Metrics();
    private final Spans spans;

    ProgramTelemetry(Spans spans) {
        this.spans = spans;
    }

    /**
     * OpenTelemetry is touched only where an exporter is configured: loading it costs a tenth of
     * the whole start.
     */
    public static ProgramTelemetry of(Configuration configuration, String version) {
        String exporter = configuration.requiredText(ProgramSettings.TRACE_EXPORTER);
        boolean endpoint = configuration.text(ProgramSettings.OTLP_ENDPOINT).isPresent();
        return switch (exporter) {
            case "none" ->
                    new ProgramTelemetry(
                            endpoint && !configuration.isSet(ProgramSettings.TRACE_EXPORTER)
                                    ? OpenTelemetrySpans.toCollector(configuration, version)
                                    : Spans.passing());
            case "otlp" ->
                    new ProgramTelemetry(OpenTelemetrySpans.toCollector(configuration, version));
            case "logging" -> new ProgramTelemetry(OpenTelemetrySpans.toLog(version));
            case String other ->
                    throw configuration.problem(
                            ProgramSettings.TRACE_EXPORTER,
                            "\"" + other + "\" is no exporter; write none, otlp or logging");
        };
    }

    /** All metrics in Prometheus' text format. */
    public String metricsPage() {
        return metrics.page();
    }

    @Override
    public Counter counter(String name, String help, List<String> labels) {
        return metrics.counter(name, help, labels);
    }

    @Override
    public Histogram histogram(String name, String help, List<String> labels, double... buckets) {
        return metrics.histogram(name, help, labels, buckets);
    }

    @Override
    public void gauge(
            String name, String help, Map<String, String> labels, DoubleSupplier reading) {
        SequencedMap<String, String> sorted = new TreeMap<>(labels);
        metrics.gauge(name, help, List.copyOf(sorted.keySet()))
                .read(reading, sorted.values().toArray(String[]::new));
    }

    @Override
    public Span span(String name, TraceContext parent) {
        return spans.start(name, parent);
    }

    @Override
    public void close() {
        spans.close();
    }
}
