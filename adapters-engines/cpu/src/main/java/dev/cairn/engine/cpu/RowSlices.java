package dev.cairn.engine.cpu;

import java.lang.foreign.MemorySegment;

/**
 * The ends of a buffer from each of its rows on, made once each: a slice is an object, and the step
 * loop makes none.
 *
 * <p>Threads: any; two that ask for one row at a time may each make it.
 */
final class RowSlices {

    private final MemorySegment base;
    private final long rowBytes;
    private final MemorySegment[] slices;

    /**
     * @param rows of {@code base}
     * @param rowBytes of each
     */
    RowSlices(MemorySegment base, int rows, long rowBytes) {
        this.base = base;
        this.rowBytes = rowBytes;
        this.slices = new MemorySegment[rows];
    }

    MemorySegment base() {
        return base;
    }

    int rows() {
        return slices.length;
    }

    /** Everything from a row on. */
    MemorySegment from(int row) {
        MemorySegment slice = slices[row];
        if (slice == null) {
            slice = base.asSlice(row * rowBytes);
            slices[row] = slice;
        }
        return slice;
    }
}
