package dev.cairn.core.cache;

import java.util.Map;
import java.util.Optional;

/**
 * What a chain of tiers may do beside the usual.
 *
 * @param leastReadBytes a block is read in parts, layers after layers, where none is smaller
 * @param canary share of the fetched prefixes that are computed once more, to compare; 0 to 1
 * @param peers that have blocks which no tier here has
 * @param stores when blocks go to a tier, by its name; as they are computed if it is not named
 */
public record TierOptions(
        long leastReadBytes,
        double canary,
        Optional<PeerPorts> peers,
        Map<String, StorePolicy> stores) {

    /** Smaller reads cost a disk two thirds of its pace, and processors what is to be hidden. */
    private static final long USUAL_READ_BYTES = 512 << 10;

    public static final TierOptions USUAL =
            new TierOptions(USUAL_READ_BYTES, 0, Optional.empty(), Map.of());

    public TierOptions {
        stores = Map.copyOf(stores);
        if (leastReadBytes < 1) {
            throw new IllegalArgumentException("a block is read in parts of at least 1 byte");
        }
        if (!(canary >= 0 && canary <= 1)) {
            throw new IllegalArgumentException("a share is 0 to 1, not " + canary);
        }
    }

    TierOptions with(PeerPorts ports) {
        return new TierOptions(leastReadBytes, canary, Optional.of(ports), stores);
    }

    TierOptions with(Map<String, StorePolicy> policies) {
        return new TierOptions(leastReadBytes, canary, peers, policies);
    }

    TierOptions withLeastReadBytes(long bytes) {
        return new TierOptions(bytes, canary, peers, stores);
    }

    TierOptions withCanary(double share) {
        return new TierOptions(leastReadBytes, share, peers, stores);
    }
}
