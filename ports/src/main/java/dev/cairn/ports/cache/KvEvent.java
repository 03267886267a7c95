package dev.cairn.ports.cache;

import java.util.List;

/** What changed in one worker's cache, for prefix indexes elsewhere. */
public sealed interface KvEvent {

    /**
     * Blocks became reusable.
     *
     * @param hashes in prefix order, the first one the child of {@code parent}; in no order where
     *     {@code blockTokens} is 0, as tiers tell them; where an engine publishes 64 bits of a
     *     hash, they are its last ones and the others are 0
     * @param parent null for the first block of a prompt, or where it is not known
     * @param tokenIds the blocks' tokens, {@code hashes.size() * blockTokens} of them; empty where
     *     they are not known, or do not say alone what the blocks hold
     * @param group layer group; 0 is the one that tells how long a prefix is
     * @param tier where: {@code "device"}, {@code "host"}, ...
     * @param adapter the LoRA adapter, as the engine names it; empty = none
     * @param salt of the tenant, known for first blocks only; empty = none
     */
    record BlocksStored(
            List<BlockHash> hashes,
            BlockHash parent,
            List<Integer> tokenIds,
            int blockTokens,
            int group,
            String tier,
            String adapter,
            String salt)
            implements KvEvent {

        public BlocksStored {
            hashes = List.copyOf(hashes);
            tokenIds = TokenRun.copyOf(tokenIds);
        }

        /** Of nobody's tenant. */
        public BlocksStored(
                List<BlockHash> hashes,
                BlockHash parent,
                List<Integer> tokenIds,
                int blockTokens,
                int group,
                String tier,
                String adapter) {
            this(hashes, parent, tokenIds, blockTokens, group, tier, adapter, "");
        }
    }

    record BlocksRemoved(List<BlockHash> hashes, int group, String tier) implements KvEvent {

        public BlocksRemoved {
            hashes = List.copyOf(hashes);
        }
    }

    /** The whole cache of the worker is empty. */
    record AllCleared() implements KvEvent {}
}
