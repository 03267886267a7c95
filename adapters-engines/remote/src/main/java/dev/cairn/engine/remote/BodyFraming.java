package dev.cairn.engine.remote;

import java.nio.ByteBuffer;

/** Finds where a message's body ends, without touching what is in it. One message, one thread. */
final class BodyFraming {

    /** How the end is told. */
    enum Kind {
        NOTHING,
        LENGTH,
        CHUNKED,
        /** By closing the connection. */
        CLOSE
    }

    /** Gets the body without its framing. */
    interface Payload {

        void bytes(ByteBuffer data);
    }

    /** The framing is none. */
    static final class BadFraming extends RuntimeException {

        private static final long serialVersionUID = 1L;

        BadFraming(String message) {
            super(message, null, false, false);
        }
    }

    private enum Chunk {
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILER_START,
        TRAILER,
        TRAILER_LF,
        LAST_LF
    }

    private static final int MOST_LINE = 4096;

    private final Kind kind;
    private long left;
    private Chunk chunk = Chunk.SIZE;
    private int digits;
    private int line;

    BodyFraming(Kind kind, long length) {
        this.kind = kind;
        this.left = length;
    }

    Kind kind() {
        return kind;
    }

    /** Whether nothing is half said: something else may be said here. */
    boolean isBetweenChunks() {
        return kind == Kind.CHUNKED && chunk == Chunk.SIZE && digits == 0;
    }

    /** Whether the body ends before its first byte. */
    boolean isEmpty() {
        return kind == Kind.NOTHING || (kind == Kind.LENGTH && left == 0);
    }

    /**
     * Follows some bytes of the message.
     *
     * @param data from its position to its limit; not changed
     * @param payload may be null
     * @return the index after the message's last byte, or -1 if it goes on
     * @throws BadFraming if it is none
     */
    int end(ByteBuffer data, Payload payload) {
        return switch (kind) {
            case NOTHING -> data.position();
            case LENGTH -> afterLength(data, payload);
            case CHUNKED -> afterChunks(data, payload);
            case CLOSE -> {
                tell(data, data.position(), data.limit(), payload);
                yield -1;
            }
        };
    }

    private int afterLength(ByteBuffer data, Payload payload) {
        int take = (int) Math.min(left, data.remaining());
        tell(data, data.position(), data.position() + take, payload);
        left -= take;
        return left == 0 ? data.position() + take : -1;
    }

    private int afterChunks(ByteBuffer data, Payload payload) {
        int at = data.position();
        int limit = data.limit();
        while (at < limit) {
            if (chunk == Chunk.DATA) {
                int take = (int) Math.min(left, limit - at);
                tell(data, at, at + take, payload);
                at += take;
                left -= take;
                if (left == 0) {
                    chunk = Chunk.DATA_CR;
                }
            } else {
                byte one = data.get(at++);
                if (chunk == Chunk.LAST_LF) {
                    demand(one == '\n');
                    return at;
                }
                chunk = step(one);
            }
        }
        return -1;
    }

    private Chunk step(byte one) {
        return switch (chunk) {
            case SIZE -> size(one);
            case EXTENSION -> one == '\r' ? Chunk.SIZE_LF : stay(Chunk.EXTENSION);
            case SIZE_LF -> {
                demand(one == '\n');
                digits = 0;
                line = 0;
                yield left == 0 ? Chunk.TRAILER_START : Chunk.DATA;
            }
            case DATA_CR -> {
                demand(one == '\r');
                yield Chunk.DATA_LF;
            }
            case DATA_LF -> {
                demand(one == '\n');
                yield Chunk.SIZE;
            }
            case TRAILER_START -> one == '\r' ? Chunk.LAST_LF : stay(Chunk.TRAILER);
            case TRAILER -> one == '\r' ? Chunk.TRAILER_LF : stay(Chunk.TRAILER);
            case TRAILER_LF -> {
                demand(one == '\n');
                yield Chunk.TRAILER_START;
            }
            case DATA, LAST_LF -> throw new IllegalStateException("handled by its caller");
        };
    }

    private Chunk size(byte one) {
        int digit = Character.digit(one, 16);
        if (digit >= 0) {
            demand(digits++ < 15);
            left = (digits == 1 ? 0 : left << 4) + digit;
            return Chunk.SIZE;
        }
        demand(digits > 0);
        if (one == '\r') {
            return Chunk.SIZE_LF;
        }
        demand(one == ';' || one == ' ' || one == '\t');
        return Chunk.EXTENSION;
    }

    private Chunk stay(Chunk same) {
        demand(line++ < MOST_LINE);
        return same;
    }

    private static void demand(boolean right) {
        if (!right) {
            throw new BadFraming("chunks that are none");
        }
    }

    private static void tell(ByteBuffer data, int from, int to, Payload payload) {
        if (payload != null && to > from) {
            payload.bytes(data.slice(from, to - from));
        }
    }
}
