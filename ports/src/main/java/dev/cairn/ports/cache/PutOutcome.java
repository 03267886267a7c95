package dev.cairn.ports.cache;

/** What became of a block that was to be stored. A broken device is an answer, not an exception. */
public enum PutOutcome {
    STORED,
    /** Was there already. */
    PRESENT,
    /** No room, and nothing may be evicted. */
    FULL,
    /** The tenant's quota is used up. */
    QUOTA,
    READ_ONLY,
    /** The device said no; the tier has logged why. */
    FAILED
}
