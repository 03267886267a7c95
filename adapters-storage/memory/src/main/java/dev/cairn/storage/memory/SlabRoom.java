package dev.cairn.storage.memory;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A reserved slot of the slab in the hands of who writes a block there. Threads: the lease any,
 * {@link #claim}, {@link #taken} and {@link #isTaken} under the tier's lock.
 */
final class SlabRoom implements MemoryLease {

    private final MemoryTier tier;
    private final BlockKey key;
    private final KvLayout layout;
    private final int slot;
    private final MemorySegment bytes;
    private final AtomicBoolean closed = new AtomicBoolean();
    private boolean claimed;
    private boolean taken;

    SlabRoom(MemoryTier tier, BlockKey key, KvLayout layout, int slot, MemorySegment bytes) {
        this.tier = tier;
        this.key = key;
        this.layout = layout;
        this.slot = slot;
        this.bytes = bytes;
    }

    int slot() {
        return slot;
    }

    /** Whether it was given for this block, which is put for the first time. */
    boolean claim(MemoryTier asked, BlockWrite write) {
        boolean fits =
                tier == asked
                        && !claimed
                        && !closed.get()
                        && key.equals(write.key())
                        && layout.equals(write.block().layout());
        claimed |= fits;
        return fits;
    }

    /** Its block is one of the tier's. */
    void taken() {
        taken = true;
    }

    boolean isTaken() {
        return taken;
    }

    @Override
    public MemorySegment segment() {
        if (closed.get()) {
            throw new IllegalStateException("the room was given back");
        }
        return bytes;
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            throw new IllegalStateException("the room was given back twice");
        }
        tier.left(this);
    }
}
