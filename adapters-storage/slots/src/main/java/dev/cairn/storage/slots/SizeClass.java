package dev.cairn.storage.slots;

/**
 * Slots of one size, wherever they lie.
 *
 * <p>Threads: the tier's lock.
 */
public final class SizeClass {

    private final long slotBytes;
    private final int layers;
    private final int recordBytes;
    final EvictionOrder order;
    int firstFree = Slots.NONE;

    SizeClass(long slotBytes, int layers, int recordBytes, EvictionOrder order) {
        this.slotBytes = slotBytes;
        this.layers = layers;
        this.recordBytes = recordBytes;
        this.order = order;
    }

    /** Bytes from one slot to the next. */
    public long slotBytes() {
        return slotBytes;
    }

    /** Checksums per block. */
    public int layers() {
        return layers;
    }

    /** Bytes of a block's description beside its bytes; 0 where a tier keeps none. */
    public int recordBytes() {
        return recordBytes;
    }

    boolean fits(long bytes, int ofLayers, int ofRecord) {
        return slotBytes == bytes && layers == ofLayers && recordBytes == ofRecord;
    }
}
