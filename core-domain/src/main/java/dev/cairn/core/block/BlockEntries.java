package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;

/** Hears of blocks that were computed and can be found from now on; in the mailbox's turn. */
@FunctionalInterface
public interface BlockEntries {

    /** Hears nothing. */
    BlockEntries NONE = (_, _, _, _) -> {};

    /**
     * @param block its id in the group's pool; it may be evicted after the turn
     * @param salt of the tenant whose prompt it was; empty = none
     */
    void entered(int group, int block, BlockHash hash, String salt);
}
