package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;

/** Knows blocks of the device that are held for what is on its way to them. */
@FunctionalInterface
public interface Filling {

    /** The block that is to hold what the hash stands for. */
    int blockOf(int group, BlockHash hash);
}
