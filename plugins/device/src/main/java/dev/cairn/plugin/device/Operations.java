package dev.cairn.plugin.device;

/**
 * What a transformer does on a device, put on the one stream that these operations were made for.
 * Addresses are the device's; activations are float32 {@code [rows, width]} and dense unless said
 * otherwise.
 *
 * <p>Promised by every implementation: a row of a result has the same bits whatever other rows are
 * computed with it. No call allocates or waits.
 *
 * <p>Threads: the device's owner.
 */
public interface Operations {

    /** What decides the bits of results, for the compute identity: {@code "cuda-1"}. */
    String family();

    /** What was chosen, for people. */
    String report();

    /**
     * Query rows, tokens times query heads of one key head, that one tile may have.
     *
     * @param keys what keys and values are kept in
     */
    int tileRows(ElementType keys, int headSize);

    /** Positions whose attention is computed apart and merged, from a multiple of it on. */
    int partition();

    /**
     * Makes a product ready.
     *
     * @param outputWidth elements from one row of the output to the next
     */
    Product product(DeviceMatrix weights, int outputWidth);

    /** Rows times a matrix. */
    interface Product {

        /** What the input's elements are. */
        ElementType operand();

        /**
         * {@code output[row] = weights · input[row]}, float32.
         *
         * @param input {@code [rows, columns]} of {@link #operand}
         */
        void run(long input, long output, int rows);
    }

    /** {@code output[row] = table[tokens[row]] * scale}. */
    void embed(long tokens, DeviceMatrix table, float scale, long output, int rows);

    /**
     * {@code residual += norm(branch); output = norm(residual)}.
     *
     * @param branch 0 = nothing is added
     * @param branchWeight {@code [width]}; 0 = the branch is added as it is
     * @param weight {@code [width]}; 0 = nothing is put out
     * @param chosen int32; row i of the output is made of row {@code chosen[i]}; 0 = of row i
     */
    void addNorm(
            long residual,
            long branch,
            long branchWeight,
            long weight,
            float epsilon,
            long chosen,
            long output,
            ElementType outputType,
            int width,
            int rows);

    /** {@code output = activation(gate) * up} of rows {@code [gate | up]}. */
    void gate(long gateUp, boolean gelu, long output, ElementType outputType, int width, int rows);

    void addBias(long target, long bias, int width, int rows);

    void softcap(long target, float cap, int width, int rows);

    /**
     * Biases, norms and rotates the heads of rows {@code [queries | keys | values]}, and stores
     * keys and values in the pool.
     */
    void shapeHeads(AttentionLayer layer, AttentionRows rows, int count);

    /**
     * Attention of all tiles of the rows.
     *
     * @param partials room for the slots' partial results, {@code
     *     [slots][heads][mostPartitions][head size + 2]} float32
     * @param output {@code [rows, heads * headSize]} of {@code outputType}
     */
    void attend(
            AttentionLayer layer,
            AttentionRows rows,
            long partials,
            int mostPartitions,
            long output,
            ElementType outputType);

    /**
     * One layer's attention, all that does not change from step to step.
     *
     * @param pool of its group, blocks in canonical layout
     * @param blockBytes of a block with all its layers
     * @param layerOffset bytes of the layers before this one in a block
     * @param bias {@code [queries | keys | values]}; 0 = none
     * @param queryNorm {@code [headSize]}; 0 = none
     * @param rotary {@code [positions][cosines | sines]}, {@code rotated} floats each
     * @param window 0 = all positions
     * @param softcap 0 = none
     */
    record AttentionLayer(
            long pool,
            long blockBytes,
            long layerOffset,
            ElementType kvType,
            int blockTokens,
            int heads,
            int keyHeads,
            int headSize,
            long bias,
            long queryNorm,
            long keyNorm,
            float epsilon,
            long rotary,
            int rotated,
            float scale,
            int window,
            float softcap) {}

    /** Where a step's rows are and go. One object that is rewritten for each layer. */
    final class AttentionRows {
        /** {@code [rows][queries | keys | values]}. */
        public long values;

        /** int32 {@code [rows]}: lines of the rotary tables. */
        public long positions;

        /** int32 {@code [rows]}: {@code block * blockTokens + place}. */
        public long slots;

        /** int32 {@code [sequences][tableWidth]}. */
        public long tables;

        public int tableWidth;

        /**
         * int32 {@code [tiles][sequence, row, rows, first position, slot]}; a slot of -1 = one
         * block makes all partitions.
         */
        public long tiles;

        public int tileCount;

        /** Rows of the tile that has most of them. */
        public int tileTokens;

        /** Partitions of the longest tile that has a slot; 1 where none has. */
        public int partitions;
    }

    /**
     * Products of one input that LoRA adapters may change.
     *
     * @param first place of the first one's pair in an adapter's table; the others follow
     * @param widths outputs of each, one to three; they lie one behind the other in a row
     * @param columns of the input
     * @param operand what the input's elements are
     */
    record AdaptedProducts(int first, int[] widths, int columns, ElementType operand) {}

    /**
     * {@code output[row] += up · (down · input[row])} with the pairs of the row's own adapter.
     *
     * @param tables device address of {@code [slots]} addresses of adapters, each beginning with
     *     its table of pairs: 24 bytes (address of {@code down [rank, columns]}, address of {@code
     *     up [rank, outputs]}, rank; 0 = nothing is added)
     * @param rowSlots int32 {@code [rows]}; -1 = no adapter
     * @param rank at least the largest of the rows' adapters
     * @param narrow room for {@code [rows, products, rank]}
     * @param output {@code [rows, widths one behind the other]}
     */
    void adapt(
            AdaptedProducts products,
            long tables,
            long rowSlots,
            int rank,
            long input,
            long narrow,
            long output,
            int rows);

    /** Mixtures of experts. */
    ExpertOperations experts();

    /**
     * Serves rows of logits by the definition of {@code dev.cairn.ports.engine.Sampler}; all in the
     * forms of {@link SamplingPlan}.
     *
     * @param work {@code [rows, vocabulary]} float32
     */
    void sample(
            long wishes,
            long masks,
            long biases,
            long counts,
            long logits,
            long work,
            long results,
            int mostTop,
            int vocabulary,
            int rows);
}
