package dev.cairn.ports.cache;

/**
 * What became of a block that was to be read. Everything but {@link Found} is a miss; the reason is
 * for counters.
 */
public sealed interface GetOutcome {

    /**
     * The bytes are in the caller's lease, with the checksums that were stored beside them; not yet
     * verified.
     *
     * @param block holds the lease that the caller passed
     */
    record Found(BlockBytes block) implements GetOutcome {}

    record Absent() implements GetOutcome {}

    /** The tier itself saw that the entry is damaged, and dropped it. */
    record Damaged(String what) implements GetOutcome {}

    record Failed(String what) implements GetOutcome {}
}
