package dev.cairn.core.cache;

import dev.cairn.ports.cache.BlockHash;

/**
 * A copy of one block to a tier that somebody asked for by name.
 *
 * @param salt of the tenant whose block it is
 * @param from null = the device
 * @param over hears once what became of it, in the mailbox's turn
 */
record Errand(int group, BlockHash hash, String salt, Lane from, TierLane to, Over over) {

    /** What became of it. */
    enum Result {
        /** The block is there, or was before. */
        DONE,
        /** It is not where it was to be taken from. */
        ABSENT,
        /** One of the two did not give or take it. */
        FAILED
    }

    /** Hears it. */
    @FunctionalInterface
    interface Over {

        void over(Errand errand, Result result);
    }
}
