/**
 * Counters, histograms, gauges and spans without a library's types, because a plugin sees only the
 * JDK and {@code ports}.
 *
 * <p>{@code distribution} implements {@link dev.cairn.ports.telemetry.Telemetry} over OpenTelemetry
 * and the metrics page. Start there. Depends on the JDK alone.
 */
package dev.cairn.ports.telemetry;
