package dev.cairn.storage.memory;

import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/** A part of the slab in somebody else's hands, not to be written. */
final class LentBytes implements MemoryLease {

    private final MemoryTier tier;
    private final int slot;
    private final int generation;
    private final MemorySegment bytes;
    private final AtomicBoolean closed = new AtomicBoolean();

    LentBytes(MemoryTier tier, int slot, MemorySegment bytes) {
        this.tier = tier;
        this.slot = slot;
        this.generation = tier.generationOf(slot);
        this.bytes = bytes;
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
        tier.returned(slot, generation);
    }
}
