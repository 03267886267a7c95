package dev.cairn.ports.model;

import java.lang.foreign.MemorySegment;

/**
 * A matrix in its file's own encoding, read row by row so that row permutations and fused tensors
 * stay the format's secret.
 */
public interface StoredMatrix {

    WeightType type();

    /** Output features. */
    int rows();

    /** Input features; a multiple of {@link WeightType#blockLength()}. */
    int columns();

    /**
     * The bytes of one logical row: {@code type().rowBytes(columns())} of them, little-endian,
     * read-only, a view of the mapped file (never a copy). Alignment is that of the file: assume
     * one byte.
     *
     * @throws IndexOutOfBoundsException if row is not in [0, rows)
     */
    MemorySegment row(int row);
}
