package dev.cairn.ports.cache;

/**
 * What a tier has done since it was opened, and what it is about to do. Read piece by piece, so the
 * numbers may be a few events apart.
 *
 * @param blocks held now
 * @param hits reads that found their block
 * @param misses reads that did not, whatever the reason
 * @param stored blocks written
 * @param evicted blocks that left for want of room or because their time was over
 * @param damaged blocks dropped because bytes did not match their checksums
 * @param dropped reads and writes refused because the queue was full
 * @param failures requests that the device failed
 * @param queued blocks waiting to be read or written now
 */
public record TierCounts(
        long blocks,
        long hits,
        long misses,
        long stored,
        long evicted,
        long damaged,
        long dropped,
        long failures,
        long queued) {}
