package dev.cairn.transport.http;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.telemetry.TraceContext;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** What is read from headers; whatever does not look as it should counts as left out. */
final class RequestHeaders {

    static final HeaderName REQUEST_ID = HeaderNames.create("x-request-id");
    private static final HeaderName SESSION = HeaderNames.create("x-session-id");
    private static final HeaderName TRACE_PARENT = HeaderNames.create("traceparent");
    private static final HeaderName TRACE_STATE = HeaderNames.create("tracestate");

    private static final HeaderName TIMEOUT = HeaderNames.create("x-request-timeout-ms");
    private static final long MOST_MILLIS = 86_400_000;
    private static final Pattern MILLIS = Pattern.compile("[0-9]{1,9}");

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

    /** W3C Trace Context, version 00; all-zero ids are invalid. */
    private static final Pattern TRACE =
            Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private static final Pattern STATE = Pattern.compile("[\\x20-\\x7e]{1,512}");

    private RequestHeaders() {}

    /** The client's {@code x-request-id}, or a new one. */
    static String requestId(ServerRequestHeaders headers) {
        return headers.first(REQUEST_ID)
                .filter(id -> ID.matcher(id).matches())
                .orElseGet(() -> "req_" + randomHex());
    }

    /** The client's {@code x-session-id}; empty if it sends none. */
    static String session(ServerRequestHeaders headers) {
        return headers.first(SESSION).filter(id -> ID.matcher(id).matches()).orElse("");
    }

    /**
     * The client's {@code x-request-timeout-ms}: how long its request may wait before it begins.
     *
     * @throws RequestRefused if it is no number of milliseconds from 1 to a day: who sets a
     *     deadline must not wait for ever because of a slip
     */
    static OptionalLong timeoutMillis(ServerRequestHeaders headers) {
        Optional<String> text = headers.first(TIMEOUT);
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        if (MILLIS.matcher(text.get()).matches()) {
            long millis = Long.parseLong(text.get());
            if (millis >= 1 && millis <= MOST_MILLIS) {
                return OptionalLong.of(millis);
            }
        }
        throw new RequestRefused(
                RequestProblem.invalid(
                        "x-request-timeout-ms",
                        "the header x-request-timeout-ms must be a whole number of milliseconds"
                                + " from 1 to "
                                + MOST_MILLIS));
    }

    static TraceContext trace(ServerRequestHeaders headers) {
        return headers.first(TRACE_PARENT)
                .filter(parent -> TRACE.matcher(parent).matches())
                .map(parent -> new TraceContext(parent, state(headers).orElse("")))
                .orElse(TraceContext.NONE);
    }

    static boolean direct(ServerRequest request) {
        boolean forwarded =
                request.headers().contains(HeaderNames.X_FORWARDED_FOR)
                        || request.headers().contains(HeaderNames.FORWARDED);
        return !forwarded
                && request.remotePeer().address() instanceof InetSocketAddress peer
                && peer.getAddress() != null
                && peer.getAddress().isLoopbackAddress();
    }

    /** 32 hexadecimal digits; unique, not secret. */
    static String randomHex() {
        var random = ThreadLocalRandom.current();
        return HexFormat.of().toHexDigits(random.nextLong())
                + HexFormat.of().toHexDigits(random.nextLong());
    }

    private static Optional<String> state(ServerRequestHeaders headers) {
        return headers.first(TRACE_STATE).filter(state -> STATE.matcher(state).matches());
    }
}
