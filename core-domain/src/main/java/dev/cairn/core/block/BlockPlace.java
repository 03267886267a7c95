package dev.cairn.core.block;

import dev.cairn.ports.cache.BlockHash;

/**
 * A block of a prefix.
 *
 * @param start tokens of the prefix before the block
 * @param parent hash of the block before it; null for the first
 * @param end tokens of the prefix up to the block's end
 * @param salt of the tenant whose prompt it is
 * @param block its id in the device, or {@link BlockPool#NONE} where it is not there
 */
public record BlockPlace(
        int group, int start, int end, BlockHash parent, BlockHash hash, String salt, int block) {

    public boolean isInDevice() {
        return block != BlockPool.NONE;
    }
}
