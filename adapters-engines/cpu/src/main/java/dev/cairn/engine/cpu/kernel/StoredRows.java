package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The rows of a matrix as a file holds them; a permuted or fused matrix is a source that looks its
 * rows up elsewhere.
 *
 * <p>Threads: read by several at once.
 */
public interface StoredRows {

    /** The stored form of every row. */
    WeightFormat format();

    /**
     * The bytes of one row.
     *
     * @param row output feature, from 0
     * @return at least {@link WeightFormat#storedRowBytes} bytes, from the row's first element; any
     *     alignment
     */
    MemorySegment row(int row);

    /**
     * Rows that lie one behind the other.
     *
     * @param format stored form
     * @param columns elements of a row
     * @param data the rows, from the first one
     */
    static StoredRows dense(WeightFormat format, int columns, MemorySegment data) {
        long rowBytes = format.storedRowBytes(columns);
        return new StoredRows() {
            @Override
            public WeightFormat format() {
                return format;
            }

            @Override
            public MemorySegment row(int row) {
                return data.asSlice(row * rowBytes, rowBytes);
            }
        };
    }
}
