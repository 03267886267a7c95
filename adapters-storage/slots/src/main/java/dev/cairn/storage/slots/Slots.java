package dev.cairn.storage.slots;

import java.util.stream.IntStream;

/**
 * All slots of a tier. A slot is a number: its extent above, its place in the extent in the lower
 * {@value #BITS} bits.
 *
 * <p>Threads: the tier's lock.
 */
final class Slots {

    static final int NONE = -1;
    static final int BITS = 19;
    static final int MOST_PER_EXTENT = 1 << BITS;
    static final int MOST_EXTENTS = 1 << (31 - BITS);
    private static final int MASK = MOST_PER_EXTENT - 1;

    final Extent[] extents;

    Slots(int mostExtents) {
        extents = new Extent[mostExtents];
    }

    static int slot(int extent, int place) {
        return extent << BITS | place;
    }

    static int extentOf(int slot) {
        return slot >>> BITS;
    }

    static int placeOf(int slot) {
        return slot & MASK;
    }

    Extent extent(int slot) {
        return extents[slot >>> BITS];
    }

    /** Slots of an extent that hold blocks. */
    int[] ready(int number) {
        Extent extent = extents[number];
        return extent == null
                ? new int[0]
                : IntStream.range(0, extent.count)
                        .filter(place -> extent.state[place] == Extent.READY)
                        .map(place -> slot(number, place))
                        .toArray();
    }

    boolean holds(int slot, int family, long a, long b, long c, long d) {
        Extent extent = extent(slot);
        int place = placeOf(slot);
        return extent.family[place] == family
                && extent.hash[4 * place] == a
                && extent.hash[4 * place + 1] == b
                && extent.hash[4 * place + 2] == c
                && extent.hash[4 * place + 3] == d;
    }

    /** What the index and the ghosts know a block by; not unique. */
    long fingerprint(int slot) {
        Extent extent = extent(slot);
        int place = placeOf(slot);
        return fingerprint(extent.family[place], extent.hash[4 * place]);
    }

    static long fingerprint(int family, long a) {
        long mixed = (a ^ (family + 1L) * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
        return mixed ^ mixed >>> 32;
    }
}
