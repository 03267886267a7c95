package dev.cairn.plugin.device;

/**
 * A matrix in device memory, row behind row.
 *
 * @param address of its first row
 * @param rows output features
 * @param columns input features
 */
public record DeviceMatrix(long address, ElementType type, int rows, int columns) {

    public long bytes() {
        return rows * type.rowBytes(columns);
    }
}
