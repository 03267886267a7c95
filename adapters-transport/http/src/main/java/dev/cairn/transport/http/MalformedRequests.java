package dev.cairn.transport.http;

import dev.cairn.ports.system.JsonWriter;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import java.nio.charset.StandardCharsets;

/**
 * Answers what never becomes a request: bad HTTP, headers or bodies over the bound. The connection
 * is closed afterwards, because where the next request begins is not known.
 */
final class MalformedRequests implements DirectHandler {

    static DirectHandlers handlers() {
        var handlers = DirectHandlers.builder();
        for (EventType type : EventType.values()) {
            handlers.addHandler(type, new MalformedRequests());
        }
        return handlers.build();
    }

    @Override
    public TransportResponse handle(
            TransportRequest request,
            EventType type,
            Status status,
            ServerResponseHeaders headers,
            String message) {
        if (ClientConnection.CURRENT.isBound()) {
            ClientConnection.CURRENT.get().refuseUnread();
        }
        return TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderNames.CONTENT_TYPE, Exchange.JSON)
                .keepAlive(false)
                .entity(body(status.code()).getBytes(StandardCharsets.UTF_8))
                .build();
    }

    private static String body(int status) {
        String message =
                switch (status) {
                    case 413 -> "the body is larger than this server allows";
                    case 414 -> "the request line is longer than this server allows";
                    case 500 -> "the server failed; its log has more";
                    case 503 -> "too many requests at once; send it again later";
                    case 505 -> "this server speaks HTTP/1.1";
                    default ->
                            "the request is not well-formed HTTP/1.1, or its headers are larger"
                                    + " than this server allows";
                };
        String code =
                switch (status) {
                    case 413 -> "request_too_large";
                    case 500 -> "internal_error";
                    case 503 -> "overloaded";
                    default -> "malformed_request";
                };
        return JsonWriter.write(
                Problems.body(
                        message,
                        status >= 500 ? "server_error" : "invalid_request_error",
                        null,
                        code));
    }
}
