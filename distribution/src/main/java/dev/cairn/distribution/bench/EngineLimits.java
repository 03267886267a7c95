package dev.cairn.distribution.bench;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.engine.cpu.kernel.MachineLimits;
import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import java.util.ArrayList;
import java.util.List;

/**
 * Which part of what the machine can do an engine's figures are. A decode step of one stream reads
 * every weight once; a prompt multiplies every weight with every token, in bytes, and its attention
 * multiplies floats.
 *
 * @param model that was measured
 * @param weightBytes of it in the engine
 * @param limits measured in the same run
 */
public record EngineLimits(ModelArchitecture model, long weightBytes, MachineLimits limits) {

    private static final double READ_GOAL = 0.85;
    private static final double INT8_GOAL = 0.65;

    /** What the kernels reach of the peaks where nothing but they is timed. */
    private static final double LINEAR_SHARE = 0.73;

    private static final double ATTENTION_SHARE = 0.6;
    private static final double PREFILL_GOAL = 0.8;

    /** The limits themselves, and the shares of the cases that were measured. */
    public List<Result> judge(List<Result> measured) {
        List<Result> results = new ArrayList<>();
        results.add(new Result("limit-read", "GB/s", List.of(limits.readBytes() / 1e9)));
        results.add(new Result("limit-int8", "Gop/s", List.of(limits.int8Operations() / 1e9)));
        results.add(new Result("limit-float32", "Gop/s", List.of(limits.floatOperations() / 1e9)));
        for (Result result : measured) {
            switch (result.name()) {
                case "decode-1" ->
                        results.add(
                                share(
                                        "decode-1 of read",
                                        result,
                                        bytesRead() / limits.readBytes(),
                                        READ_GOAL));
                case "prefill-512" ->
                        results.add(
                                share(
                                        "prefill-512 of int8",
                                        result,
                                        operations(512) / 512 / limits.int8Operations(),
                                        INT8_GOAL));
                case "prefill-4096" ->
                        results.add(
                                share(
                                        "prefill-4096 of both",
                                        result,
                                        secondsAtBest(4096) / 4096,
                                        PREFILL_GOAL));
                default -> {
                    // Nothing is asked of the others.
                }
            }
        }
        return results;
    }

    /**
     * @param best seconds of a token at the limit
     */
    private static Result share(String name, Result rate, double best, double goal) {
        List<Double> shares = rate.runs().stream().map(each -> each * best).toList();
        Result share = new Result(name, "x", shares);
        return Result.judged(name, "x", shares, ">= " + goal, share.value() >= goal);
    }

    /** Of the weights, those that every token is multiplied with; a table of embeddings is not. */
    private double bytesRead() {
        double head = (double) model.vocabularySize() * model.hiddenSize();
        double used = linear() + head;
        double all = used + (model.tiedEmbeddings() ? 0 : head);
        return weightBytes * used / all;
    }

    /** Weights of all layers that one token is multiplied with. */
    private double linear() {
        double weights = 0;
        for (LayerArchitecture layer : model.layers()) {
            AttentionArchitecture attention = layer.attention();
            double heads = 2.0 * attention.heads() + 2.0 * attention.keyValueHeads();
            weights += heads * attention.headSize() * model.hiddenSize();
            weights += 3.0 * experts(layer.feedForward()) * model.hiddenSize();
        }
        return weights;
    }

    private static double experts(FeedForwardArchitecture feedForward) {
        return switch (feedForward) {
            case FeedForwardArchitecture.Dense dense -> dense.intermediateSize();
            case FeedForwardArchitecture.Experts experts ->
                    (double) experts.expertsPerToken() * experts.intermediateSize();
        };
    }

    /** Products and sums of a prompt's linear part; the head counts once. */
    private double linearOperations(int tokens) {
        return 2.0 * linear() * tokens + 2.0 * model.vocabularySize() * model.hiddenSize();
    }

    /** Products and sums of scores and of weighted values. */
    private double attentionOperations(int tokens) {
        double sum = 0;
        for (LayerArchitecture layer : model.layers()) {
            AttentionArchitecture attention = layer.attention();
            int window = attention.window().orElse(tokens);
            double seen = 0;
            for (int position = 1; position <= tokens; position++) {
                seen += Math.min(position, window);
            }
            sum += 4.0 * attention.heads() * attention.headSize() * seen;
        }
        return sum;
    }

    /** The whole model's, as if all were products of bytes. */
    private double operations(int tokens) {
        return linearOperations(tokens) + attentionOperations(tokens);
    }

    private double secondsAtBest(int tokens) {
        return linearOperations(tokens) / (LINEAR_SHARE * limits.int8Operations())
                + attentionOperations(tokens) / (ATTENTION_SHARE * limits.floatOperations());
    }
}
