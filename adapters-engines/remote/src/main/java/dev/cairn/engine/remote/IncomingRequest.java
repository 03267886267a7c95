package dev.cairn.engine.remote;

import dev.cairn.ports.request.RequestProblem.Category;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * The bytes of a request as they arrive, in one piece of memory: head, body, and what follows.
 * Between requests it has none. The loop's thread.
 */
final class IncomingRequest {

    private final RelayServerOptions options;
    private final RelayLoop loop;
    private Slab slab;
    private int filled;
    private int looked;
    private int headTo;
    private int bodyTo;
    private BodyFraming chunks;
    private boolean isComplete;

    IncomingRequest(RelayServerOptions options, RelayLoop loop) {
        this.options = options;
        this.loop = loop;
    }

    /** Whether nothing of a request is here. */
    boolean isEmpty() {
        return filled == 0;
    }

    /** Whether no byte more can be taken. */
    boolean isFull() {
        return slab != null && filled == slab.size();
    }

    boolean isComplete() {
        return isComplete;
    }

    /**
     * @return as the channel says: -1 at the end
     */
    int readFrom(SocketChannel channel) throws IOException {
        if (slab == null) {
            slab = take(SlabPool.LEAST);
        }
        ByteBuffer buffer = slab.buffer();
        buffer.limit(buffer.capacity()).position(filled);
        int count = channel.read(buffer);
        filled += Math.max(0, count);
        return count;
    }

    private Slab take(int bytes) {
        Slab taken = loop.slabs().take(bytes);
        if (taken == null) {
            throw Refusals.refused(
                    Category.OVERLOADED,
                    "overloaded",
                    "too much is being sent at once; send it again later");
        }
        return taken;
    }

    /**
     * @return null if it is not all there
     * @throws RequestHead.Malformed if it is none
     */
    RequestHead head() {
        byte[] bytes = loop.headBytes();
        int most = Math.min(filled, options.headBytes());
        if (most == 0) {
            return null;
        }
        slab.buffer().get(0, bytes, 0, most);
        int end = HttpText.headEnd(bytes, looked - 3, most);
        looked = most;
        if (end < 0) {
            if (most == options.headBytes()) {
                throw new RequestHead.Malformed(
                        431, "the headers are larger than this server allows");
            }
            grow(filled + 1);
            return null;
        }
        headTo = end;
        bodyTo = end;
        return RequestHead.read(bytes, end);
    }

    /**
     * Makes room for the body.
     *
     * @throws dev.cairn.ports.request.RequestRefused if it is larger than allowed
     */
    void expectBody(RequestHead head) {
        if (head.isChunked()) {
            chunks = new BodyFraming(BodyFraming.Kind.CHUNKED, 0);
            return;
        }
        // Whatever happens now, it is not complete.
        bodyTo = Integer.MAX_VALUE;
        demand(head.length());
        grow(headTo + (int) head.length());
        bodyTo = headTo + (int) head.length();
    }

    private void demand(long bytes) {
        if (bytes > options.bodyBytes()) {
            throw Refusals.refused(
                    Category.TOO_LARGE,
                    "request_too_large",
                    "the body is larger than " + options.bodyBytes() + " bytes");
        }
    }

    private void grow(int bytes) {
        if (bytes > slab.size()) {
            Slab larger = take(bytes);
            MemorySegment.copy(slab.segment(), 0, larger.segment(), 0, filled);
            loop.slabs().give(slab);
            slab = larger;
        }
    }

    /** Whether the whole body is there. */
    boolean bodyComplete() {
        if (chunks == null) {
            isComplete = filled >= bodyTo;
        } else {
            unchunk();
        }
        return isComplete;
    }

    /** Chunks are moved together as they come; nothing but the body stays. */
    private void unchunk() {
        ByteBuffer raw = slab.slice(bodyTo, filled);
        int from = bodyTo;
        int end = chunks.end(raw, data -> append(data));
        int rest = end < 0 ? filled : from + end;
        MemorySegment.copy(slab.segment(), rest, slab.segment(), bodyTo, filled - rest);
        filled = bodyTo + filled - rest;
        demand((long) bodyTo - headTo);
        isComplete = end >= 0;
        if (!isComplete) {
            grow(bodyTo + SlabPool.LEAST / 2);
        }
    }

    private void append(ByteBuffer data) {
        // Goes down over framing that was read already.
        MemorySegment.copy(
                MemorySegment.ofBuffer(data), 0, slab.segment(), bodyTo, data.remaining());
        bodyTo += data.remaining();
    }

    MemorySegment body() {
        return slab.segment().asSlice(headTo, (long) bodyTo - headTo);
    }

    /** A part of the body, by bytes from its beginning, for a channel. */
    ByteBuffer bodyBytes(long from, long to) {
        return slab.slice(headTo + (int) from, headTo + (int) to);
    }

    long bodyLength() {
        return (long) bodyTo - headTo;
    }

    /** Nobody needs the request's bytes any more; those of the next one stay. */
    void forgetBody() {
        if (slab != null && filled == bodyTo && isComplete) {
            release();
        }
    }

    /** What follows is the next request. */
    void next() {
        int rest = slab == null ? 0 : filled - bodyTo;
        if (rest == 0) {
            release();
            return;
        }
        MemorySegment.copy(slab.segment(), bodyTo, slab.segment(), 0, rest);
        reset();
        filled = rest;
    }

    /** Gives the memory back. */
    void release() {
        if (slab != null) {
            loop.slabs().give(slab);
            slab = null;
        }
        reset();
    }

    private void reset() {
        filled = 0;
        looked = 0;
        headTo = 0;
        bodyTo = 0;
        chunks = null;
        isComplete = false;
    }
}
