package dev.cairn.distribution.bench.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Server-sent events (WHATWG HTML, section 9.2) out of a body, however its bytes are cut: the data
 * of each event, and when its last byte arrived. Other fields and comments are passed over. One
 * thread.
 */
final class EventReader {

    private static final int LONGEST_EVENT = 8 << 20;
    private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);

    private final Body body;
    private byte[] line = new byte[1024];
    private int length;
    private boolean afterReturn;
    private long arrivedNanos;

    EventReader(Body body) {
        this.body = body;
    }

    /** The data of the next event, lines joined by line feeds; null at the end of the body. */
    String next() throws IOException {
        StringBuilder joined = null;
        String data = null;
        while (readLine()) {
            if (length == 0) {
                if (data != null) {
                    return joined == null ? data : joined.toString();
                }
            } else if (isData()) {
                if (data == null) {
                    data = value();
                } else {
                    joined = joined == null ? new StringBuilder(data) : joined;
                    if (joined.length() > LONGEST_EVENT) {
                        throw tooLong();
                    }
                    joined.append('\n').append(value());
                }
            }
        }
        return null;
    }

    /** When the last byte of the event arrived that {@link #next} gave. */
    long arrivedNanos() {
        return arrivedNanos;
    }

    /** Reads a line, ended by CR, LF or both; what no line end follows is no line. */
    private boolean readLine() throws IOException {
        length = 0;
        while (true) {
            int next = body.read();
            if (next < 0) {
                return false;
            }
            boolean pair = afterReturn && next == '\n';
            afterReturn = next == '\r';
            if (pair) {
                continue;
            }
            if (next == '\n' || next == '\r') {
                arrivedNanos = body.arrivedNanos();
                return true;
            }
            append((byte) next);
        }
    }

    private void append(byte next) throws IOException {
        if (length == line.length) {
            if (length >= LONGEST_EVENT) {
                throw tooLong();
            }
            line = Arrays.copyOf(line, length * 2);
        }
        line[length++] = next;
    }

    private boolean isData() {
        return length >= DATA.length
                && Arrays.equals(line, 0, DATA.length, DATA, 0, DATA.length)
                && (length == DATA.length || line[DATA.length] == ':');
    }

    private String value() {
        int start = Math.min(length, DATA.length + 1);
        if (start < length && line[start] == ' ') {
            start++;
        }
        return new String(line, start, length - start, StandardCharsets.UTF_8);
    }

    private static IOException tooLong() {
        return new IOException("an event of the answer is longer than " + LONGEST_EVENT + " bytes");
    }
}
