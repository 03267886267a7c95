package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTier.GetOutcomes;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import java.util.List;

/**
 * A tier of this process.
 *
 * <p>Threads: one mailbox owns it.
 */
final class TierLane extends Lane {

    private final BlockTier tier;
    private final StorePolicy policy;

    private long writtenBytes;

    TierLane(BlockTier tier, StorePolicy policy) {
        super(tier.rates());
        this.tier = tier;
        this.policy = policy;
    }

    BlockTier tier() {
        return tier;
    }

    StorePolicy policy() {
        return policy;
    }

    /** Whether blocks come here only when they leave what is above. */
    boolean isLate() {
        return policy instanceof StorePolicy.WriteBack;
    }

    boolean isSelective() {
        return policy instanceof StorePolicy.Selective;
    }

    /** Whether a block that was used so often comes here now. */
    boolean takesAfter(int uses) {
        return switch (policy) {
            case StorePolicy.WriteThrough() -> true;
            case StorePolicy.Selective(int wanted) -> uses >= wanted;
            case StorePolicy.WriteBack() -> false;
        };
    }

    void wrote(long bytes) {
        writtenBytes += bytes;
    }

    long writtenBytes() {
        return writtenBytes;
    }

    @Override
    String name() {
        return tier.name();
    }

    @Override
    String where() {
        return "tier " + name();
    }

    @Override
    boolean readsSlices(BlockKey key) {
        return tier.readsSlices();
    }

    @Override
    long leastReadBytes() {
        return tier.leastReadBytes();
    }

    @Override
    void get(List<BlockRead> reads, GetOutcomes outcomes) {
        tier.get(reads, outcomes);
    }

    /** A disk's threads have the next blocks to read. */
    @Override
    boolean goesStraight() {
        return false;
    }

    @Override
    BlockBytes borrow(BlockKey key, KvLayout layout) {
        return tier.borrow(key, layout).orElse(null);
    }

    /** A tier drops by itself what it cannot give. */
    @Override
    void answered(BlockKey key, GetOutcome outcome, long nanos) {}
}
