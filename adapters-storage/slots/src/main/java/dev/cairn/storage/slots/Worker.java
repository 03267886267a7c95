package dev.cairn.storage.slots;

import dev.cairn.ports.cache.GetOutcome;
import java.util.zip.CRC32C;

/** What a thread of a tier has for itself. */
public final class Worker {

    private final int number;
    private final CRC32C crc = new CRC32C();
    private final int[] slots;
    private final GetOutcome[] outcomes;
    private final long[] nanos;

    /**
     * @param batch blocks that it works on at once, at most
     */
    Worker(int number, int batch) {
        this.number = number;
        this.slots = new int[batch];
        this.outcomes = new GetOutcome[batch];
        this.nanos = new long[batch];
    }

    /** 0 and up, unique among the threads of its kind. */
    public int number() {
        return number;
    }

    public CRC32C crc() {
        return crc;
    }

    /** What became of the reads of that batch. */
    GetOutcome[] outcomes() {
        return outcomes;
    }

    /** How long each took. */
    long[] nanos() {
        return nanos;
    }

    /** Slots of the batch that it works on. */
    int[] slots() {
        return slots;
    }
}
