package dev.cairn.core.fleet;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import java.util.Optional;
import java.util.OptionalLong;

/** What a router tells those whom it does not serve. No worker's name or address is in it. */
final class FleetProblems {

    static final String DEADLINE = "deadline_exceeded";

    private static final long SOON_MILLIS = 1_000;
    private static final long LONGEST_MILLIS = 60_000;

    private FleetProblems() {}

    static RequestProblem shuttingDown() {
        return RequestProblem.of(
                Category.UNAVAILABLE, "shutting_down", "the router is shutting down");
    }

    static RequestProblem nobodyReady() {
        return unavailable(
                "no_worker_ready", "no worker is ready to serve this model; try again in a second");
    }

    static RequestProblem lost() {
        return unavailable(
                "worker_lost",
                "the worker of this request was lost, and no other could go on with it");
    }

    private static RequestProblem unavailable(String code, String message) {
        return new RequestProblem(
                Category.UNAVAILABLE,
                message,
                Optional.empty(),
                code,
                OptionalLong.of(SOON_MILLIS));
    }

    static RequestProblem roomFull() {
        return overloaded(
                "waiting_room_full",
                "no worker is ready, and too many requests wait for one; try again in a second",
                SOON_MILLIS);
    }

    /** Refused before anything was done for it. */
    static RequestProblem unreachable(long lateByNanos) {
        long millis = Math.clamp(lateByNanos / 1_000_000, 1, LONGEST_MILLIS);
        return new RequestProblem(
                Category.OVERLOADED,
                "all workers are busy beyond the request's deadline; try again in "
                        + millis
                        + " ms",
                Optional.empty(),
                "deadline_unreachable",
                OptionalLong.of(millis));
    }

    static RequestProblem late(long retryMillis) {
        return overloaded(DEADLINE, "the request waited beyond its deadline", retryMillis);
    }

    /**
     * @param retryMillis until half of those that wait will have gone
     */
    static RequestProblem queueFull(long retryMillis) {
        return overloaded(
                "queue_full",
                "all workers are busy, and too many requests wait for them; try again in "
                        + retryMillis
                        + " ms",
                retryMillis);
    }

    private static RequestProblem overloaded(String code, String message, long retryMillis) {
        return new RequestProblem(
                Category.OVERLOADED, message, Optional.empty(), code, OptionalLong.of(retryMillis));
    }

    static RequestProblem cancelled() {
        return RequestProblem.of(
                Category.CANCELLED, "request_cancelled", "the request was cancelled");
    }

    static RequestProblem duplicate() {
        return RequestProblem.invalid(
                "request_id", "request_id is in use by a request that still runs");
    }

    /** Whether another worker may do better. */
    static boolean isOfWorker(RequestProblem problem) {
        return switch (problem.category()) {
            case UNAVAILABLE, INTERNAL -> true;
            case OVERLOADED -> !problem.code().equals(DEADLINE);
            case INVALID, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, TOO_LARGE, CANCELLED, NOT_SERVED ->
                    false;
        };
    }
}
