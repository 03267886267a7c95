package dev.cairn.distribution.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;

/** Writes finished spans to the log. */
final class SpanLog implements SpanExporter {

    private static final System.Logger LOG = System.getLogger("dev.cairn.spans");

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        for (SpanData span : spans) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "span \"%s\" trace %s id %s parent %s took %.3f ms %s %s"
                            .formatted(
                                    span.getName(),
                                    span.getTraceId(),
                                    span.getSpanId(),
                                    span.getParentSpanId(),
                                    (span.getEndEpochNanos() - span.getStartEpochNanos()) / 1e6,
                                    span.getStatus().getStatusCode(),
                                    span.getAttributes()));
        }
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
        return CompletableResultCode.ofSuccess();
    }
}
