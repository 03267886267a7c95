package dev.cairn.core.schedule;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import java.util.Optional;
import java.util.OptionalLong;

/** What a scheduler tells those whom it does not serve. */
final class SchedulerProblems {

    private SchedulerProblems() {}

    static RequestProblem tooLong(int prompt, int maxModelLength) {
        return new RequestProblem(
                Category.INVALID,
                "this engine's maximum context length is "
                        + maxModelLength
                        + " tokens, the prompt has "
                        + prompt
                        + " and an answer needs at least 1",
                Optional.of("prompt"),
                "context_length_exceeded",
                OptionalLong.empty());
    }

    static RequestProblem overload(String code, String what, long retryMillis) {
        return new RequestProblem(
                Category.OVERLOADED,
                what + "; try again in " + retryMillis + " ms",
                Optional.empty(),
                code,
                OptionalLong.of(retryMillis));
    }

    /** What another node sent is not what this one would have generated. */
    static RequestProblem unfit(String why) {
        return RequestProblem.of(
                Category.INTERNAL,
                "continuation_unfit",
                "what was generated elsewhere cannot be continued here: " + why);
    }

    static RequestProblem cancelled() {
        return RequestProblem.of(
                Category.CANCELLED, "request_cancelled", "the request was cancelled");
    }

    static RequestProblem outOfBlocks() {
        return RequestProblem.of(
                Category.INTERNAL,
                "out_of_blocks",
                "the request needs more KV blocks than the engine has");
    }

    static RequestProblem engineFailed(Throwable failure) {
        return RequestProblem.of(
                Category.INTERNAL,
                "engine_failure",
                "the engine failed to compute this request, more than once: "
                        + failure.getMessage());
    }

    static RequestProblem shuttingDown() {
        return RequestProblem.of(
                Category.UNAVAILABLE, "shutting_down", "the engine is shutting down");
    }
}
