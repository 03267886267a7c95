package dev.cairn.ports.engine;

import java.util.Arrays;

/**
 * Order of tokens by (value descending, id ascending) as ascending longs, and partial sorting of
 * such keys.
 */
final class Ranking {

    private Ranking() {}

    /** A key whose signed order is the ranking. Negative zero ranks as zero. */
    static long key(float value, int id) {
        int bits = Float.floatToRawIntBits(value + 0.0f);
        int ascending = bits ^ ((bits >> 31) & 0x7fffffff);
        return ((long) ~ascending << 32) | id;
    }

    static int id(long key) {
        return (int) key;
    }

    /**
     * Moves the {@code count} smallest of the first {@code size} keys to the front, in no order.
     */
    static void select(long[] keys, int size, int count) {
        select(keys, 0, size, count);
    }

    /** Given that {@code keys[0, sorted)} are the smallest and sorted, sorts on to {@code end}. */
    static void sortNext(long[] keys, int sorted, int end, int size) {
        select(keys, sorted, size, end);
        Arrays.sort(keys, sorted, end);
    }

    /**
     * Quickselect: afterwards {@code keys[from, count)} are the smallest of {@code keys[from,
     * size)}.
     */
    private static void select(long[] keys, int from, int size, int count) {
        int low = from;
        int high = size - 1;
        while (low < high && count > low && count <= high) {
            long pivot = median(keys[low], keys[(low + high) >>> 1], keys[high]);
            int i = low;
            int j = high;
            while (i <= j) {
                while (keys[i] < pivot) {
                    i++;
                }
                while (keys[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    long swap = keys[i];
                    keys[i++] = keys[j];
                    keys[j--] = swap;
                }
            }
            if (count <= j + 1) {
                high = j;
            } else if (count > i) {
                low = i;
            } else {
                return;
            }
        }
    }

    private static long median(long a, long b, long c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
