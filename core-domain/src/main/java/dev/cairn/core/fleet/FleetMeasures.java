package dev.cairn.core.fleet;

import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * What a router measures, labelled {@code model_name}.
 *
 * <p>Threads: recorded by one mailbox; gauges read what that published.
 */
final class FleetMeasures {

    private static final double NANOS = 1e9;
    private static final double[] GAPS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30
    };

    private final String model;
    private final Telemetry.Counter routed;
    private final Telemetry.Counter retries;
    private final Telemetry.Counter migrations;
    private final Telemetry.Counter refused;
    private final Telemetry.Histogram gaps;

    FleetMeasures(
            String model,
            Telemetry telemetry,
            IntSupplier workers,
            IntSupplier waiting,
            IntSupplier bookings) {
        this.model = model;
        routed =
                telemetry.counter(
                        "cairn:routed_requests_total",
                        "Requests sent to a worker, by where the prompt is read: local, remote",
                        List.of("model_name", "prefill"));
        retries =
                telemetry.counter(
                        "cairn:routing_retries_total",
                        "Requests sent to another worker before an answer had begun",
                        List.of("model_name"));
        migrations =
                telemetry.counter(
                        "cairn:migrations_total",
                        "Answers that went on at another worker, by why the first one did not",
                        List.of("model_name", "reason"));
        refused =
                telemetry.counter(
                        "cairn:routing_refused_total",
                        "Requests that the router refused, by code",
                        List.of("model_name", "code"));
        gaps =
                telemetry.histogram(
                        "cairn:migration_gap_seconds",
                        "From the last token of the lost worker to the first of the next",
                        List.of("model_name"),
                        GAPS);
        Map<String, String> labels = Map.of("model_name", model);
        telemetry.gauge(
                "cairn:routing_workers",
                "Workers that may get requests",
                labels,
                workers::getAsInt);
        telemetry.gauge(
                "cairn:routing_waiting",
                "Requests that wait for a worker",
                labels,
                waiting::getAsInt);
        telemetry.gauge(
                "cairn:routing_bookings",
                "Requests booked at workers, once per worker",
                labels,
                bookings::getAsInt);
    }

    void routed(boolean split) {
        routed.add(1, model, split ? "remote" : "local");
    }

    void retried() {
        retries.add(1, model);
    }

    void migrated(String reason) {
        migrations.add(1, model, reason);
    }

    void wentOn(long gapNanos) {
        gaps.record(gapNanos / NANOS, model);
    }

    void refused(String code) {
        refused.add(1, model, code);
    }
}
