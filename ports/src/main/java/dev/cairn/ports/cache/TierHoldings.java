package dev.cairn.ports.cache;

import java.util.Map;

/**
 * Whose blocks lie in a tier.
 *
 * @param pinnedBlocks that stay until they are unpinned or removed
 * @param bytesByTenant of those that hold any; the empty name stands for blocks of nobody in
 *     particular
 */
public record TierHoldings(long pinnedBlocks, Map<String, Long> bytesByTenant) {

    /** Of a tier that does not say. */
    public static final TierHoldings UNKNOWN = new TierHoldings(0, Map.of());

    public TierHoldings {
        bytesByTenant = Map.copyOf(bytesByTenant);
    }
}
