package dev.cairn.engine.cpu.kernel;

import static dev.cairn.engine.cpu.kernel.ActivationFormat.BLOCK;
import static dev.cairn.engine.cpu.kernel.ActivationFormat.blocks;
import static dev.cairn.engine.cpu.kernel.ActivationFormat.roundUp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A weight matrix {@code [rows, columns]} (output features, input features) in the layout that
 * every kernel provider reads.
 *
 * <p>Rows are grouped in panels of {@value #PANEL_ROWS}, one vector register of results; the last
 * panel is filled up with zero rows. A panel runs through its columns, so that a product reads
 * memory in one direction:
 *
 * <ul>
 *   <li>F32, F16: {@code [panel][column][16]}
 *   <li>BF16: {@code [panel][column pair][16][2]}, an odd last column has a zero beside it
 *   <li>Q8_0: {@code [panel][block][column / 4][16][4]} bytes plus 128 (unsigned, as VNNI wants one
 *       operand), then for the whole matrix {@code [panel][block][16]} float16 scales
 *   <li>Q4_0: {@code [panel][block][4][16][4]}: byte c of group g has column {@code 4g + c} low and
 *       {@code 16 + 4g + c} high, each plus 8; then scales as in Q8_0
 * </ul>
 *
 * <p>Immutable once packed; read by any number of threads. The memory belongs to whoever allocated
 * it.
 *
 * @param format of the elements
 * @param rows output features
 * @param columns input features
 * @param data {@link #packedBytes} bytes, 64-byte aligned
 */
public record PackedMatrix(WeightFormat format, int rows, int columns, MemorySegment data) {

    /** Output features that are computed together. */
    public static final int PANEL_ROWS = 16;

    public PackedMatrix {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "a matrix of [" + rows + ", " + columns + "] has no elements");
        }
        if (data.byteSize() < packedBytes(format, rows, columns)) {
            throw new IllegalArgumentException(
                    "packed [%d, %d] in %s needs %d bytes, got %d"
                            .formatted(
                                    rows,
                                    columns,
                                    format,
                                    packedBytes(format, rows, columns),
                                    data.byteSize()));
        }
        if (data.address() % 64 != 0) {
            throw new IllegalArgumentException("packed weights must be 64-byte aligned");
        }
    }

    /** An unfilled matrix in new memory, to be handed to {@link MatrixPacker}. */
    public static PackedMatrix allocate(
            WeightFormat format, int rows, int columns, SegmentAllocator allocator) {
        return new PackedMatrix(
                format, rows, columns, allocator.allocate(packedBytes(format, rows, columns), 64));
    }

    /** Bytes that a packed matrix takes, padding included. */
    public static long packedBytes(WeightFormat format, int rows, int columns) {
        long panels = (rows + PANEL_ROWS - 1) / PANEL_ROWS;
        return panels * (panelBytes(format, columns) + scaleBytes(format, columns));
    }

    /** Panels of {@value #PANEL_ROWS} rows, the unit in which work is divided. */
    public int panels() {
        return (rows + PANEL_ROWS - 1) / PANEL_ROWS;
    }

    /** Bytes of one panel's elements, without scales. */
    long panelBytes() {
        return panelBytes(format, columns);
    }

    /** Where the float16 scales of a panel begin. */
    long scaleOffset(int panel) {
        return panels() * panelBytes() + panel * scaleBytes(format, columns);
    }

    /** Where the elements of a panel begin. */
    long panelOffset(int panel) {
        return panel * panelBytes();
    }

    private static long panelBytes(WeightFormat format, int columns) {
        return switch (format) {
            case F32 -> 64L * columns;
            case F16 -> 32L * columns;
            case BF16 -> 32L * roundUp(columns, 2);
            case Q8_0 -> 16L * BLOCK * blocks(columns);
            case Q4_0 -> 8L * BLOCK * blocks(columns);
        };
    }

    private static long scaleBytes(WeightFormat format, int columns) {
        return format.quantized() ? 32L * blocks(columns) : 0;
    }

    /**
     * One row in float32, as an embedding look-up needs it.
     *
     * @param row output feature, below {@link #rows()}
     * @param factor multiplied into every element (1 for most models, the root of the width for
     *     Gemma)
     * @param output {@code [columns]} float32, from its first byte
     */
    public void readRow(int row, float factor, MemorySegment output) {
        Objects.checkIndex(row, rows);
        for (int column = 0; column < columns; column++) {
            output.set(
                    ValueLayout.JAVA_FLOAT_UNALIGNED, column * 4L, factor * element(row, column));
        }
    }

    /** One element in float32. */
    public float element(int row, int column) {
        int panel = row / PANEL_ROWS;
        int lane = row % PANEL_ROWS;
        long base = panelOffset(panel);
        return switch (format) {
            case F32 -> data.get(PlainMemory.FLOAT, base + (column * 16L + lane) * 4);
            case F16 ->
                    Float.float16ToFloat(
                            data.get(PlainMemory.SHORT, base + (column * 16L + lane) * 2));
            case BF16 ->
                    PlainMemory.bf16(
                            data.get(
                                    PlainMemory.SHORT,
                                    base + ((column / 2) * 32L + lane * 2 + column % 2) * 2));
            case Q8_0 -> {
                long at = base + (column / 4) * 64L + lane * 4 + column % 4;
                yield ((data.get(ValueLayout.JAVA_BYTE, at) & 255) - 128)
                        * scale(panel, lane, column);
            }
            case Q4_0 -> {
                int within = column % BLOCK;
                long at =
                        base
                                + (column / BLOCK) * 256L
                                + (within % 16 / 4) * 64L
                                + lane * 4
                                + within % 4;
                int both = data.get(ValueLayout.JAVA_BYTE, at);
                yield (((within < 16 ? both : both >> 4) & 15) - 8) * scale(panel, lane, column);
            }
        };
    }

    private float scale(int panel, int lane, int column) {
        return Float.float16ToFloat(
                data.get(
                        PlainMemory.SHORT, scaleOffset(panel) + (column / BLOCK) * 32L + lane * 2));
    }
}
