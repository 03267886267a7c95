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
 *   <li>Q5_0: as Q4_0, each block's 256 bytes followed by {@code [16][4]} bytes of fifth bits: bit
 *       g of byte c has that of column {@code 4g + c}, for g from 0 to 7; each plus 16
 *   <li>Q4_K, Q5_K: elements as Q4_0 and Q5_0, with nothing added; then {@code [panel][block of
 *       256]}: 16 float16 factors of scales, 16 of minima, {@code [8][16]} scales, {@code [8][16]}
 *       minima, a byte each
 *   <li>Q6_K: nibbles as Q4_0, then {@code [2][16][4]} bytes of high bits, bits 2g and up of byte c
 *       those of column {@code 4g + c} of each half; each plus 32; then {@code [panel][block of
 *       256]}: 16 float16 factors, {@code [16][16]} signed scales, a byte each
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

    /** Bytes of factors, scales and minima of a panel's block of 256 columns. */
    static final int SCALES_WITH_MINIMA = 2 * 32 + 16 * PANEL_ROWS;

    static final int SCALES_OF_Q6 = 32 + 16 * PANEL_ROWS;

    public PackedMatrix {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "a matrix of [" + rows + ", " + columns + "] has no elements");
        }
        if (format.superBlocks() && columns % WeightFormat.SUPER_BLOCK != 0) {
            throw new IllegalArgumentException(
                    format + " has no rows of " + columns + " columns, only of whole blocks");
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
            case Q4_0, Q4_K -> 8L * BLOCK * blocks(columns);
            case Q5_0, Q5_K -> 10L * BLOCK * blocks(columns);
            case Q6_K -> 12L * BLOCK * blocks(columns);
        };
    }

    private static long scaleBytes(WeightFormat format, int columns) {
        return switch (format) {
            case F32, F16, BF16 -> 0;
            case Q8_0, Q4_0, Q5_0 -> 32L * blocks(columns);
            case Q4_K, Q5_K -> (long) SCALES_WITH_MINIMA * (columns / WeightFormat.SUPER_BLOCK);
            case Q6_K -> (long) SCALES_OF_Q6 * (columns / WeightFormat.SUPER_BLOCK);
        };
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
        if (format.quantized()) {
            float product = scale(panel, lane, column) * quant(panel, lane, column);
            return format.minima() ? product - minimum(panel, lane, column) : product;
        }
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
            case Q8_0, Q4_0, Q5_0, Q4_K, Q5_K, Q6_K ->
                    throw new IllegalStateException(format + " was read above");
        };
    }

    /** The integer that a quantised element is, less what it is stored plus. */
    int quant(int panel, int lane, int column) {
        int within = column % BLOCK;
        long block = panelOffset(panel) + panelBytes() / blocks(columns) * (column / BLOCK);
        int group = within / 4;
        int place = lane * 4 + within % 4;
        if (format == WeightFormat.Q8_0) {
            return octet(block + group * 64L + place) - 128;
        }
        int both = octet(block + group % 4 * 64L + place);
        int low = (group < 4 ? both : both >> 4) & 15;
        return switch (format) {
            case Q4_0 -> low - 8;
            case Q4_K -> low;
            case Q5_0 -> (low | (octet(block + 256 + place) >> group & 1) << 4) - 16;
            case Q5_K -> low | (octet(block + 256 + place) >> group & 1) << 4;
            case Q6_K -> {
                int pairs = octet(block + 256 + group / 4 * 64L + place);
                yield (low | (pairs >> group % 4 * 2 & 3) << 4) - 32;
            }
            case F32, F16, BF16, Q8_0 ->
                    throw new IllegalStateException(format + " has no nibbles");
        };
    }

    /** The factor of an element's part of a block. */
    float scale(int panel, int lane, int column) {
        return switch (format) {
            case Q8_0, Q4_0, Q5_0 -> half(scaleOffset(panel) + (column / BLOCK) * 32L + lane * 2);
            case Q4_K, Q5_K -> {
                long block = superBlock(panel, column);
                yield half(block + lane * 2)
                        * octet(block + 64 + column % 256 / BLOCK * 16L + lane);
            }
            case Q6_K -> {
                long block = superBlock(panel, column);
                yield half(block + lane * 2)
                        * (byte) octet(block + 32 + column % 256 / 16 * 16L + lane);
            }
            case F32, F16, BF16 -> throw new IllegalStateException(format + " has no scales");
        };
    }

    /** What is taken off every element of a part, in formats that have it. */
    float minimum(int panel, int lane, int column) {
        long block = superBlock(panel, column);
        return half(block + 32 + lane * 2) * octet(block + 192 + column % 256 / BLOCK * 16L + lane);
    }

    /** Where the factors of a column's block of 256 lie. */
    long superBlock(int panel, int column) {
        int bytes = format == WeightFormat.Q6_K ? SCALES_OF_Q6 : SCALES_WITH_MINIMA;
        return scaleOffset(panel) + (long) (column / WeightFormat.SUPER_BLOCK) * bytes;
    }

    private float half(long at) {
        return Float.float16ToFloat(data.get(PlainMemory.SHORT, at));
    }

    private int octet(long at) {
        return data.get(ValueLayout.JAVA_BYTE, at) & 255;
    }
}
