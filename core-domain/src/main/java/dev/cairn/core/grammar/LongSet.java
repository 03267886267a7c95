package dev.cairn.core.grammar;

import java.util.Arrays;

/** A small set of longs that is cleared often. One thread. */
final class LongSet {

    private long[] table = new long[64];
    private int[] stamps = new int[64];
    private int stamp = 1;
    private int size;

    void clear() {
        size = 0;
        if (++stamp == 0) {
            Arrays.fill(stamps, 0);
            stamp = 1;
        }
    }

    /** Whether it was not in yet. */
    boolean add(long value) {
        if (size * 2 >= table.length) {
            grow();
        }
        int slot = slot(value);
        while (stamps[slot] == stamp) {
            if (table[slot] == value) {
                return false;
            }
            slot = slot + 1 & table.length - 1;
        }
        stamps[slot] = stamp;
        table[slot] = value;
        size++;
        return true;
    }

    private int slot(long value) {
        long mixed = value * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) & table.length - 1;
    }

    private void grow() {
        long[] old = table;
        int[] oldStamps = stamps;
        table = new long[old.length * 2];
        stamps = new int[old.length * 2];
        size = 0;
        for (int i = 0; i < old.length; i++) {
            if (oldStamps[i] == stamp) {
                add(old[i]);
            }
        }
    }
}
