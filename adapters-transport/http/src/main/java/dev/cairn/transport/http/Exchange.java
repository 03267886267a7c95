package dev.cairn.transport.http;

import static java.lang.System.Logger.Level.DEBUG;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One request and its response, in the words of this adapter. Used by the request's thread alone.
 */
final class Exchange {

    private static final System.Logger LOGGER = System.getLogger(Exchange.class.getName());

    static final String JSON = "application/json";

    private final ServerRequest request;
    private final ServerResponse response;
    private final ClientConnection connection;
    private final HttpOptions.Limits limits;
    private final String requestId;
    private String tenant = "";
    private int status;

    Exchange(
            ServerRequest request,
            ServerResponse response,
            ClientConnection connection,
            HttpOptions.Limits limits,
            String requestId) {
        this.request = request;
        this.response = response;
        this.connection = connection;
        this.limits = limits;
        this.requestId = requestId;
        response.header(RequestHeaders.REQUEST_ID, requestId);
    }

    String requestId() {
        return requestId;
    }

    String method() {
        return request.prologue().method().text();
    }

    /** Decoded; starts with a slash. */
    String path() {
        return request.path().path();
    }

    /** A parameter of the query, the first of its name. */
    Optional<String> query(String name) {
        return request.query().contains(name)
                ? Optional.of(request.query().get(name))
                : Optional.empty();
    }

    Optional<String> authorization() {
        return request.headers().first(HeaderNames.AUTHORIZATION);
    }

    /** Whether the client is on this machine and does not come through a proxy. */
    boolean direct() {
        return RequestHeaders.direct(request);
    }

    Caller caller() {
        return new Caller(
                tenant,
                RequestHeaders.session(request.headers()),
                RequestHeaders.timeoutMillis(request.headers()),
                RequestHeaders.trace(request.headers()));
    }

    /** Says in the log that fields were accepted and changed nothing. */
    void report(List<String> ignored) {
        if (!ignored.isEmpty()) {
            List<String> some = ignored.stream().limit(20).map(Echo::of).toList();
            LOGGER.log(DEBUG, () -> requestId + " has fields that are ignored: " + some);
        }
    }

    void belongsTo(String tenant) {
        this.tenant = tenant;
    }

    /** What was answered; 0 while nothing was. */
    int status() {
        return status;
    }

    ClientConnection connection() {
        return connection;
    }

    /**
     * The body, read once.
     *
     * @throws RequestRefused if it is no JSON object, or larger or deeper than allowed
     */
    JsonObject body() {
        demandJson();
        String text = utf8(bytes());
        JsonValue value;
        try {
            value = JsonReader.read(text, limits.jsonDepth());
        } catch (JsonException malformed) {
            throw badBody("invalid_json", "the body is not JSON: " + malformed.getMessage());
        }
        if (value instanceof JsonObject object) {
            return object;
        }
        throw badBody("invalid_json", "the body must be a JSON object, got " + Echo.of(value));
    }

    void reply(JsonObject body) {
        reply(200, body);
    }

    void reply(int status, JsonObject body) {
        reply(status, JSON, JsonWriter.write(body));
    }

    void reply(int status, String contentType, String text) {
        this.status = status;
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        response.status(Status.create(status));
        if (request.prologue().method().equals(Method.HEAD)) {
            response.send();
            return;
        }
        if (bytes.length > 0) {
            response.header(HeaderNames.CONTENT_TYPE, contentType);
        }
        try {
            response.send(bytes);
        } catch (UncheckedIOException gone) {
            throw new CloseConnectionException("the client went away", gone);
        }
    }

    void header(String name, String value) {
        response.header(HeaderNames.create(name), value);
    }

    /** Answers with the problem's status and body, and the headers that tell clients what to do. */
    void refuse(RequestProblem problem) {
        switch (problem.category()) {
            case UNAUTHENTICATED -> header("WWW-Authenticate", "Bearer");
            // OpenAI's clients try everything from 500 on again; this will not get better.
            case NOT_SERVED -> header("x-should-retry", "false");
            case OVERLOADED, UNAVAILABLE -> retryAfter(problem.retryAfterMillis().orElse(1_000));
            case INVALID, FORBIDDEN, NOT_FOUND, TOO_LARGE, CANCELLED, INTERNAL -> {}
        }
        reply(problem.category().status(), Problems.body(problem));
    }

    /** Sends status and headers with the first event. */
    EventStream openEventStream() {
        status = 200;
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        response.header(HeaderNames.CACHE_CONTROL, "no-cache");
        // Proxies of nginx's kind would otherwise hold events back.
        header("X-Accel-Buffering", "no");
        return new EventStream(response.outputStream());
    }

    private void retryAfter(long millis) {
        header("Retry-After", Long.toString(Math.ceilDiv(millis, 1_000)));
        header("retry-after-ms", Long.toString(millis));
    }

    private void demandJson() {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        String media = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!media.equals(JSON)) {
            throw new UnsupportedMedia(Echo.of(media));
        }
    }

    private byte[] bytes() {
        try (var in = request.content().inputStream()) {
            byte[] bytes = in.readNBytes((int) limits.bodyBytes() + 1);
            if (bytes.length > limits.bodyBytes()) {
                throw new RequestRefused(
                        RequestProblem.of(
                                Category.TOO_LARGE,
                                "request_too_large",
                                "the body is larger than " + limits.bodyBytes() + " bytes"));
            }
            connection.bodyReceived();
            return bytes;
        } catch (IOException broken) {
            throw badBody("invalid_body", "the body ended before it was complete");
        }
    }

    private static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException malformed) {
            throw badBody("invalid_json", "the body is not UTF-8");
        }
    }

    private static RequestRefused badBody(String code, String message) {
        return new RequestRefused(RequestProblem.of(Category.INVALID, code, message));
    }

    /** HTTP 415: a category of its own would be one for this case only. */
    static final class UnsupportedMedia extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnsupportedMedia(String media) {
            super(
                    "Unsupported Media Type: send Content-Type: application/json, got "
                            + (media.isEmpty() ? "none" : media));
        }
    }
}
