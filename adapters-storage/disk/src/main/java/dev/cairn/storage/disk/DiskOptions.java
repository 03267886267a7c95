package dev.cairn.storage.disk;

import dev.cairn.storage.slots.Retention;
import java.nio.file.Path;

/**
 * How the tier is made.
 *
 * @param folder where segments lie; made if absent, one process at a time
 * @param bytes of blocks at most
 * @param queueBlocks that may wait to be read, and as many to be written
 * @param threads that read; half as many write
 */
public record DiskOptions(
        Path folder,
        long bytes,
        Retention retention,
        SyncPolicy sync,
        int queueBlocks,
        int threads) {

    private static final long LEAST = 1 << 20;

    public DiskOptions {
        if (bytes < LEAST || queueBlocks < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "a disk tier has %d bytes at least, a queue and a thread".formatted(LEAST));
        }
    }

    public static DiskOptions of(Path folder, long bytes, Retention retention) {
        return new DiskOptions(folder, bytes, retention, SyncPolicy.NEVER, 1024, 4);
    }

    /** Writes come in groups, so fewer threads keep a disk busy. */
    int writers() {
        return Math.max(1, threads / 2);
    }
}
