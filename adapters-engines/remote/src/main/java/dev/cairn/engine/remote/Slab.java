package dev.cairn.engine.remote;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Memory outside the heap in which a request's bytes lie. Used by the loop's thread alone. */
final class Slab implements AutoCloseable {

    private final Arena arena;
    private final MemorySegment segment;
    private final ByteBuffer buffer;

    Slab(long size) {
        this.arena = Arena.ofConfined();
        this.segment = arena.allocate(size, Long.BYTES);
        this.buffer = segment.asByteBuffer();
    }

    int size() {
        return buffer.capacity();
    }

    MemorySegment segment() {
        return segment;
    }

    /** A view with marks of its own. */
    ByteBuffer slice(int from, int to) {
        return buffer.slice(from, to - from);
    }

    /** The whole memory; whoever uses it sets its marks first. */
    ByteBuffer buffer() {
        return buffer;
    }

    @Override
    public void close() {
        arena.close();
    }
}
