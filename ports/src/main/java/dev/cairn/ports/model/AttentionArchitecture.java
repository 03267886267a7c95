package dev.cairn.ports.model;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Grouped-query attention of one layer.
 *
 * @param heads query heads; a multiple of {@code keyValueHeads}
 * @param keyValueHeads key and value heads
 * @param headSize width of a head; {@code heads * headSize} need not be the hidden size
 * @param scale multiplies query·key before the softmax
 * @param window sliding window in tokens: the query at position p sees keys at p - window + 1 .. p;
 *     empty = all
 * @param scoreSoftcap Gemma 2's cap on attention scores, before the mask
 * @param queryKeyNorm whether each query and key head is RMS-normalised before the rotation (Qwen3,
 *     Gemma 3)
 * @param bias whether query, key and value projections have a bias (Qwen2)
 * @param outputBias whether the output projection has a bias
 * @param rotary how positions enter
 */
public record AttentionArchitecture(
        int heads,
        int keyValueHeads,
        int headSize,
        float scale,
        OptionalInt window,
        OptionalDouble scoreSoftcap,
        boolean queryKeyNorm,
        boolean bias,
        boolean outputBias,
        RotaryEncoding rotary) {}
