package dev.cairn.storage.slots;

/**
 * What one thread of a tier takes from its queue at once: enough to make one access of many small
 * blocks, not so much that the other threads have nothing.
 *
 * @param blocks at most, at least 1
 * @param bytes at most, unless one block alone is larger
 */
public record Share(int blocks, long bytes) {

    public Share {
        if (blocks < 1) {
            throw new IllegalArgumentException("a thread takes at least one block");
        }
    }
}
