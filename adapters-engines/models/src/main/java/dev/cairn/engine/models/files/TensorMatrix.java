package dev.cairn.engine.models.files;

import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A matrix over mapped bytes, perhaps with its rows in another order than the file has them.
 *
 * @param bytes the rows, one behind the other
 * @param order where each logical row lies
 */
record TensorMatrix(WeightType type, int rows, int columns, MemorySegment bytes, RowOrder order)
        implements StoredMatrix {

    @Override
    public MemorySegment row(int row) {
        Objects.checkIndex(row, rows);
        long rowBytes = type.rowBytes(columns);
        return bytes.asSlice(order.stored(row) * rowBytes, rowBytes);
    }
}
