package dev.cairn.engine.remote;

import dev.cairn.ports.request.RequestProblem.Category;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A request's head: what the relay needs of it, and the header lines that go on to a worker.
 *
 * <p>What one server may read otherwise than the next is refused, so that nothing can hide behind
 * it: two lengths, a length beside chunks, folded lines, line feeds alone (RFC 9112, 6.3 and 11.2).
 * Immutable once read.
 */
final class RequestHead {

    /**
     * A head that is no HTTP/1.1 or asks for what is not spoken; the connection is closed after.
     */
    static final class Malformed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final int status;

        Malformed(int status, String message) {
            super(message, null, false, false);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    private static final int MOST_ID = 128;

    private final String method;
    private final String target;
    private long length;
    private boolean isChunked;
    private boolean closes;
    private boolean expects;
    private boolean isForwarded;
    private String contentType = "";
    private String authorization;
    private String requestId = "";
    private String session = "";
    private List<String> connectionWords = List.of();
    private final byte[] lines;
    private int linesLength;
    private boolean hasLength;
    private boolean hasHost;

    private RequestHead(String method, String target, int most) {
        this.method = method;
        this.target = target;
        this.lines = new byte[most];
    }

    /**
     * @param bytes the head from 0 to {@code to}, empty line included
     * @throws Malformed if it is none
     */
    static RequestHead read(byte[] bytes, int to) {
        int lineEnd = HttpText.lineEnd(bytes, 0, to);
        int first = indexOf(bytes, (byte) ' ', 0, lineEnd);
        int second = indexOf(bytes, (byte) ' ', first + 1, lineEnd);
        if (lineEnd < 0
                || first <= 0
                || second <= first + 1
                || !HttpText.isToken(bytes, 0, first)
                || !HttpText.isClean(bytes, 0, lineEnd)) {
            throw malformed();
        }
        if (!HttpText.is(bytes, second + 1, lineEnd, "http/1.1")) {
            throw new Malformed(505, "this server speaks HTTP/1.1");
        }
        String method = HttpText.text(bytes, 0, first);
        String target = HttpText.text(bytes, first + 1, second);
        var head = new RequestHead(method, target, to - lineEnd);
        int at = lineEnd + 2;
        while (at < to - 2) {
            at = head.line(bytes, at, to);
        }
        head.finish();
        return head;
    }

    private int line(byte[] bytes, int at, int to) {
        int end = HttpText.lineEnd(bytes, at, to);
        int colon = indexOf(bytes, (byte) ':', at, end);
        if (end < 0
                || colon < 0
                || !HttpText.isToken(bytes, at, colon)
                || !HttpText.isClean(bytes, colon, end)) {
            throw malformed();
        }
        int from = HttpText.skipSpace(bytes, colon + 1, end);
        if (!isOurs(bytes, at, colon, from, HttpText.trimSpace(bytes, from, end))) {
            System.arraycopy(bytes, at, lines, linesLength, end + 2 - at);
            linesLength += end + 2 - at;
        }
        return end + 2;
    }

    /** Takes a header in; whether it is not to go on. */
    private boolean isOurs(byte[] bytes, int name, int colon, int from, int to) {
        return switch (colon - name) {
            case 2 -> HttpText.is(bytes, name, colon, "te");
            case 4 -> {
                boolean host = HttpText.is(bytes, name, colon, "host");
                hasHost |= host;
                yield host;
            }
            case 6 -> expect(bytes, name, colon, from, to);
            case 7 ->
                    HttpText.is(bytes, name, colon, "trailer")
                            || HttpText.is(bytes, name, colon, "upgrade");
            case 10 -> connection(bytes, name, colon, from, to);
            case 12 -> idOrType(bytes, name, colon, from, to);
            case 13 -> authorization(bytes, name, colon, from, to);
            case 14 -> length(bytes, name, colon, from, to);
            case 15 -> {
                isForwarded |= HttpText.is(bytes, name, colon, "x-forwarded-for");
                yield false;
            }
            case 17 -> transferEncoding(bytes, name, colon, from, to);
            case 16 -> HttpText.is(bytes, name, colon, "proxy-connection");
            case 19 -> HttpText.is(bytes, name, colon, "proxy-authorization");
            default -> false;
        };
    }

    private boolean expect(byte[] bytes, int name, int colon, int from, int to) {
        if (!HttpText.is(bytes, name, colon, "expect")) {
            return false;
        }
        if (!HttpText.is(bytes, from, to, "100-continue")) {
            throw new Malformed(417, "nothing but 100-continue is expected of this server");
        }
        expects = true;
        return true;
    }

    private boolean connection(byte[] bytes, int name, int colon, int from, int to) {
        if (HttpText.is(bytes, name, colon, "connection")) {
            closes |= HttpText.lists(bytes, from, to, "close");
            connectionWords = new ArrayList<>(connectionWords);
            for (String word : HttpText.text(bytes, from, to).split(",", -1)) {
                connectionWords.add(word.strip());
            }
            return true;
        }
        return HttpText.is(bytes, name, colon, "keep-alive");
    }

    private boolean idOrType(byte[] bytes, int name, int colon, int from, int to) {
        if (HttpText.is(bytes, name, colon, "x-request-id")) {
            requestId = HttpText.text(bytes, from, to);
            return true;
        }
        if (HttpText.is(bytes, name, colon, "x-session-id")) {
            session = HttpText.text(bytes, from, to);
        } else if (HttpText.is(bytes, name, colon, "content-type")) {
            contentType = HttpText.text(bytes, from, to);
        }
        return false;
    }

    private boolean authorization(byte[] bytes, int name, int colon, int from, int to) {
        if (!HttpText.is(bytes, name, colon, "authorization")) {
            return false;
        }
        authorization = HttpText.text(bytes, from, to);
        return true;
    }

    private boolean length(byte[] bytes, int name, int colon, int from, int to) {
        if (!HttpText.is(bytes, name, colon, "content-length")) {
            return false;
        }
        long said = HttpText.length(bytes, from, to);
        if (said < 0 || (hasLength && said != length)) {
            throw malformed();
        }
        hasLength = true;
        length = said;
        return true;
    }

    private boolean transferEncoding(byte[] bytes, int name, int colon, int from, int to) {
        if (!HttpText.is(bytes, name, colon, "transfer-encoding")) {
            return false;
        }
        if (isChunked || !HttpText.is(bytes, from, to, "chunked")) {
            throw new Malformed(501, "a body is sent plain or in chunks, with no other encoding");
        }
        isChunked = true;
        return true;
    }

    private void finish() {
        if (!hasHost || (isChunked && hasLength)) {
            throw malformed();
        }
        for (String word : connectionWords) {
            if (!word.isEmpty() && !word.equalsIgnoreCase("close")) {
                dropLines(word + ":");
            }
        }
        if (!isSound(requestId)) {
            requestId = "";
        }
    }

    /** Headers that the client named as meant for this connection alone. */
    private void dropLines(String prefix) {
        int kept = 0;
        int at = 0;
        while (at < linesLength) {
            int end = HttpText.lineEnd(lines, at, linesLength) + 2;
            String start = HttpText.text(lines, at, Math.min(end, at + prefix.length()));
            if (!start.equalsIgnoreCase(prefix)) {
                System.arraycopy(lines, at, lines, kept, end - at);
                kept += end - at;
            }
            at = end;
        }
        linesLength = kept;
    }

    /** An id that is said again in answers and logs. */
    private static boolean isSound(String id) {
        return id.length() <= MOST_ID && id.chars().allMatch(one -> one > ' ' && one < 0x7f);
    }

    private static int indexOf(byte[] bytes, byte wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static Malformed malformed() {
        return new Malformed(Category.INVALID.status(), "the request is not well-formed HTTP/1.1");
    }

    String method() {
        return method;
    }

    /** Without its query. */
    String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** As the client wrote it. */
    String target() {
        return target;
    }

    long length() {
        return length;
    }

    boolean isChunked() {
        return isChunked;
    }

    /** Whether the client closes, or wants the connection closed, after the answer. */
    boolean closes() {
        return closes;
    }

    /** Whether the client waits to be told to send its body. */
    boolean expects() {
        return expects;
    }

    /** Whether a proxy says that it speaks for another. */
    boolean isForwarded() {
        return isForwarded || has("forwarded:");
    }

    private boolean has(String prefix) {
        for (int at = 0; at < linesLength; ) {
            int end = HttpText.lineEnd(lines, at, linesLength) + 2;
            int to = Math.min(end, at + prefix.length());
            if (HttpText.is(lines, at, to, prefix)) {
                return true;
            }
            at = end;
        }
        return false;
    }

    boolean isJson() {
        String media = contentType;
        int semicolon = media.indexOf(';');
        return (semicolon < 0 ? media : media.substring(0, semicolon))
                .strip()
                .equalsIgnoreCase("application/json");
    }

    String contentType() {
        return contentType;
    }

    Optional<String> authorization() {
        return Optional.ofNullable(authorization);
    }

    /** Empty if the client sent none that can be said again. */
    String requestId() {
        return requestId;
    }

    /** Key for affinity; empty = none. */
    String session() {
        return session;
    }

    /** The head that goes on to a worker, but for the lines that every attempt makes its own. */
    byte[] forwarded(String id, boolean withAuthorization) {
        var own = new StringBuilder(64 + target.length());
        own.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
        own.append("x-request-id: ").append(id).append("\r\n");
        if (withAuthorization && authorization != null) {
            own.append("Authorization: ").append(authorization).append("\r\n");
        }
        byte[] start = own.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = Arrays.copyOf(start, start.length + linesLength);
        System.arraycopy(lines, 0, all, start.length, linesLength);
        return all;
    }
}
