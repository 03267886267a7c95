package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockTier;

/**
 * A tier in the chain, fastest first.
 *
 * @param writes when it gets a block
 */
public record TierPlace(BlockTier tier, WritePolicy writes) {}
