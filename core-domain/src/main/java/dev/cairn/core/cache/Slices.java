package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.system.MemoryLease;

/** Layer slices of one block that are read together. Threads: one mailbox owns it. */
final class Slices {

    final Piece piece;
    final int wave;
    final int firstLayer;
    final int layers;
    final long bytes;

    /** Staging memory while they are on their way; null where the tier lends. */
    MemoryLease lease;

    /** The read, with the checksums that it brings; null where the tier lends. */
    BlockRead read;

    /** The block where the tier lends it; null where it is read. */
    BlockBytes lent;

    /**
     * @param firstLayer index within the group
     */
    Slices(Piece piece, int wave, int firstLayer, int layers, long bytes) {
        this.piece = piece;
        this.wave = wave;
        this.firstLayer = firstLayer;
        this.layers = layers;
        this.bytes = bytes;
    }

    /** One a layer of the block. */
    int[] checksums() {
        return lent == null ? read.sliceChecksums() : lent.sliceChecksums();
    }
}
