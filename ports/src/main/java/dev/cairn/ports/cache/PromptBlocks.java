package dev.cairn.ports.cache;

import java.util.List;

/**
 * Where the blocks of a prompt lie.
 *
 * @param tokens of the prompt
 * @param deviceTokens that would not be computed, by what the device has
 * @param hitTokens the same, were everything fetched that lies anywhere
 * @param blocks every whole block of every layer group, in order of the prompt
 */
public record PromptBlocks(int tokens, int deviceTokens, int hitTokens, List<PlacedBlock> blocks) {

    public PromptBlocks {
        blocks = List.copyOf(blocks);
    }

    /**
     * A block of a prompt.
     *
     * @param start tokens before it
     * @param end tokens up to its end
     * @param places where it lies: {@link CacheControl#DEVICE}, names of tiers, of peers; fastest
     *     first
     */
    public record PlacedBlock(BlockKey key, int start, int end, List<String> places) {

        public PlacedBlock {
            places = List.copyOf(places);
        }
    }
}
