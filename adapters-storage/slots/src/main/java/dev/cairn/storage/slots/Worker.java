package dev.cairn.storage.slots;

import java.util.zip.CRC32C;

/** What a thread of a tier has for itself. */
public final class Worker {

    private final int number;
    private final CRC32C crc = new CRC32C();
    private final int[] slots;

    /**
     * @param batch blocks that it works on at once, at most
     */
    Worker(int number, int batch) {
        this.number = number;
        this.slots = new int[batch];
    }

    /** 0 and up, unique among the threads of its kind. */
    public int number() {
        return number;
    }

    public CRC32C crc() {
        return crc;
    }

    /** Slots of the batch that it works on. */
    int[] slots() {
        return slots;
    }
}
