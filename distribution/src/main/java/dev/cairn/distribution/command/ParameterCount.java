package dev.cairn.distribution.command;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;

/** Weights of a model, by arithmetic: what its architecture implies. */
final class ParameterCount {

    private ParameterCount() {}

    static long of(ModelArchitecture model) {
        long embedding = (long) model.vocabularySize() * model.hiddenSize();
        long count = model.tiedEmbeddings() ? embedding : 2 * embedding;
        count += model.hiddenSize();
        for (LayerArchitecture layer : model.layers()) {
            int norms = model.postNorms() ? 4 : 2;
            count += attention(layer.attention(), model.hiddenSize());
            count += feedForward(layer.feedForward(), model.hiddenSize());
            count += (long) norms * model.hiddenSize();
        }
        return count;
    }

    private static long attention(AttentionArchitecture attention, long hidden) {
        long queries = (long) attention.heads() * attention.headSize();
        long keys = (long) attention.keyValueHeads() * attention.headSize();
        long count = hidden * (2 * queries + 2 * keys);
        count += attention.bias() ? queries + 2 * keys : 0;
        count += attention.outputBias() ? hidden : 0;
        count += attention.queryKeyNorm() ? 2L * attention.headSize() : 0;
        return count;
    }

    private static long feedForward(FeedForwardArchitecture feedForward, long hidden) {
        long matrices = 3 * hidden * feedForward.intermediateSize();
        return switch (feedForward) {
            case FeedForwardArchitecture.Dense dense -> matrices;
            case FeedForwardArchitecture.Experts experts -> experts.experts() * (matrices + hidden);
        };
    }
}
