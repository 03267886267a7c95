package dev.cairn.engine.remote;

import java.util.ArrayDeque;

/**
 * Slabs in sizes of powers of two, given out up to a bound and used again. The loop's thread alone.
 */
final class SlabPool implements AutoCloseable {

    static final int LEAST = 16 << 10;

    /** Free memory that is kept for the next request; more is given back at once. */
    private static final long MOST_FREE = 64L << 20;

    private static final int LEAST_BITS = 14;

    private final long mostBytes;
    private final ArrayDeque<Slab>[] free;
    private long usedBytes;
    private long freeBytes;

    /**
     * @param mostBytes that may be in use at once
     */
    @SuppressWarnings("unchecked")
    SlabPool(long mostBytes) {
        this.mostBytes = mostBytes;
        this.free = new ArrayDeque[Integer.SIZE - LEAST_BITS];
        for (int i = 0; i < free.length; i++) {
            free[i] = new ArrayDeque<>();
        }
    }

    /**
     * @return null if so much memory is in use that the client has to wait
     */
    Slab take(int atLeast) {
        int bits = bits(atLeast);
        long size = 1L << bits;
        if (usedBytes + size > mostBytes) {
            return null;
        }
        usedBytes += size;
        Slab kept = free[bits - LEAST_BITS].pollLast();
        if (kept == null) {
            return new Slab(size);
        }
        freeBytes -= size;
        return kept;
    }

    private static int bits(int atLeast) {
        return Math.max(LEAST_BITS, Integer.SIZE - Integer.numberOfLeadingZeros(atLeast - 1));
    }

    void give(Slab slab) {
        usedBytes -= slab.size();
        if (freeBytes + slab.size() > MOST_FREE) {
            slab.close();
            return;
        }
        freeBytes += slab.size();
        free[bits(slab.size()) - LEAST_BITS].addLast(slab);
    }

    /** Bytes that requests hold. */
    long usedBytes() {
        return usedBytes;
    }

    @Override
    public void close() {
        for (ArrayDeque<Slab> slabs : free) {
            slabs.forEach(Slab::close);
            slabs.clear();
        }
    }
}
