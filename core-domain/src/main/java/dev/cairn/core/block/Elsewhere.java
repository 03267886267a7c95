package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;

/** Says what can be had from outside the device; may be wrong in either direction. */
@FunctionalInterface
public interface Elsewhere {

    /** Nothing can. */
    Elsewhere NOWHERE = (_, _) -> false;

    boolean has(int group, BlockHash hash);
}
