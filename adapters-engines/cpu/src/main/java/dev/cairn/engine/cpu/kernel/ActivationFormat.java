package dev.cairn.engine.cpu.kernel;

/**
 * The form of a matrix product's input rows, made once by {@link Kernels#prepare} and shared by
 * every matrix whose {@link WeightFormat#activation()} it is.
 *
 * <p>A prepared row depends on that row alone, never on its neighbours, so that a token's result is
 * the same in any batch. Rows are dense: row {@code t} begins at {@code t * rowBytes(columns)}.
 */
public enum ActivationFormat {
    /** The input itself, {@code [tokens, columns]} float32: nothing to prepare. */
    F32,
    /** Rounded to bfloat16 (nearest even); odd column counts have a zero behind them. */
    BF16,
    /**
     * Blocks of 32 columns scaled to signed bytes by the block's largest magnitude: all bytes of
     * the row (zeros up to a whole block), then a float32 scale per block, then int32 minus the sum
     * of the bytes per block, then int32 minus the sum of the first half of them.
     */
    INT8;

    /** Columns that share a scale in {@link #INT8}. */
    public static final int BLOCK = 32;

    /** Bytes of one prepared row of {@code columns} inputs. */
    public long rowBytes(int columns) {
        return switch (this) {
            case F32 -> columns * 4L;
            case BF16 -> roundUp(columns, 2) * 2L;
            case INT8 -> {
                long blocks = blocks(columns);
                yield roundUp(blocks * (BLOCK + 4 + 4 + 4), 64);
            }
        };
    }

    /**
     * Whether {@link Kernels#prepare} has to run: a product may read {@link #F32} rows where they
     * are.
     */
    public boolean needsPreparation() {
        return this != F32;
    }

    /** Blocks of 32 that cover {@code columns}. */
    static int blocks(int columns) {
        return (columns + BLOCK - 1) / BLOCK;
    }

    static long roundUp(long value, long multiple) {
        return (value + multiple - 1) / multiple * multiple;
    }
}
