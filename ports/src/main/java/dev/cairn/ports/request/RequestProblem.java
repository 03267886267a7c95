package dev.cairn.ports.request;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Why a request was not served, worded for the client: what is wrong, with which value, and what to
 * write.
 *
 * @param parameter the field at fault, dotted: {@code "top_p"}, {@code "messages[0].content"}
 * @param code stable word for programs: {@code "invalid_value"}, {@code "model_not_found"}, {@code
 *     "context_length_exceeded"}
 * @param retryAfterMillis for {@link Category#OVERLOADED} and {@link Category#UNAVAILABLE}: when to
 *     try again
 */
public record RequestProblem(
        Category category,
        String message,
        Optional<String> parameter,
        String code,
        OptionalLong retryAfterMillis) {

    /** Who has to do what about it. */
    public enum Category {
        /** The request is wrong: HTTP 400. */
        INVALID,
        /** HTTP 401. */
        UNAUTHENTICATED,
        /** HTTP 403. */
        FORBIDDEN,
        /** HTTP 404. */
        NOT_FOUND,
        /** HTTP 413. */
        TOO_LARGE,
        /** Queues are full; again later: HTTP 429. */
        OVERLOADED,
        /** The client went away, or an operator ended it: HTTP 499 in logs. */
        CANCELLED,
        /** A fault of ours: HTTP 500. */
        INTERNAL,
        /** Cairn does not do this (yet): HTTP 501. */
        NOT_SERVED,
        /** Draining, starting or without an engine: HTTP 503. */
        UNAVAILABLE
    }

    public static RequestProblem invalid(String parameter, String message) {
        return new RequestProblem(
                Category.INVALID,
                message,
                Optional.of(parameter),
                "invalid_value",
                OptionalLong.empty());
    }

    public static RequestProblem of(Category category, String code, String message) {
        return new RequestProblem(category, message, Optional.empty(), code, OptionalLong.empty());
    }
}
