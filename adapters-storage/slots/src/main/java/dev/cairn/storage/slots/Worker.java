package dev.cairn.storage.slots;

import java.util.zip.CRC32C;

/** What a thread of a tier has for itself. */
public final class Worker {

    private final int number;
    private final CRC32C crc = new CRC32C();

    Worker(int number) {
        this.number = number;
    }

    /** 0 and up, unique among the threads of its kind. */
    public int number() {
        return number;
    }

    public CRC32C crc() {
        return crc;
    }
}
