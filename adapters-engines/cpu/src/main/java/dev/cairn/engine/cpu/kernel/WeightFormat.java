package dev.cairn.engine.cpu.kernel;

/**
 * How the elements of a weight matrix are stored, in files and packed.
 *
 * <p>The stored form of a row is the one of safetensors (F32, F16, BF16: little-endian elements)
 * and of GGUF (the block structures of ggml, ggml-common.h).
 */
public enum WeightFormat {
    /** IEEE 754 single precision. */
    F32(1, 4, ActivationFormat.F32),
    /** IEEE 754 half precision; products are made in single precision. */
    F16(1, 2, ActivationFormat.F32),
    /** The upper half of a single; activations are rounded to it too, sums are single precision. */
    BF16(1, 2, ActivationFormat.BF16),
    /** Blocks of 32: a float16 scale, then 32 signed bytes. */
    Q8_0(32, 34, ActivationFormat.INT8),
    /**
     * Blocks of 32: a float16 scale, then 16 bytes; byte i has column i low and column i + 16 high,
     * each plus 8.
     */
    Q4_0(32, 18, ActivationFormat.INT8),
    /** Blocks of 32: a float16 scale, 32 high bits, 16 bytes as in Q4_0; plus 16. */
    Q5_0(32, 22, ActivationFormat.INT8),
    /**
     * Blocks of 256: two float16, eight scales and eight minima of 6 bits, 128 bytes of nibbles.
     */
    Q4_K(256, 144, ActivationFormat.INT8),
    /** As Q4_K, with 32 bytes of fifth bits before the nibbles. */
    Q5_K(256, 176, ActivationFormat.INT8),
    /** Blocks of 256: 128 bytes of nibbles, 64 of pairs of bits, 16 scales of 8 bits, a float16. */
    Q6_K(256, 210, ActivationFormat.INT8);

    /** Columns of a block whose parts have scales of their own. */
    static final int SUPER_BLOCK = 256;

    private final int blockColumns;
    private final int blockBytes;
    private final ActivationFormat activation;

    WeightFormat(int blockColumns, int blockBytes, ActivationFormat activation) {
        this.blockColumns = blockColumns;
        this.blockBytes = blockBytes;
        this.activation = activation;
    }

    /** Columns that share a scale in the stored form; 1 for formats without scales. */
    public int blockColumns() {
        return blockColumns;
    }

    /** Bytes of one block of {@link #blockColumns()} columns in the stored form. */
    public int blockBytes() {
        return blockBytes;
    }

    /** The form in which a matrix product wants its other operand. */
    public ActivationFormat activation() {
        return activation;
    }

    /** Whether the elements are integers behind a scale. */
    public boolean quantized() {
        return blockColumns > 1;
    }

    /** Whether scales are integers of their own behind one of a whole block. */
    public boolean superBlocks() {
        return blockColumns == SUPER_BLOCK;
    }

    /** Columns that have one factor in a product. */
    int scaledColumns() {
        return this == Q6_K ? ActivationFormat.BLOCK / 2 : ActivationFormat.BLOCK;
    }

    /** Whether a minimum is taken off what the scale makes. */
    boolean minima() {
        return this == Q4_K || this == Q5_K;
    }

    /**
     * Bytes of one stored row.
     *
     * @throws IllegalArgumentException if the columns are no whole number of blocks
     */
    public long storedRowBytes(int columns) {
        if (columns % blockColumns != 0) {
            throw new IllegalArgumentException(
                    "a row of "
                            + columns
                            + " columns in "
                            + this
                            + " needs a multiple of "
                            + blockColumns);
        }
        return (long) (columns / blockColumns) * blockBytes;
    }
}
