package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;

/** Is shown blocks of the device that can be found. */
@FunctionalInterface
public interface BlockVisitor {

    /**
     * @param block its id in the group's pool
     * @param salt of the tenant whose block it is; empty = none
     */
    void visit(int group, int block, BlockHash hash, String salt);
}
