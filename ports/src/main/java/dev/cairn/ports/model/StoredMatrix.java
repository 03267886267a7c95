package dev.cairn.ports.model;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A matrix in its file's own encoding, read row by row so that row permutations and fused tensors
 * stay the format's secret.
 */
public interface StoredMatrix {

    WeightType type();

    /**
     * What an engine keeps it in unless it is told otherwise: the type itself, or a smaller one
     * where rows are decoded from an encoding that has no type.
     */
    default WeightType kept() {
        return type();
    }

    /**
     * The same rows as the file has them, where they are in blocks that {@link #type} does not
     * name: for engines that compute with those.
     */
    default Optional<EncodedRows> encoded() {
        return Optional.empty();
    }

    /** Output features. */
    int rows();

    /** Input features; a multiple of {@link WeightType#blockLength()}. */
    int columns();

    /**
     * The bytes of one logical row: {@code type().rowBytes(columns())} of them, little-endian,
     * read-only: a view of the mapped file, or decoded from it, and then good until this thread
     * asks for another row of any matrix. Alignment is that of the file: assume one byte.
     *
     * @throws IndexOutOfBoundsException if row is not in [0, rows)
     */
    MemorySegment row(int row);
}
