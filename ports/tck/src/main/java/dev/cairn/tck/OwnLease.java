package dev.cairn.tck;

import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A lease of its own memory, for tests. */
final class OwnLease implements MemoryLease {

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    private OwnLease(long bytes) {
        segment = arena.allocate(bytes, 64);
    }

    static OwnLease native64(long bytes) {
        return new OwnLease(bytes);
    }

    @Override
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public void close() {
        arena.close();
    }
}
