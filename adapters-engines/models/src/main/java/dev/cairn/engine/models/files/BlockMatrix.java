package dev.cairn.engine.models.files;

import dev.cairn.ports.model.BlockEncoding;
import dev.cairn.ports.model.EncodedRows;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;

/**
 * A matrix in blocks of GGUF, as it is and decoded.
 *
 * @param decoded the logical rows
 * @param bytes the rows of the file, one behind the other
 * @param order where each logical row lies
 */
record BlockMatrix(
        DecodedMatrix decoded, BlockEncoding encoding, MemorySegment bytes, RowOrder order)
        implements StoredMatrix {

    @Override
    public WeightType type() {
        return decoded.type();
    }

    @Override
    public WeightType kept() {
        return decoded.kept();
    }

    @Override
    public int rows() {
        return decoded.rows();
    }

    @Override
    public int columns() {
        return decoded.columns();
    }

    @Override
    public MemorySegment row(int row) {
        return decoded.row(row);
    }

    @Override
    public Optional<EncodedRows> encoded() {
        return Optional.of(
                new EncodedRows() {
                    @Override
                    public BlockEncoding encoding() {
                        return encoding;
                    }

                    @Override
                    public MemorySegment row(int row) {
                        Objects.checkIndex(row, rows());
                        long rowBytes = encoding.rowBytes(columns());
                        return bytes.asSlice(order.stored(row) * rowBytes, rowBytes);
                    }
                });
    }
}
