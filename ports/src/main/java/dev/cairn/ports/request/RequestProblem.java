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
        /** The request is wrong. */
        INVALID(400, "invalid_request_error"),
        UNAUTHENTICATED(401, "invalid_request_error"),
        FORBIDDEN(403, "permission_error"),
        NOT_FOUND(404, "invalid_request_error"),
        TOO_LARGE(413, "invalid_request_error"),
        /** Queues are full; again later. */
        OVERLOADED(429, "rate_limit_error"),
        /** The client went away, or an operator ended it: seen in logs. */
        CANCELLED(499, "request_cancelled"),
        /** A fault of ours. */
        INTERNAL(500, "server_error"),
        /** Cairn does not do this (yet). */
        NOT_SERVED(501, "not_implemented_error"),
        /** Draining, starting or without an engine. */
        UNAVAILABLE(503, "server_error");

        private final int status;
        private final String type;

        Category(int status, String type) {
            this.status = status;
            this.type = type;
        }

        /** Of HTTP. */
        public int status() {
            return status;
        }

        /** The {@code type} of an error body: OpenAI's word where it has one. */
        public String type() {
            return type;
        }
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
