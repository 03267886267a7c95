package dev.cairn.transport.http;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Optional;
import java.util.OptionalLong;

/** How a {@link RequestProblem} reads to an OpenAI client. */
final class Problems {

    /** A message is a sentence, and a sentence has an end. */
    private static final int MESSAGE_LIMIT = 2_000;

    /** What clients learn of a fault of ours. */
    static final RequestProblem INTERNAL =
            RequestProblem.of(
                    Category.INTERNAL,
                    "internal_error",
                    "the server failed; its log has more under this request's x-request-id");

    private Problems() {}

    /** {@code {"error":{"message","type","param","code"}}}. */
    static JsonObject body(RequestProblem problem) {
        String message = problem.message();
        return body(
                message.length() <= MESSAGE_LIMIT
                        ? message
                        : message.substring(0, MESSAGE_LIMIT) + "…",
                problem.category().type(),
                problem.parameter().orElse(null),
                problem.code());
    }

    static JsonObject body(String message, String type, String parameter, String code) {
        return JsonObject.builder()
                .put(
                        "error",
                        JsonObject.builder()
                                .put("message", message)
                                .put("type", type)
                                .put("param", parameter)
                                .put("code", code)
                                .build())
                .build();
    }

    /** Something that this version does not do; the message says what to do instead. */
    static RequestRefused notServed(String parameter, String message) {
        return new RequestRefused(
                new RequestProblem(
                        Category.NOT_SERVED,
                        message,
                        Optional.of(parameter),
                        "not_served",
                        OptionalLong.empty()));
    }

    static RequestProblem draining() {
        return RequestProblem.of(
                Category.UNAVAILABLE,
                "server_shutting_down",
                "this server is shutting down; send the request again");
    }
}
