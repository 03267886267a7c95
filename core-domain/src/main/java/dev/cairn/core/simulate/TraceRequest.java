package dev.cairn.core.simulate;

import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A request of a trace that says which blocks a prompt has and not what stands in them.
 *
 * @param atNanos when it comes
 * @param blocks one id per block of the prompt, the last of which may be cut; equal ids stand for
 *     equal blocks with equal blocks before them
 */
public record TraceRequest(long atNanos, int inputTokens, int outputTokens, long[] blocks) {

    /** Tokens of an id; the others of a block are zero. */
    private static final int ID_TOKENS = 4;

    private static final int ID_BITS = 16;

    /** Prompts stand for their blocks by ids below it, whatever they would say. */
    public static final int VOCABULARY = 1 << ID_BITS;

    /** Blocks that are not cut. */
    int fullBlocks(int blockTokens) {
        return Math.min(blocks.length, inputTokens / blockTokens);
    }

    /**
     * A prompt that begins like another exactly as far as their ids are equal, in whole blocks.
     *
     * @param blockTokens at least {@value #ID_TOKENS}
     */
    int[] prompt(int blockTokens) {
        int[] prompt = new int[inputTokens];
        for (int block = 0; block < blocks.length; block++) {
            for (int i = 0; i < ID_TOKENS; i++) {
                int at = block * blockTokens + i;
                if (at < inputTokens) {
                    prompt[at] = (int) (blocks[block] >>> (ID_BITS * i)) & (1 << ID_BITS) - 1;
                }
            }
        }
        return prompt;
    }

    /**
     * Hashes of the prompt's full blocks, as schedulers make them.
     *
     * @param known by id; gets what is new
     */
    List<BlockHash> hashes(
            int[] prompt, int blockTokens, BlockHasher hasher, Map<Long, BlockHash> known) {
        List<BlockHash> hashes = new ArrayList<>();
        BlockHash parent = null;
        for (int block = 0; block < fullBlocks(blockTokens); block++) {
            BlockHash hash = known.get(blocks[block]);
            if (hash == null) {
                int from = block * blockTokens;
                hash =
                        parent == null
                                ? hasher.first(prompt, from, blockTokens, "")
                                : hasher.next(parent, prompt, from, blockTokens);
                known.put(blocks[block], hash);
            }
            hashes.add(hash);
            parent = hash;
        }
        return hashes;
    }
}
