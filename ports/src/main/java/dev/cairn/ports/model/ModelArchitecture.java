package dev.cairn.ports.model;

import java.util.List;
import java.util.OptionalDouble;

/**
 * A decoder-only transformer as numbers, so that a runner needs no list of families.
 *
 * <p>The forward pass that every runner computes, with {@code x} of shape {@code [tokens, hidden]}:
 *
 * <pre>
 * x = embedding[token] * embeddingScale
 * per layer:  a = attention(norm(x));  if postNorms: a = norm(a);  x = x + a
 *             f = feedForward(norm(x)); if postNorms: f = norm(f); x = x + f
 * logits = norm(x) · outputᵀ;  if finalLogitSoftcap c: logits = c * tanh(logits / c)
 * </pre>
 *
 * Norms are RMSNorm with {@link #normEpsilon} and the weights that {@link WeightSource#vector}
 * gives (Gemma's {@code 1 + w} already applied).
 *
 * @param family model type in Hugging Face's words, for messages: {@code "llama"}, {@code
 *     "gemma3_text"}
 * @param vocabularySize rows of the embedding; logits have this width
 * @param hiddenSize width of the residual stream
 * @param maxPositions longest sequence that the model was made for, in tokens
 * @param normEpsilon added to the mean square before the root
 * @param embeddingScale 1 except for Gemma (square root of the hidden size, rounded as the
 *     reference rounds it)
 * @param finalLogitSoftcap Gemma 2's cap on logits
 * @param tiedEmbeddings whether the output matrix is the embedding
 * @param postNorms whether attention and feed-forward outputs are normalised before they are added
 *     (Gemma 2 and 3)
 * @param layers from the input to the output
 */
public record ModelArchitecture(
        String family,
        int vocabularySize,
        int hiddenSize,
        int maxPositions,
        float normEpsilon,
        float embeddingScale,
        OptionalDouble finalLogitSoftcap,
        boolean tiedEmbeddings,
        boolean postNorms,
        List<LayerArchitecture> layers) {

    public ModelArchitecture {
        layers = List.copyOf(layers);
    }
}
