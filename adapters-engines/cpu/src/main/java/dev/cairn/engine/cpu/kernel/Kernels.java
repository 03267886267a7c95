package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The arithmetic of a transformer layer over off-heap memory.
 *
 * <p>Ranges: every method computes the stated range of rows on the calling thread; calls whose
 * outputs do not overlap may run at the same time. Nothing is kept between calls.
 *
 * <p>Numbers: float32 little-endian unless said otherwise, rows dense or with a stride in elements.
 * Sizes are checked before memory is touched ({@link IndexOutOfBoundsException}, {@link
 * IllegalArgumentException}); contents are not.
 *
 * <p>Invariance: an output element is computed by one fixed sequence of operations that depends on
 * the operands of that element alone, never on the number of rows in the call or on the range. So a
 * product of one token and of forty agree bit for bit, and so do attention in a prefill chunk of
 * any size and in decode. All providers use the same sequence (fused multiply-adds in column order,
 * exact integer sums within a quantised block, one polynomial for exp), so they agree bit for bit
 * as well; only bfloat16 products may differ in the last bits, where the processor's own
 * instruction flushes subnormals.
 */
public interface Kernels {

    /**
     * The provider and its instruction set, for people and for a block's compute identity: {@code
     * "native avx512-vnni"}.
     */
    String name();

    /**
     * Brings input rows into the form that a product wants.
     *
     * @param format {@link WeightFormat#activation()} of the matrices that will read them
     * @param input {@code [tokens, columns]} float32
     * @param columns input features
     * @param prepared {@code tokens} rows of {@link ActivationFormat#rowBytes} bytes
     * @param fromToken first row to prepare
     * @param toToken behind the last one
     */
    void prepare(
            ActivationFormat format,
            MemorySegment input,
            int columns,
            MemorySegment prepared,
            int fromToken,
            int toToken);

    /**
     * Multiplies input rows by a range of a matrix's rows: {@code output[t, r] = sum over c of
     * input[t, c] * weights[r, c]}.
     *
     * @param weights {@code [rows, columns]}
     * @param prepared {@code [tokens]} rows of {@code weights.format().activation()}
     * @param tokens input rows, at least 1
     * @param output {@code [tokens, outputStride]} float32, from the element of token 0 and row 0;
     *     columns below {@code fromPanel * 16} and from {@code min(rows, toPanel * 16)} are not
     *     touched
     * @param outputStride elements between the rows of the output, at least {@code weights.rows()}
     * @param fromPanel first group of {@value PackedMatrix#PANEL_ROWS} matrix rows
     * @param toPanel behind the last one, at most {@code weights.panels()}
     */
    void matmul(
            PackedMatrix weights,
            MemorySegment prepared,
            int tokens,
            MemorySegment output,
            int outputStride,
            int fromPanel,
            int toPanel);

    /**
     * Stores keys (rotated already) and values of new tokens.
     *
     * @param layout of the pool
     * @param pool the group's pool
     * @param layer of the group, from 0
     * @param slots {@code [tokens]} int32: {@code block * blockTokens + place within the block};
     *     checked
     * @param keys {@code [tokens, kvHeads * headSize]} with {@code stride}
     * @param values likewise
     * @param stride elements between the rows of keys, and of values
     * @param fromToken first row to store
     * @param toToken behind the last one
     */
    void storeKv(
            KvLayout layout,
            MemorySegment pool,
            int layer,
            MemorySegment slots,
            MemorySegment keys,
            MemorySegment values,
            int stride,
            int fromToken,
            int toToken);

