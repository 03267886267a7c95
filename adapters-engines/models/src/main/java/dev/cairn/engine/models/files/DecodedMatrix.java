package dev.cairn.engine.models.files;

import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A matrix in an encoding that engines do not know, given to them as one that they do, row by row.
 *
 * <p>Threads: any; each decodes into memory of its own, which its next row, of whatever matrix,
 * uses again.
 *
 * @param type what rows are given as
 * @param kept what an engine keeps them in unless it is told otherwise
 * @param decoder writes a row
 */
record DecodedMatrix(WeightType type, WeightType kept, int rows, int columns, RowDecoder decoder)
        implements StoredMatrix {

    private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[0]);

    /** Writes a row of a matrix. Threads: any. */
    @FunctionalInterface
    interface RowDecoder {

        /**
         * @param target the row in the matrix's type, little-endian, all of it to be written
         */
        void decode(int row, MemorySegment target);
    }

    @Override
    public MemorySegment row(int row) {
        Objects.checkIndex(row, rows);
        int bytes = Math.toIntExact(type.rowBytes(columns));
        byte[] scratch = SCRATCH.get();
        if (scratch.length < bytes) {
            scratch = new byte[bytes];
            SCRATCH.set(scratch);
        }
        MemorySegment target = MemorySegment.ofArray(scratch).asSlice(0, bytes);
        decoder.decode(row, target);
        return target.asReadOnly();
    }

    /** A run of its rows. */
    DecodedMatrix part(int first, int count) {
        Objects.checkFromIndexSize(first, count, rows);
        return new DecodedMatrix(
                type, kept, count, columns, (row, target) -> decoder.decode(first + row, target));
    }

    /** Its rows in another order. */
    DecodedMatrix ordered(RowOrder order) {
        return new DecodedMatrix(
                type,
                kept,
                rows,
                columns,
                (row, target) -> decoder.decode((int) order.stored(row), target));
    }
}
