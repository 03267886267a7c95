package dev.cairn.ports.cache;

import dev.cairn.ports.system.MemoryLease;

/**
 * A block that is to be read, with room for it. May be used again once its read has ended.
 *
 * @param layout what the reader expects; a block of another layout is absent
 * @param target {@link KvLayout#blockBytes} bytes at least; aligned to 4096 bytes, a disk can read
 *     without a copy
 * @param sliceChecksums one per layer: the tier writes the stored CRC32C here before it reports the
 *     slice, for whoever sends the block on
 */
public record BlockRead(BlockKey key, KvLayout layout, MemoryLease target, int[] sliceChecksums) {

    /** Equal to itself alone: two reads have memory of their own. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
