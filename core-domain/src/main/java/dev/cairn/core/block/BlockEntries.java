package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;

/** Hears of blocks that can be found from now on, and were; in the mailbox's turn. */
@FunctionalInterface
public interface BlockEntries {

    /** Hears nothing. */
    BlockEntries NONE = (_, _, _, _) -> {};

    /**
     * @param block its id in the group's pool; it may be evicted after the turn
     * @param salt of the tenant whose prompt it was; empty = none
     */
    void entered(int group, int block, BlockHash hash, String salt);

    /** A block came from elsewhere and can be found from now on. */
    default void filled(int group, int block) {}

    /** A prompt began with a block that was found. */
    default void reused(int group, BlockHash hash, String salt) {}
}
