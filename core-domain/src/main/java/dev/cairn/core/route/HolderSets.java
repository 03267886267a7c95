package dev.cairn.core.route;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Sets of holders, every set kept once: the blocks of a chain mostly have the same holders, so a
 * block needs only the number of its set, and equal numbers mean equal sets.
 *
 * <p>A set is a sorted row of chars in chunks that never move; {@code [row : 48 | length : 16]} and
 * a version say where it is and whether it is being rewritten. Rows of sets that no block has any
 * more are used again.
 *
 * <p>Threads: one writer. Readers copy a row and check the version before and after.
 */
final class HolderSets {

    /** The set of nobody. */
    static final int EMPTY = 0;

    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int META_BITS = 8;
    private static final int META_MASK = (1 << META_BITS) - 1;
    private static final int ROW_BITS = 16;
    private static final int ROW_MASK = (1 << ROW_BITS) - 1;
    private static final int LEAST_ROW = 4;

    private volatile long[][] metas = new long[0][];
    private volatile char[][] rows = new char[0][];
    private long rowsUsed;

    private int[] references = new int[16];
    private int[] hashes = new int[16];
    private int used;
    private int[] freeSets = new int[16];
    private int freeSetCount;

    /** By the size of a row, as a power of two. */
    private final long[][] freeRows = new long[ROW_BITS + 1][0];

    private final int[] freeRowCounts = new int[ROW_BITS + 1];

    private int[] interned = new int[16];
    private int internedCount;
    private char[] scratch = new char[16];

    /** The last change, which is the next block's too most of the time. */
    private int changedFrom;

    private int changedHolder = -1;
    private int changedTo;

    HolderSets() {
        newSet();
        references[EMPTY] = 1;
    }

    /** Sets in use, the empty one aside. */
    int size() {
        return internedCount;
    }

    long bytes() {
        long bytes = 2L * (scratch.length + (long) rows.length * (1 << ROW_BITS));
        bytes += 16L * metas.length * (1 << META_BITS);
        bytes += 4L * (references.length + hashes.length + freeSets.length + interned.length);
        for (long[] free : freeRows) {
            bytes += 8L * free.length;
        }
        return bytes;
    }

    /** Readers: odd while the set is rewritten, another one afterwards. */
    long version(int set) {
        return (long) LONGS.getAcquire(meta(set), index(set) + 1);
    }

    /** Readers: copies the members; returns how many. Good if the version has not changed. */
    int copy(int set, char[] target) {
        long where = (long) LONGS.getAcquire(meta(set), index(set));
        int length = (int) (where & 0xffff);
        long start = where >>> 16;
        char[][] all = rows;
        int chunk = (int) (start >>> ROW_BITS);
        if (chunk >= all.length || length > target.length) {
            return 0;
        }
        System.arraycopy(all[chunk], (int) (start & ROW_MASK), target, 0, length);
        return length;
    }

    int length(int set) {
        return (int) (meta(set)[index(set)] & 0xffff);
    }

    /** Writer: whether a holder is a member. */
    boolean contains(int set, int holder) {
        long where = meta(set)[index(set)];
        int start = (int) ((where >>> 16) & ROW_MASK);
        int length = (int) (where & 0xffff);
        char[] row = rows[(int) (where >>> 16 + ROW_BITS)];
        return Arrays.binarySearch(row, start, start + length, (char) holder) >= 0;
    }

    /** Writer: the set with a holder more; the same set if it is a member. */
    int with(int set, int holder) {
        if (changedFrom == set && changedHolder == (holder << 1)) {
            return changedTo;
        }
        int length = load(set);
        int at = Arrays.binarySearch(scratch, 0, length, (char) holder);
        int result = set;
        if (at < 0) {
            at = -at - 1;
            System.arraycopy(scratch, at, scratch, at + 1, length - at);
            scratch[at] = (char) holder;
            result = intern(length + 1, hashes[set] + scatter(holder));
        }
        return changed(set, holder << 1, result);
    }

    /** Writer: the set with a holder less; the same set if it is no member. */
    int without(int set, int holder) {
        if (changedFrom == set && changedHolder == (holder << 1 | 1)) {
            return changedTo;
        }
        int length = load(set);
        int at = Arrays.binarySearch(scratch, 0, length, (char) holder);
        int result = set;
        if (at >= 0) {
            System.arraycopy(scratch, at + 1, scratch, at, length - at - 1);
            result = length == 1 ? EMPTY : intern(length - 1, hashes[set] - scatter(holder));
        }
        return changed(set, holder << 1 | 1, result);
    }

    private int changed(int from, int holder, int to) {
        changedFrom = from;
        changedHolder = holder;
        changedTo = to;
        return to;
    }

    private int load(int set) {
        int length = length(set);
        if (scratch.length < length + 1) {
            scratch = new char[2 * length + 2];
        }
        return length == 0 ? 0 : copy(set, scratch);
    }

