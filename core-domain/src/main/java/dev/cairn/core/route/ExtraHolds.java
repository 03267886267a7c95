package dev.cairn.core.route;

import dev.cairn.ports.system.RandomSource;

/**
 * How often more than once a holder has a block. Engines may store the same content in two blocks
 * (vLLM does when a request computes its last cached block again) and then remove it twice; there
 * are few of those. Open addressing, {@code [key]} beside {@code [holder : 16 | count : 16]}.
 *
 * <p>Threads: one writer, no reader.
 */
final class ExtraHolds {

    private static final int MOST = 0xffff;

    private long[] keys = new long[16];
    private int[] counts = new int[16];
    private int size;

    /** Blocks that somebody holds more than once, each counted for each such holder. */
    int size() {
        return size;
    }

    long bytes() {
        return 12L * keys.length;
    }

    /** One more; beyond 65,535 nobody counts. */
    void add(long key, int holder) {
        if (4 * (size + 1) > 3 * keys.length) {
            grow();
        }
        int at = find(key, holder);
        if (counts[at] == 0) {
            keys[at] = key;
            counts[at] = holder << 16 | 1;
            size++;
        } else if ((counts[at] & MOST) < MOST) {
            counts[at]++;
        }
    }

    /** One less, if there is one: then the holder still has the block. */
    boolean take(long key, int holder) {
        if (size == 0) {
            return false;
        }
        int at = find(key, holder);
        if (counts[at] == 0) {
            return false;
        }
        if ((--counts[at] & MOST) == 0) {
            remove(at);
        }
        return true;
    }

    /** The holder has this block no more. */
    void drop(long key, int holder) {
        if (size > 0) {
            int at = find(key, holder);
            if (counts[at] != 0) {
                remove(at);
            }
        }
    }

    private int find(long key, int holder) {
        int mask = keys.length - 1;
        int at = home(key, holder) & mask;
        while (counts[at] != 0 && !(keys[at] == key && counts[at] >>> 16 == holder)) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private static int home(long key, int holder) {
        return (int) RandomSource.mix(key + holder);
    }

    private void remove(int from) {
        int mask = keys.length - 1;
        int hole = from;
        counts[hole] = 0;
        size--;
        for (int at = (hole + 1) & mask; counts[at] != 0; at = (at + 1) & mask) {
            if (((at - home(keys[at], counts[at] >>> 16)) & mask) >= ((at - hole) & mask)) {
                keys[hole] = keys[at];
                counts[hole] = counts[at];
                counts[at] = 0;
                hole = at;
            }
        }
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldCounts = counts;
        keys = new long[2 * oldKeys.length];
        counts = new int[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldCounts[i] != 0) {
                int at = find(oldKeys[i], oldCounts[i] >>> 16);
                keys[at] = oldKeys[i];
                counts[at] = oldCounts[i];
            }
        }
    }
}
