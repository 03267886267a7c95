package dev.cairn.core.cache;

import dev.cairn.core.block.BlockPool;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.system.MemoryLease;
import java.util.List;

/**
 * One block on its way to tiers, from the device or from another tier.
 *
 * <p>Threads: one mailbox owns it; the runner's thread writes {@link #bytes} before it posts.
 */
final class Store {

    final BlockKey key;
    final String salt;

    /** Where it is copied from, held; NONE = not from the device. */
    final int block;

    final List<TierLane> lanes;
    final MemoryLease lease;

    /** Who asked for it; null = nobody. */
    final Errand errand;

    /** The read that brings it, where it comes from a tier. */
    BlockRead read;

    /** What left the device; null until then. */
    BlockBytes bytes;

    /** Whether the lease is room of a tier, where the block stays. */
    boolean inPlace;

    int pending;

    /** Whether a tier has it now. */
    boolean taken;

    Store(
            BlockKey key,
            String salt,
            int block,
            List<TierLane> lanes,
            MemoryLease lease,
            Errand errand) {
        this.key = key;
        this.salt = salt;
        this.block = block;
        this.lanes = List.copyOf(lanes);
        this.lease = lease;
        this.errand = errand;
    }

    /** A block whose bytes came up from a tier. */
    static Store of(BlockKey key, String salt, List<TierLane> lanes, BlockBytes bytes) {
        Store store = new Store(key, salt, BlockPool.NONE, lanes, bytes.bytes(), null);
        store.bytes = bytes;
        return store;
    }
}
