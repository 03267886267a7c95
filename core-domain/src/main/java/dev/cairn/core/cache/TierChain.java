package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.Timers;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tiers below one engine's device memory, and the bounds of the traffic with them.
 *
 * @param tiers fastest first
 * @param staging off-heap memory through which blocks pass; its size bounds what is on its way
 * @param timers for the deadline of a fetch
 * @param maxQueuedStores blocks that wait to leave the device; beyond it they are not stored
 * @param maxReads reads of one fetch that run at once
 * @param policy when blocks are fetched
 * @param fetchDeadlineNanos longest that a request waits for its blocks; then it computes
 * @param leastReadBytes a block is read in parts, layers after layers, where none is smaller
 * @param canary share of the fetched prefixes that are computed once more, to compare; 0 to 1
 * @param peers that have blocks which no tier here has
 * @param stores when blocks go to a tier, by its name; as they are computed if it is not named
 */
public record TierChain(
        List<BlockTier> tiers,
        MemoryLease.Source staging,
        Timers timers,
        int maxQueuedStores,
        int maxReads,
        FetchPolicy policy,
        long fetchDeadlineNanos,
        long leastReadBytes,
        double canary,
        Optional<PeerPorts> peers,
        Map<String, StorePolicy> stores) {

    /** Smaller reads cost a disk its pace. */
    public static final long USUAL_READ_BYTES = 64 << 10;

    /** No tier: nothing outlives the device. */
    public static final TierChain NONE =
            new TierChain(
                    List.of(),
                    NoMemory.INSTANCE,
                    (_, _) -> () -> {},
                    1,
                    1,
                    FetchPolicy.MEASURED,
                    1);

    /** Without peers; every tier gets every block as it is computed. */
    public TierChain(
            List<BlockTier> tiers,
            MemoryLease.Source staging,
            Timers timers,
            int maxQueuedStores,
            int maxReads,
            FetchPolicy policy,
            long fetchDeadlineNanos) {
        this(
                tiers,
                staging,
                timers,
                maxQueuedStores,
                maxReads,
                policy,
                fetchDeadlineNanos,
                USUAL_READ_BYTES,
                0,
                Optional.empty(),
                Map.of());
    }

    public TierChain {
        tiers = List.copyOf(tiers);
        stores = Map.copyOf(stores);
        if (maxQueuedStores < 1 || maxReads < 1 || fetchDeadlineNanos < 1 || leastReadBytes < 1) {
            throw new IllegalArgumentException("every bound of the tiers' traffic is at least 1");
        }
        if (!(canary >= 0 && canary <= 1)) {
            throw new IllegalArgumentException("a share is 0 to 1, not " + canary);
        }
    }

    /** The same with peers. */
    public TierChain with(PeerPorts ports) {
        return new TierChain(
                tiers,
                staging,
                timers,
                maxQueuedStores,
                maxReads,
                policy,
                fetchDeadlineNanos,
                leastReadBytes,
                canary,
                Optional.of(ports),
                stores);
    }

    /** The same with other policies, by the names of tiers. */
    public TierChain with(Map<String, StorePolicy> policies) {
        return new TierChain(
                tiers,
                staging,
                timers,
                maxQueuedStores,
                maxReads,
                policy,
                fetchDeadlineNanos,
                leastReadBytes,
                canary,
                peers,
                policies);
    }

    StorePolicy storePolicy(BlockTier tier) {
        return stores.getOrDefault(tier.name(), StorePolicy.AT_ONCE);
    }

    /** The same, with blocks read in parts of at least so many bytes. */
    public TierChain withLeastReadBytes(long bytes) {
        return new TierChain(
                tiers,
                staging,
                timers,
                maxQueuedStores,
                maxReads,
                policy,
                fetchDeadlineNanos,
                bytes,
                canary,
                peers,
                stores);
    }

    /** The same, with a share of the fetched prefixes computed once more. */
    public TierChain withCanary(double share) {
        return new TierChain(
                tiers,
                staging,
                timers,
                maxQueuedStores,
                maxReads,
                policy,
                fetchDeadlineNanos,
                leastReadBytes,
                share,
                peers,
                stores);
    }
}
