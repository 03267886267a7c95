package dev.cairn.ports.cache;

/**
 * What became of a block that was to be read. Everything but {@link #FOUND} is a miss; the reason
 * is for counters.
 */
public enum GetOutcome {
    /** All bytes are in the reader's memory, and every slice was verified there. */
    FOUND,
    ABSENT,
    /** A slice did not match its checksum; the tier has dropped the block and logged it. */
    DAMAGED,
    /** The tier's queue is full. */
    BUSY,
    /** The device or peer said no, or nothing in time; the tier or transport has logged why. */
    FAILED,
    /** A peer whose blocks are of another kind, or that does not let this member in. */
    REFUSED
}
