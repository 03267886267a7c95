package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.system.MemoryLease;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Layer slices of one block that are read together. Threads: one mailbox owns it, {@link #take}
 * aside.
 */
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

    /** Whether they are on their way, are copied by who received them, or are given up. */
    private final AtomicReference<Way> way = new AtomicReference<>(Way.COMING);

    /** Whether the block stays held for their copy, although the fetch has been given up. */
    boolean heldForCopy;

    private enum Way {
        COMING,
        TAKEN,
        GIVEN_UP
    }

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

    /**
     * They are about to be copied into the device, unless they were given up. Threads: who received
     * them.
     */
    boolean take() {
        return way.compareAndSet(Way.COMING, Way.TAKEN);
    }

    /** They will not be copied into the device any more, unless they are already. */
    boolean giveUp() {
        return way.compareAndSet(Way.COMING, Way.GIVEN_UP);
    }

    boolean isGivenUp() {
        return way.get() == Way.GIVEN_UP;
    }

    /** One a layer of the block. */
    int[] checksums() {
        return lent == null ? read.sliceChecksums() : lent.sliceChecksums();
    }
}
