package dev.cairn.core.share;

import dev.cairn.ports.cache.BlockDirectory;
import dev.cairn.ports.cache.BlockDirectory.BlockHolder;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier;
import java.util.ArrayList;
import java.util.List;

/**
 * Who holds a block: this process's tiers for certain, others by what the directory says.
 *
 * <p>Threads: any.
 *
 * @param self {@code Member#id} of this process
 * @param tiers of this process, fastest first
 */
public record FindBlocks(String self, List<BlockTier> tiers, BlockDirectory directory) {

    public FindBlocks {
        tiers = List.copyOf(tiers);
    }

    /** Every place that has the block, those of this process first. */
    public List<BlockHolder> holders(BlockKey key) {
        List<BlockHolder> holders = new ArrayList<>();
        for (BlockTier tier : tiers) {
            if (tier.contains(key)) {
                holders.add(new BlockHolder(self, tier.name()));
            }
        }
        holders.addAll(directory.holders(key));
        return holders;
    }
}
