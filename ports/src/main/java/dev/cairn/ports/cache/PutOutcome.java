package dev.cairn.ports.cache;

/** What became of a block that was to be stored. A broken device is an answer, not an exception. */
public enum PutOutcome {
    STORED,
    /** Was there already, or is being stored by another call. */
    PRESENT,
    /** No room, and nothing may be evicted; or a block of this size never fits. */
    FULL,
    /** The tenant's quota is used up, and none of its blocks may be evicted. */
    QUOTA,
    /** The tier's queue is full; the write was dropped. */
    BUSY,
    READ_ONLY,
    /** The device said no; the tier has logged why. */
    FAILED
}
