package dev.cairn.engine.remote;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;

/** How refusals read to an OpenAI client. */
final class Refusals {

    private static final int MOST_QUOTED = 100;

    private Refusals() {}

    static RequestRefused invalid(String field, String message) {
        return new RequestRefused(RequestProblem.invalid(field, message));
    }

    static RequestRefused badJson(String message, long at) {
        return refused(
                Category.INVALID,
                "invalid_json",
                "the body is not JSON: " + message + " at byte " + at);
    }

    static RequestRefused refused(Category category, String code, String message) {
        return new RequestRefused(RequestProblem.of(category, code, message));
    }

    /** What a client sent, short enough to be sent back. */
    static String quoted(String text) {
        return text.length() <= MOST_QUOTED ? text : text.substring(0, MOST_QUOTED) + "…";
    }

    /** {@code {"error":{"message","type","param","code"}}}. */
    static String body(RequestProblem problem) {
        return JsonWriter.write(
                JsonObject.builder()
                        .put(
                                "error",
                                JsonObject.builder()
                                        .put("message", problem.message())
                                        .put("type", problem.category().type())
                                        .put("param", problem.parameter().orElse(null))
                                        .put("code", problem.code())
                                        .build())
                        .build());
    }

    /** Header lines that tell a client what to do. */
    static String headers(RequestProblem problem) {
        return switch (problem.category()) {
            case UNAUTHENTICATED -> "WWW-Authenticate: Bearer\r\n";
            case OVERLOADED, UNAVAILABLE -> {
                long millis = problem.retryAfterMillis().orElse(1_000);
                yield "Retry-After: "
                        + Math.ceilDiv(millis, 1_000)
                        + "\r\nretry-after-ms: "
                        + millis
                        + "\r\n";
            }
            case INVALID, FORBIDDEN, NOT_FOUND, TOO_LARGE, CANCELLED, INTERNAL, NOT_SERVED -> "";
        };
    }
}
