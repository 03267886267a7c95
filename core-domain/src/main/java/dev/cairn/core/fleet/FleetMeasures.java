package dev.cairn.core.fleet;

import dev.cairn.core.route.Shadowed;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

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

    private static final double[] DIFFERENCES = {
        0, 0.01, 0.1, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000
    };

    private final String model;
    private final Telemetry.Counter routed;
    private final Telemetry.Counter retries;
    private final Telemetry.Counter migrations;
    private final Telemetry.Counter refused;
    private final Telemetry.Histogram gaps;
    private final Telemetry.Histogram waits;
    private final Telemetry.Counter shadowDecisions;
    private final Telemetry.Counter shadowTokens;
    private final Telemetry.Histogram shadowDifference;

    FleetMeasures(
            String model,
            Telemetry telemetry,
            IntSupplier workers,
            IntSupplier waiting,
            LongSupplier waitingTokens,
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
        waits =
                telemetry.histogram(
                        "cairn:routing_wait_seconds",
                        "How long requests waited at the router, by what they waited for:"
                                + " workers_busy, no_worker_ready",
                        List.of("model_name", "for"),
                        GAPS);
        shadowDecisions =
                telemetry.counter(
                        "cairn:shadow_decisions_total",
                        "Requests that a policy was asked about besides, by whether it would have"
                                + " picked the same worker",
                        List.of("model_name", "policy", "agrees"));
        shadowTokens =
                telemetry.counter(
                        "cairn:shadow_cached_tokens_total",
                        "Prompt tokens believed to be cached, at the worker that was picked and at"
                                + " the one that the policy besides would have picked",
                        List.of("model_name", "policy", "at"));
        shadowDifference =
                telemetry.histogram(
                        "cairn:shadow_cost_difference",
                        "Cost of what was done less that of what the policy besides would have"
                                + " done, in that policy's unit",
                        List.of("model_name", "policy"),
                        DIFFERENCES);
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
                "cairn:routing_queued_tokens",
                "Prompt tokens of the requests that wait for a worker",
                labels,
                waitingTokens::getAsLong);
        telemetry.gauge(
                "cairn:routing_bookings",
                "Requests booked at workers, once per worker",
                labels,
                bookings::getAsInt);
    }

    void routed(boolean split) {
        routed.add(1, model, split ? "remote" : "local");
    }

    void shadowed(Shadowed shadow) {
        String policy = shadow.policy();
        shadowDecisions.add(1, model, policy, Boolean.toString(shadow.agrees()));
        shadowTokens.add(shadow.cachedTokensOfPicked(), model, policy, "picked");
        shadowTokens.add(shadow.cachedTokens(), model, policy, "shadow");
        shadowDifference.record(shadow.difference(), model, policy);
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

    void waited(Wait wait) {
        waits.record(wait.nanos() / NANOS, model, wait.reason().word());
    }

    void refused(String code) {
        refused.add(1, model, code);
    }
}
