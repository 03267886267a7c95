/**
 * What the process tells about itself: metrics as a Prometheus page, spans through OpenTelemetry
 * where an exporter is configured, logs as text or JSON lines.
 *
 * <p>Start at {@code ProgramTelemetry}, which is the {@code Telemetry} port of everybody. Depends
 * on {@code ports}, OpenTelemetry, and {@code java.logging}.
 */
package dev.cairn.distribution.telemetry;
