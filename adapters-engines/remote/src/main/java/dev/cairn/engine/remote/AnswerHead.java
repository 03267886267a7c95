package dev.cairn.engine.remote;

import dev.cairn.engine.remote.BodyFraming.Kind;

/**
 * What a worker's answer begins with: its status, how its body ends, and the lines that go on to
 * the client. One answer, one thread.
 */
final class AnswerHead {

    private final int status;
    private final byte[] lines;
    private int linesLength;
    private long length = -1;
    private boolean isChunked;
    private boolean closes;
    private boolean isEventStream;

    private AnswerHead(int status, int most) {
        this.status = status;
        this.lines = new byte[most];
    }

    /**
     * @param bytes the head from 0 to {@code to}, empty line included
     * @return null if it is none
     */
    static AnswerHead read(byte[] bytes, int to) {
        int lineEnd = HttpText.lineEnd(bytes, 0, to);
        if (lineEnd < 12
                || !(HttpText.is(bytes, 0, 9, "http/1.1 ")
                        || HttpText.is(bytes, 0, 9, "http/1.0 "))) {
            return null;
        }
        long status = HttpText.length(bytes, 9, 12);
        if (status < 100 || (lineEnd > 12 && bytes[12] != ' ')) {
            return null;
        }
        var head = new AnswerHead((int) status, to);
        head.closes = bytes[7] == '0';
        // The status line goes on as it is, the version aside.
        System.arraycopy(bytes, 0, head.lines, 0, lineEnd + 2);
        head.lines[7] = '1';
        head.linesLength = lineEnd + 2;
        int at = lineEnd + 2;
        while (at < to - 2) {
            at = head.line(bytes, at, to);
            if (at < 0) {
                return null;
            }
        }
        return head;
    }

    private int line(byte[] bytes, int at, int to) {
        int end = HttpText.lineEnd(bytes, at, to);
        int colon = at;
        while (colon < end && bytes[colon] != ':') {
            colon++;
        }
        if (end < 0 || colon == end || !HttpText.isToken(bytes, at, colon)) {
            return -1;
        }
        int from = HttpText.skipSpace(bytes, colon + 1, end);
        int valueEnd = HttpText.trimSpace(bytes, from, end);
        if (!HttpText.isClean(bytes, from, valueEnd)) {
            return -1;
        }
        if (goesOn(bytes, at, colon, from, valueEnd)) {
            System.arraycopy(bytes, at, lines, linesLength, end + 2 - at);
            linesLength += end + 2 - at;
        }
        return end + 2;
    }

    private boolean goesOn(byte[] bytes, int name, int colon, int from, int to) {
        return switch (colon - name) {
            case 10 -> {
                if (HttpText.is(bytes, name, colon, "connection")) {
                    closes |= HttpText.lists(bytes, from, to, "close");
                    yield false;
                }
                yield !HttpText.is(bytes, name, colon, "keep-alive");
            }
            case 12 -> {
                if (HttpText.is(bytes, name, colon, "content-type")) {
                    int media = Math.min(to, from + "text/event-stream".length());
                    isEventStream = HttpText.is(bytes, from, media, "text/event-stream");
                }
                yield !HttpText.is(bytes, name, colon, "x-request-id");
            }
            case 14 -> {
                if (HttpText.is(bytes, name, colon, "content-length")) {
                    length = HttpText.length(bytes, from, to);
                }
                yield true;
            }
            case 17 -> {
                if (HttpText.is(bytes, name, colon, "transfer-encoding")) {
                    isChunked |= HttpText.lists(bytes, from, to, "chunked");
                }
                yield true;
            }
            default -> true;
        };
    }

    int status() {
        return status;
    }

    /** Whether more heads of this answer follow, 100 and its like. */
    boolean isInterim() {
        return status < 200;
    }

    boolean isEventStream() {
        return isEventStream;
    }

    /** Whether the connection serves no further request. */
    boolean closes() {
        return closes || framing().kind() == Kind.CLOSE;
    }

    BodyFraming framing() {
        if (status == 204 || status == 304 || isInterim()) {
            return new BodyFraming(Kind.NOTHING, 0);
        }
        if (isChunked) {
            return new BodyFraming(Kind.CHUNKED, 0);
        }
        return length >= 0 ? new BodyFraming(Kind.LENGTH, length) : new BodyFraming(Kind.CLOSE, 0);
    }

    /** Status line and headers for the client, without the empty line. */
    byte[] lines() {
        return lines;
    }

    int linesLength() {
        return linesLength;
    }
}
