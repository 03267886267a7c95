package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.system.MemoryLease;
import java.util.List;

/**
 * One block on its way from the device to tiers.
 *
 * <p>Threads: one mailbox owns it; the runner's thread writes {@link #bytes} before it posts.
 */
final class Store {

    final BlockKey key;
    final String salt;
    final int block;
    final List<TierLane> lanes;
    final MemoryLease lease;

    /** What left the device; null until then. */
    BlockBytes bytes;

    int pending;

    Store(BlockKey key, String salt, int block, List<TierLane> lanes, MemoryLease lease) {
        this.key = key;
        this.salt = salt;
        this.block = block;
        this.lanes = List.copyOf(lanes);
        this.lease = lease;
    }
}
