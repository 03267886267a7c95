package dev.cairn.distribution.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.ports.telemetry.TraceContext;
import org.junit.jupiter.api.Test;

class OpenTelemetrySpansTest {

    private static final TraceContext CALLER =
            new TraceContext("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "vendor=x");

    @Test
    void aSpanContinuesTheTraceOfItsCaller() {
        try (OpenTelemetrySpans spans = OpenTelemetrySpans.toLog("test")) {
            Telemetry.Span span = spans.start("chat tiny", CALLER);

            assertThat(span.context().traceparent())
                    .startsWith("00-0af7651916cd43dd8448eb211c80319c-")
                    .doesNotContain("b7ad6b7169203331")
                    .endsWith("-01");
            assertThat(span.context().tracestate()).isEqualTo("vendor=x");
            span.end();
        }
    }

    @Test
    void withoutACallerATraceBegins() {
        try (OpenTelemetrySpans spans = OpenTelemetrySpans.toLog("test")) {
            Telemetry.Span span = spans.start("chat tiny", TraceContext.NONE);

            assertThat(span.context().isPresent()).isTrue();
            span.end();
        }
    }

    @Test
    void withoutAnExporterTheCallersContextPassesThrough() {
        assertThat(Spans.passing().start("chat tiny", CALLER).context()).isEqualTo(CALLER);
    }
}