    /** Writer: one block more has the set. */
    void retain(int set) {
        references[set]++;
    }

    /** Writer: one block less has it; the last one frees it. */
    void release(int set) {
        if (--references[set] > 0) {
            return;
        }
        forget(set);
        if (changedFrom == set || changedTo == set) {
            changedHolder = -1;
        }
        long where = meta(set)[index(set)];
        int size = sizeClass((int) (where & 0xffff));
        if (freeRowCounts[size] == freeRows[size].length) {
            freeRows[size] = Arrays.copyOf(freeRows[size], 2 * freeRows[size].length + 4);
        }
        freeRows[size][freeRowCounts[size]++] = where >>> 16;
        if (freeSetCount == freeSets.length) {
            freeSets = Arrays.copyOf(freeSets, 2 * freeSetCount);
        }
        freeSets[freeSetCount++] = set;
    }

    /** The set that the scratch holds. */
    private int intern(int length, int hash) {
        if (2 * (internedCount + 1) > interned.length) {
            growInterned();
        }
        int mask = interned.length - 1;
        int at = hash & mask;
        for (; interned[at] != EMPTY; at = (at + 1) & mask) {
            if (hashes[interned[at]] == hash && isScratch(interned[at], length)) {
                return interned[at];
            }
        }
        int set = newSet();
        write(set, length);
        hashes[set] = hash;
        interned[at] = set;
        internedCount++;
        return set;
    }

    private boolean isScratch(int set, int length) {
        long where = meta(set)[index(set)];
        int start = (int) ((where >>> 16) & ROW_MASK);
        char[] row = rows[(int) (where >>> 16 + ROW_BITS)];
        return (where & 0xffff) == length
                && Arrays.equals(row, start, start + length, scratch, 0, length);
    }

    private int newSet() {
        if (freeSetCount > 0) {
            return freeSets[--freeSetCount];
        }
        if (used == metas.length << META_BITS) {
            long[][] more = Arrays.copyOf(metas, metas.length + 1);
            more[metas.length] = new long[2 << META_BITS];
            metas = more;
        }
        if (used == references.length) {
            references = Arrays.copyOf(references, used + (used >>> 1));
            hashes = Arrays.copyOf(hashes, references.length);
        }
        return used++;
    }

    private void write(int set, int length) {
        long start = row(sizeClass(length));
        char[] row = rows[(int) (start >>> ROW_BITS)];
        long[] meta = meta(set);
        int at = index(set);
        long version = meta[at + 1];
        LONGS.setRelease(meta, at + 1, version + 1);
        VarHandle.storeStoreFence();
        System.arraycopy(scratch, 0, row, (int) (start & ROW_MASK), length);
        LONGS.setRelease(meta, at, start << 16 | length);
        LONGS.setRelease(meta, at + 1, version + 2);
    }

    /** A row of a size; rows do not cross chunks, what is left of one is lost to smaller sizes. */
    private long row(int size) {
        if (freeRowCounts[size] > 0) {
            return freeRows[size][--freeRowCounts[size]];
        }
        long start = (rowsUsed + (1L << size) - 1) >>> size << size;
        if (start >>> ROW_BITS >= rows.length) {
            char[][] more = Arrays.copyOf(rows, rows.length + 1);
            more[rows.length] = new char[1 << ROW_BITS];
            rows = more;
        }
        rowsUsed = start + (1L << size);
        return start;
    }

    private static int sizeClass(int length) {
        return 32 - Integer.numberOfLeadingZeros(Math.max(LEAST_ROW, length) - 1);
    }

    private void growInterned() {
        int[] old = interned;
        interned = new int[2 * old.length];
        int mask = interned.length - 1;
        for (int set : old) {
            if (set != EMPTY) {
                int at = hashes[set] & mask;
                while (interned[at] != EMPTY) {
                    at = (at + 1) & mask;
                }
                interned[at] = set;
            }
        }
    }

    private void forget(int set) {
        int mask = interned.length - 1;
        int hole = hashes[set] & mask;
        while (interned[hole] != set) {
            hole = (hole + 1) & mask;
        }
        interned[hole] = EMPTY;
        for (int at = (hole + 1) & mask; interned[at] != EMPTY; at = (at + 1) & mask) {
            if (((at - hashes[interned[at]]) & mask) >= ((at - hole) & mask)) {
                interned[hole] = interned[at];
                interned[at] = EMPTY;
                hole = at;
            }
        }
        internedCount--;
    }

    private static int scatter(int holder) {
        int bits = (holder + 1) * 0x9e3779b9;
        return (bits ^ bits >>> 15) * 0x85ebca6b;
    }

    private long[] meta(int set) {
        return metas[set >>> META_BITS];
    }

    private static int index(int set) {
        return (set & META_MASK) << 1;
    }
}
