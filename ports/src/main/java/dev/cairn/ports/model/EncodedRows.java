package dev.cairn.ports.model;

import java.lang.foreign.MemorySegment;

/** A matrix in blocks of its file. Threads: any number of readers at once. */
public interface EncodedRows {

    BlockEncoding encoding();

    /**
     * The bytes of one logical row, {@code encoding().rowBytes(columns)} of them, read-only: a view
     * of the mapped file.
     *
     * @throws IndexOutOfBoundsException if there is no such row
     */
    MemorySegment row(int row);
}
