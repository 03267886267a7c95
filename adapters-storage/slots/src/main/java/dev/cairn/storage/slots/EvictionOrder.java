package dev.cairn.storage.slots;

/**
 * In which order the blocks of one size class leave. It holds those that may leave: neither pinned
 * ones nor ones that are still being written.
 *
 * <p>Threads: the tier's lock.
 */
sealed interface EvictionOrder permits RecencyOrder, FrequencyOrder, ThreeQueueOrder {

    void added(int slot);

    /** It was read. */
    void touched(int slot);

    void removed(int slot);

    /**
     * Whose turn it is; it stays until {@link #removed}.
     *
     * @param busy slots that cannot leave now
     * @return {@link Slots#NONE} if nothing can leave
     */
    int victim(Busy busy);

    /** Slots that cannot leave now. */
    interface Busy {

        boolean isBusy(int slot);
    }

    static EvictionOrder of(EvictionPolicy policy, Slots slots) {
        return switch (policy) {
            case LRU -> new RecencyOrder(slots, true);
            case TTL -> new RecencyOrder(slots, false);
            case LFU -> new FrequencyOrder(slots);
            case S3_FIFO -> new ThreeQueueOrder(slots);
        };
    }
}
