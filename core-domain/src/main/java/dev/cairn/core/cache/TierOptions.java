package dev.cairn.core.cache;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a chain of tiers may do beside the usual.
 *
 * @param leastReadBytes a block is read in parts, layers after layers, where none is smaller; none:
 *     as the tier says
 * @param canary share of the fetched prefixes that are computed once more, to compare; 0 to 1
 * @param peers that have blocks which no tier here has
 * @param stores when blocks go to a tier, by its name; as they are computed if it is not named
 * @param inPlace whether blocks leave the device into a tier's own memory, where it has room
 */
public record TierOptions(
        OptionalLong leastReadBytes,
        double canary,
        Optional<PeerPorts> peers,
        Map<String, StorePolicy> stores,
        boolean inPlace) {

    public static final TierOptions USUAL =
            new TierOptions(OptionalLong.empty(), 0, Optional.empty(), Map.of(), false);

    public TierOptions {
        stores = Map.copyOf(stores);
        if (leastReadBytes.orElse(1) < 1) {
            throw new IllegalArgumentException("a block is read in parts of at least 1 byte");
        }
        if (!(canary >= 0 && canary <= 1)) {
            throw new IllegalArgumentException("a share is 0 to 1, not " + canary);
        }
    }

    TierOptions with(PeerPorts ports) {
        return new TierOptions(leastReadBytes, canary, Optional.of(ports), stores, inPlace);
    }

    TierOptions with(Map<String, StorePolicy> policies) {
        return new TierOptions(leastReadBytes, canary, peers, policies, inPlace);
    }

    TierOptions withLeastReadBytes(long bytes) {
        return new TierOptions(OptionalLong.of(bytes), canary, peers, stores, inPlace);
    }

    TierOptions withCanary(double share) {
        return new TierOptions(leastReadBytes, share, peers, stores, inPlace);
    }

    TierOptions storingInPlace() {
        return new TierOptions(leastReadBytes, canary, peers, stores, true);
    }
}
