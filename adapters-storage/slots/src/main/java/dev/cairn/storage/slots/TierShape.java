package dev.cairn.storage.slots;

/**
 * How large a tier is and how much it does at once.
 *
 * @param extents how many
 * @param extentBytes of each; no block is larger
 * @param queueBlocks that may wait to be read, and as many to be written
 * @param readShare what one thread reads at once
 * @param writeShare what one thread writes at once
 */
public record TierShape(
        int extents,
        long extentBytes,
        int queueBlocks,
        int readThreads,
        Share readShare,
        int writeThreads,
        Share writeShare) {

    private static final int EXTENTS = 128;
    private static final long SMALL_EXTENT = 2L << 20;

    /**
     * Extents of a tier: 128 of them, fewer where they would be small, but four at least so that
     * blocks of several sizes find room.
     *
     * @param alignment extents are multiples of it
     */
    public static long extentBytes(long capacityBytes, long alignment) {
        long wanted = Math.max(capacityBytes / EXTENTS, Math.min(SMALL_EXTENT, capacityBytes / 4));
        return Math.max(alignment, wanted / alignment * alignment);
    }
}
