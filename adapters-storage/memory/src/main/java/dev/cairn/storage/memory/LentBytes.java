package dev.cairn.storage.memory;

import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/** A part of the slab in somebody else's hands, not to be written. */
final class LentBytes implements MemoryLease {

    private final MemorySegment bytes;
    private final Runnable returned;
    private final AtomicBoolean closed = new AtomicBoolean();

    LentBytes(MemorySegment bytes, Runnable returned) {
        this.bytes = bytes;
        this.returned = returned;
    }

    @Override
    public MemorySegment segment() {
        if (closed.get()) {
            throw new IllegalStateException("the bytes were given back");
        }
        return bytes;
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            throw new IllegalStateException("the bytes were given back twice");
        }
        returned.run();
    }
}
