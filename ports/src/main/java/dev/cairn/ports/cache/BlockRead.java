package dev.cairn.ports.cache;

import dev.cairn.ports.system.MemoryLease;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A block that is to be read, or some of its layer slices, with room for it. May be used again once
 * its read has ended; the tier makes no objects for it.
 *
 * <p>Threads: the caller's before the read and after its end, the tier's in between.
 */
public final class BlockRead {

    private final BlockKey key;
    private final KvLayout layout;
    private final int firstLayer;
    private final int layers;
    private final MemoryLease target;
    private final int[] sliceChecksums;
    private final ByteBuffer view;

    /**
     * The whole block.
     *
     * @param layout what the reader expects; a block of another layout is absent
     * @param target {@link KvLayout#blockBytes} bytes at least; aligned to 4096 bytes, a disk can
     *     read without a copy
     * @throws IllegalArgumentException if the target is too small
     */
    public BlockRead(BlockKey key, KvLayout layout, MemoryLease target) {
        this(key, layout, 0, layout.layers(), target);
    }

    /**
     * Some layer slices, which come to lie at the target's start; of a tier that {@link
     * BlockTier#readsSlices}.
     *
     * @param firstLayer index within the group
     * @param layers how many
     * @throws IllegalArgumentException if the target is too small
     * @throws IndexOutOfBoundsException if the block has no such layers
     */
    public BlockRead(
            BlockKey key, KvLayout layout, int firstLayer, int layers, MemoryLease target) {
        Objects.checkFromIndexSize(firstLayer, layers, layout.layers());
        long bytes = layers * layout.sliceBytes();
        if (target.segment().byteSize() < bytes) {
            throw new IllegalArgumentException(
                    "a block of %d bytes does not fit in %d"
                            .formatted(bytes, target.segment().byteSize()));
        }
        this.key = key;
        this.layout = layout;
        this.firstLayer = firstLayer;
        this.layers = layers;
        this.target = target;
        this.sliceChecksums = new int[layout.layers()];
        this.view = target.segment().asSlice(0, bytes).asByteBuffer();
    }

    public BlockKey key() {
        return key;
    }

    public KvLayout layout() {
        return layout;
    }

    /** The first slice that is wanted, index within the group. */
    public int firstLayer() {
        return firstLayer;
    }

    /** How many slices are wanted. */
    public int layers() {
        return layers;
    }

    /** Bytes that are wanted. */
    public long bytes() {
        return layers * layout.sliceBytes();
    }

    /** Where a wanted slice starts in the target. */
    public long targetOffset(int layer) {
        return (layer - firstLayer) * layout.sliceBytes();
    }

    public MemoryLease target() {
        return target;
    }

    /**
     * One CRC32C per layer of the block: the tier writes the stored one here before it reports the
     * slice, for whoever sends the block on.
     */
    public int[] sliceChecksums() {
        return sliceChecksums;
    }

    /**
     * The target's {@link #bytes}, for checksums and file channels; position and limit are
     * anybody's.
     */
    public ByteBuffer view() {
        return view;
    }
}
