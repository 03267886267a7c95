package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.cache.GetOutcome;
import java.util.List;

/**
 * A tier of this process.
 *
 * <p>Threads: one mailbox owns it.
 */
final class TierLane extends Lane {

    private final BlockTier tier;

    TierLane(BlockTier tier) {
        super(tier.rates());
        this.tier = tier;
    }

    BlockTier tier() {
        return tier;
    }

    @Override
    String name() {
        return tier.name();
    }

    @Override
    void get(List<BlockRead> reads, GetOutcomes outcomes) {
        tier.get(reads, outcomes);
    }

    /** A tier drops by itself what it cannot give. */
    @Override
    void answered(BlockKey key, GetOutcome outcome, long nanos) {}
}
