package dev.cairn.ports.cache;

import dev.cairn.ports.system.MemoryLease;
import java.nio.ByteBuffer;

/**
 * A block that is to be read, with room for it. May be used again once its read has ended; the tier
 * makes no objects for it.
 *
 * <p>Threads: the caller's before the read and after its end, the tier's in between.
 */
public final class BlockRead {

    private final BlockKey key;
    private final KvLayout layout;
    private final MemoryLease target;
    private final int[] sliceChecksums;
    private final ByteBuffer view;

    /**
     * @param layout what the reader expects; a block of another layout is absent
     * @param target {@link KvLayout#blockBytes} bytes at least; aligned to 4096 bytes, a disk can
     *     read without a copy
     * @throws IllegalArgumentException if the target is too small
     */
    public BlockRead(BlockKey key, KvLayout layout, MemoryLease target) {
        if (target.segment().byteSize() < layout.blockBytes()) {
            throw new IllegalArgumentException(
                    "a block of %d bytes does not fit in %d"
                            .formatted(layout.blockBytes(), target.segment().byteSize()));
        }
        this.key = key;
        this.layout = layout;
        this.target = target;
        this.sliceChecksums = new int[layout.layers()];
        this.view = target.segment().asSlice(0, layout.blockBytes()).asByteBuffer();
    }

    public BlockKey key() {
        return key;
    }

    public KvLayout layout() {
        return layout;
    }

    public MemoryLease target() {
        return target;
    }

    /**
     * One CRC32C per layer: the tier writes the stored one here before it reports the slice, for
     * whoever sends the block on.
     */
    public int[] sliceChecksums() {
        return sliceChecksums;
    }

    /**
     * The target's bytes of this block, for checksums and file channels; position and limit are
     * anybody's.
     */
    public ByteBuffer view() {
        return view;
    }
}