    /**
     * Causal attention of one sequence's queries under one KV head, over keys and values as they
     * are stored, those of the queries' own tokens included (store them first).
     *
     * <p>Cost grows with the positions seen; a caller divides work by sequence, KV head and runs of
     * queries (several queries of a run share the loads of keys and values).
     *
     * @param layout of the pool
     * @param pool the group's pool
     * @param layer of the group, from 0
     * @param shape scores, window and query heads
     * @param blockTable {@code [blocks of the sequence]} int32; entry {@code i} has positions
     *     {@code i * blockTokens} on. Entries wholly outside every query's window are not read; the
     *     others are checked
     * @param firstPosition position of query 0 in the sequence
     * @param queries {@code [queries, queryHeads * headSize]} with {@code stride}, rotated already
     * @param output likewise, same stride
     * @param stride elements between the rows of queries, and of the output
     * @param kvHead whose query heads are computed
     * @param fromQuery first row to compute
     * @param toQuery behind the last one
     */
    void attend(
            KvLayout layout,
            MemorySegment pool,
            int layer,
            AttentionShape shape,
            MemorySegment blockTable,
            int firstPosition,
            MemorySegment queries,
            MemorySegment output,
            int stride,
            int kvHead,
            int fromQuery,
            int toQuery);

    /**
     * {@code output = input / sqrt(mean(input^2) + epsilon) * weight}, row by row. For the norm of
     * each head pass {@code tokens * heads} rows of the head's size. Gemma's {@code 1 + weight} is
     * added when weights are loaded.
     *
     * @param input {@code [rows, width]} dense
     * @param weight {@code [width]}
     * @param epsilon added to the mean
     * @param output like the input; may be the input itself
     * @param width elements of a row
     * @param fromRow first row to compute
     * @param toRow behind the last one
     */
    void rmsNorm(
            MemorySegment input,
            MemorySegment weight,
            float epsilon,
            MemorySegment output,
            int width,
            int fromRow,
            int toRow);

    /**
     * Rotates queries or keys in place, half-split pairs: elements {@code i} and {@code i + rotary
     * / 2} of each head turn by the token's angle {@code i}; elements from {@code rotary} on stay.
     *
     * @param rows {@code [tokens, heads * headSize]} with {@code stride}
     * @param stride elements between rows
     * @param heads heads of a row
     * @param headSize elements of a head
     * @param table {@code [n, rotary]}: the cosines of the {@code rotary / 2} angles, then their
     *     sines
     * @param rotary rotated elements of a head, even, at most {@code headSize}
     * @param entries {@code [tokens]} int32, each row's line in the table; checked
     * @param fromToken first row to rotate
     * @param toToken behind the last one
     */
    void rotate(
            MemorySegment rows,
            int stride,
            int heads,
            int headSize,
            MemorySegment table,
            int rotary,
            MemorySegment entries,
            int fromToken,
            int toToken);

    /**
     * {@code output = gate(gates) * inputs}, row by row.
     *
     * @param gate function of the gate branch
     * @param gates {@code [rows, width]} with {@code stride}
     * @param inputs likewise; both may be halves of one matrix {@code [rows, 2 * width]}
     * @param stride elements between rows of gates, and of inputs
     * @param output {@code [rows, width]} dense
     * @param width elements of a row
     * @param fromRow first row to compute
     * @param toRow behind the last one
     */
    void gate(
            Gate gate,
            MemorySegment gates,
            MemorySegment inputs,
            int stride,
            MemorySegment output,
            int width,
            int fromRow,
            int toRow);

    /**
     * {@code sum += factor * addend}: a residual (factor 1), an expert's share.
     *
     * @param sum {@code [count]} float32
     * @param addend {@code [count]} float32
     * @param factor multiplied into the addend
     * @param count elements
     */
    void addScaled(MemorySegment sum, MemorySegment addend, float factor, long count);

    /**
     * Adds a bias to rows in place.
     *
     * @param rows {@code [n, width]} with {@code stride}
     * @param stride elements between rows
     * @param bias {@code [width]}
     * @param width elements of a row
     * @param fromRow first row
     * @param toRow behind the last one
     */
    void addBias(
            MemorySegment rows, int stride, MemorySegment bias, int width, int fromRow, int toRow);

    /**
     * {@code values = cap * tanh(values / cap)} in place (Gemma 2's final logits).
     *
     * @param values {@code [count]} float32
     * @param cap above 0
     * @param count elements
     */
    void softcap(MemorySegment values, float cap, long count);
}
