package dev.cairn.distribution.bench.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;

/** The body of an answer, whatever its framing (RFC 9112, section 6). One thread. */
final class Body {

    private enum Framing {
        LENGTH,
        CHUNKED,
        UNTIL_CLOSE
    }

    private final WireInput wire;
    private final Framing framing;
    private long left;
    private boolean started;
    private boolean ended;

    private Body(WireInput wire, Framing framing, long left) {
        this.wire = wire;
        this.framing = framing;
        this.left = left;
        this.ended = framing == Framing.LENGTH && left == 0;
    }

    static Body ofLength(WireInput wire, long length) {
        return new Body(wire, Framing.LENGTH, length);
    }

    static Body chunked(WireInput wire) {
        return new Body(wire, Framing.CHUNKED, 0);
    }

    static Body untilClose(WireInput wire) {
        return new Body(wire, Framing.UNTIL_CLOSE, Long.MAX_VALUE);
    }

    /** The next byte, or -1 at the end of the body. */
    int read() throws IOException {
        if (ended || (framing == Framing.CHUNKED && left == 0 && !nextChunk())) {
            return -1;
        }
        int next = wire.read();
        if (next < 0) {
            ended = true;
            if (framing == Framing.UNTIL_CLOSE) {
                return -1;
            }
            throw new EOFException("the connection ended within an answer");
        }
        left--;
        ended = left == 0 && framing == Framing.LENGTH;
        return next;
    }

    long arrivedNanos() {
        return wire.arrivedNanos();
    }

    /** Whether the connection can carry another request once the body was read to its end. */
    boolean leavesConnectionOpen() {
        return framing != Framing.UNTIL_CLOSE;
    }

    /**
     * The rest of the body.
     *
     * @throws IOException also if it is longer than {@code most} bytes
     */
    byte[] readAll(int most) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        for (int next = read(); next >= 0; next = read()) {
            if (bytes.size() == most) {
                throw new IOException("the answer is longer than " + most + " bytes");
            }
            bytes.write(next);
        }
        return bytes.toByteArray();
    }

    private boolean nextChunk() throws IOException {
        if (started && !wire.line().isEmpty()) {
            throw new IOException("a chunk of the answer is longer than it says");
        }
        started = true;
        String line = wire.line();
        int extension = line.indexOf(';');
        String size = (extension < 0 ? line : line.substring(0, extension)).strip();
        try {
            left = Long.parseLong(size, 16);
        } catch (NumberFormatException none) {
            throw new IOException("\"" + size + "\" is no size of a chunk", none);
        }
        if (left < 0) {
            throw new IOException("\"" + size + "\" is no size of a chunk");
        }
        if (left == 0) {
            ended = true;
            while (!wire.line().isEmpty()) {
                // Trailers mean nothing here.
            }
        }
        return left > 0;
    }
}
