package dev.cairn.distribution.bench.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * Buffered bytes of a connection, with the time at which the bytes now being read came off the
 * socket. One thread.
 */
final class WireInput {

    private static final int LONGEST_LINE = 64 << 10;

    private final InputStream socket;
    private final LongSupplier clock;
    private final byte[] buffer = new byte[16 << 10];
    private int at;
    private int end;
    private long arrivedNanos;

    WireInput(InputStream socket, LongSupplier clock) {
        this.socket = socket;
        this.clock = clock;
    }

    /** The next byte, or -1 at the end. */
    int read() throws IOException {
        return at < end || fill() ? buffer[at++] & 0xFF : -1;
    }

    /** When the byte that was read last arrived here. */
    long arrivedNanos() {
        return arrivedNanos;
    }

    /** A line of a head, without its end. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int next = read(); next != '\n'; next = read()) {
            if (next < 0) {
                throw new EOFException("the connection ended within the head of an answer");
            }
            if (line.length() == LONGEST_LINE) {
                throw new IOException("a header is longer than " + LONGEST_LINE + " bytes");
            }
            line.append((char) next);
        }
        int length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r'
                ? line.substring(0, length - 1)
                : line.toString();
    }

    private boolean fill() throws IOException {
        int count = socket.read(buffer);
        arrivedNanos = clock.getAsLong();
        at = 0;
        end = Math.max(0, count);
        return count > 0;
    }

    /** For messages: what a line of bytes looks like. */
    static String shown(byte[] bytes, int length) {
        String text = new String(bytes, 0, Math.min(length, 200), StandardCharsets.UTF_8);
        return length > 200 ? text + "..." : text;
    }
}
