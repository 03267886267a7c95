package dev.cairn.storage.memory;

import dev.cairn.storage.slots.Retention;

/**
 * How the tier is made.
 *
 * @param bytes of the slab
 * @param queueBlocks that may wait to be read, and as many to be written
 * @param threads that read, and as many that write
 */
public record MemoryOptions(long bytes, Retention retention, int queueBlocks, int threads) {

    private static final long LEAST = 64 << 10;

    public MemoryOptions {
        if (bytes < LEAST || queueBlocks < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "a host tier has %d bytes at least, a queue and a thread".formatted(LEAST));
        }
    }

    public static MemoryOptions of(long bytes, Retention retention) {
        return new MemoryOptions(bytes, retention, 4096, 1);
    }
}
