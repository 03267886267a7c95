package dev.cairn.ports.telemetry;

/**
 * Where in a trace the work belongs, as it travels between nodes.
 *
 * @param traceparent W3C Trace Context header, version 00; empty = none
 * @param tracestate W3C {@code tracestate} header; empty = none
 */
public record TraceContext(String traceparent, String tracestate) {

    public static final TraceContext NONE = new TraceContext("", "");

    public boolean isPresent() {
        return !traceparent.isEmpty();
    }
}
