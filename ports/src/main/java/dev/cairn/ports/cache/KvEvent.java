package dev.cairn.ports.cache;

import java.util.List;

/** What changed in one worker's device cache, for prefix indexes elsewhere. */
public sealed interface KvEvent {

    /**
     * Blocks became reusable.
     *
     * @param hashes in prefix order, the first one the child of {@code parent}
     * @param parent null for the first block of a prompt
     * @param tokenIds the blocks' tokens, {@code hashes.size() * blockTokens} of them
     * @param group {@link LayerGroup#index}
     * @param tier where: {@code "device"}, {@code "host"}, ...
     * @param adapter content digest of the LoRA adapter; empty = none
     */
    record BlocksStored(
            List<BlockHash> hashes,
            BlockHash parent,
            List<Integer> tokenIds,
            int blockTokens,
            int group,
            String tier,
            String adapter)
            implements KvEvent {

        public BlocksStored {
            hashes = List.copyOf(hashes);
            tokenIds = List.copyOf(tokenIds);
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
