package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.system.Timers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

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
 * @param options what may be left as it is
 */
public record TierChain(
        List<BlockTier> tiers,
        MemoryLease.Source staging,
        Timers timers,
        int maxQueuedStores,
        int maxReads,
        FetchPolicy policy,
        long fetchDeadlineNanos,
        TierOptions options) {

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
                TierOptions.USUAL);
    }

    public TierChain {
        tiers = List.copyOf(tiers);
        if (maxQueuedStores < 1 || maxReads < 1 || fetchDeadlineNanos < 1) {
            throw new IllegalArgumentException("every bound of the tiers' traffic is at least 1");
        }
    }

    private TierChain with(TierOptions other) {
        return new TierChain(
                tiers,
                staging,
                timers,
                maxQueuedStores,
                maxReads,
                policy,
                fetchDeadlineNanos,
                other);
    }

    /** The same with peers. */
    public TierChain with(PeerPorts ports) {
        return with(options.with(ports));
    }

    /** The same with other policies, by the names of tiers. */
    public TierChain with(Map<String, StorePolicy> policies) {
        return with(options.with(policies));
    }

    /** The same, with blocks read in parts of at least so many bytes. */
    public TierChain withLeastReadBytes(long bytes) {
        return with(options.withLeastReadBytes(bytes));
    }

    /** The same, with a share of the fetched prefixes computed once more. */
    public TierChain withCanary(double share) {
        return with(options.withCanary(share));
    }

    /**
     * The same for a device that copies into the memory of tiers itself: blocks leave it to where a
     * tier keeps them, not through staging memory.
     */
    public TierChain storingInPlace() {
        return with(options.storingInPlace());
    }

    boolean storesInPlace() {
        return options.inPlace();
    }

    StorePolicy storePolicy(BlockTier tier) {
        return options.stores().getOrDefault(tier.name(), StorePolicy.AT_ONCE);
    }

    OptionalLong leastReadBytes() {
        return options.leastReadBytes();
    }

    double canary() {
        return options.canary();
    }

    Optional<PeerPorts> peers() {
        return options.peers();
    }
}
