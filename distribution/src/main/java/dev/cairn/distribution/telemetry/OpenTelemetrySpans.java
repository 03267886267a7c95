package dev.cairn.distribution.telemetry;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.ports.telemetry.TraceContext;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Spans through the OpenTelemetry SDK. Threads: any. */
final class OpenTelemetrySpans implements Spans {

    private static final String SCOPE = "dev.cairn";

    private final OpenTelemetrySdk sdk;
    private final Tracer tracer;

    private OpenTelemetrySpans(OpenTelemetrySdk sdk, String version) {
        this.sdk = sdk;
        this.tracer = sdk.getTracerProvider().get(SCOPE, version);
    }

    /** To a collector by OTLP over HTTP; the SDK's own {@code OTEL_*} variables refine it. */
    static OpenTelemetrySpans toCollector(Configuration configuration, String version) {
        Map<String, String> properties = new HashMap<>();
        properties.put("otel.service.name", "cairn");
        properties.put("otel.traces.exporter", "otlp");
        properties.put("otel.metrics.exporter", "none");
        properties.put("otel.logs.exporter", "none");
        properties.put("otel.exporter.otlp.protocol", "http/protobuf");
        configuration
                .text(ProgramSettings.OTLP_ENDPOINT)
                .ifPresent(endpoint -> properties.put("otel.exporter.otlp.endpoint", endpoint));
        configuration
                .text(ProgramSettings.OTLP_HEADERS)
                .ifPresent(headers -> properties.put("otel.exporter.otlp.headers", headers));
        try {
            OpenTelemetrySdk sdk =
                    AutoConfiguredOpenTelemetrySdk.builder()
                            .addPropertiesSupplier(() -> properties)
                            .disableShutdownHook()
                            .build()
                            .getOpenTelemetrySdk();
            return new OpenTelemetrySpans(sdk, version);
        } catch (RuntimeException refused) {
            throw configuration.problem(
                    ProgramSettings.OTLP_ENDPOINT,
                    "spans cannot be exported there: " + refused.getMessage());
        }
    }

    /** To the log, a line per span, for a look without a collector. */
    static OpenTelemetrySpans toLog(String version) {
        Resource resource =
                Resource.getDefault()
                        .merge(
                                Resource.create(
                                        Attributes.builder().put("service.name", "cairn").build()));
        OpenTelemetrySdk sdk =
                OpenTelemetrySdk.builder()
                        .setTracerProvider(
                                SdkTracerProvider.builder()
                                        .setResource(resource)
                                        .addSpanProcessor(SimpleSpanProcessor.create(new SpanLog()))
                                        .build())
                        .build();
        return new OpenTelemetrySpans(sdk, version);
    }

    @Override
    public Telemetry.Span start(String name, TraceContext parent) {
        SpanBuilder builder = tracer.spanBuilder(name).setSpanKind(SpanKind.SERVER);
        if (parent.isPresent()) {
            builder.setParent(
                    W3CTraceContextPropagator.getInstance()
                            .extract(Context.root(), parent, Headers.INSTANCE));
        } else {
            builder.setNoParent();
        }
        return new StartedSpan(builder.startSpan());
    }

    @Override
    public void close() {
        sdk.getSdkTracerProvider().shutdown().join(5, TimeUnit.SECONDS);
    }

    /** The two W3C headers of a context. */
    private enum Headers implements TextMapGetter<TraceContext> {
        INSTANCE;

        @Override
        public Iterable<String> keys(TraceContext carrier) {
            return java.util.List.of("traceparent", "tracestate");
        }

        @Override
        public String get(TraceContext carrier, String key) {
            return switch (key) {
                case "traceparent" -> carrier.traceparent();
                case "tracestate" -> carrier.tracestate().isEmpty() ? null : carrier.tracestate();
                default -> null;
            };
        }
    }

    /** A span of the SDK behind the port. */
    private record StartedSpan(Span span) implements Telemetry.Span {

        @Override
        public Telemetry.Span attribute(String key, String value) {
            span.setAttribute(key, value);
            return this;
        }

        @Override
        public Telemetry.Span attribute(String key, long value) {
            span.setAttribute(key, value);
            return this;
        }

        @Override
        public Telemetry.Span attribute(String key, double value) {
            span.setAttribute(key, value);
            return this;
        }

        @Override
        public void failed(String reason) {
            span.setStatus(StatusCode.ERROR, reason);
        }

        @Override
        public TraceContext context() {
            SpanContext context = span.getSpanContext();
            Map<String, String> headers = new HashMap<>();
            W3CTraceContextPropagator.getInstance()
                    .inject(Context.root().with(Span.wrap(context)), headers, Map::put);
            return new TraceContext(
                    headers.getOrDefault("traceparent", ""),
                    headers.getOrDefault("tracestate", ""));
        }

        @Override
        public void end() {
            span.end();
        }
    }
}
