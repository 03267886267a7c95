package dev.cairn.ports.cache;

/**
 * A tier as one server uses it.
 *
 * @param store when blocks go there: {@code write-through}, {@code selective} or {@code
 *     write-back}; empty where none are sent
 * @param quarantined whether nothing is read from there because a block was wrong
 * @param readBytes that engines of this server got from it since the start
 * @param writtenBytes that they put there
 */
public record TierStatus(
        String name,
        String store,
        boolean quarantined,
        long capacityBytes,
        long usedBytes,
        long readBytes,
        long writtenBytes,
        TierCounts counts,
        TierRates rates,
        TierHoldings holdings) {}
