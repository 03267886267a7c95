package dev.cairn.engine.cpu;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.RotaryEncoding;
import dev.cairn.ports.model.WeightRole;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The forward pass written straight from the definition in {@link ModelArchitecture}, in double
 * precision, one token and one head at a time, without a cache of anything: slow, and too simple to
 * be wrong in the same way as the engine.
 */
final class NaiveTransformer {

    private final RandomModel model;
    private final ModelArchitecture architecture;

    NaiveTransformer(RandomModel model) {
        this.model = model;
        architecture = model.architecture();
    }

    /**
     * Log-probabilities {@code [token][vocabulary]} after each token of a text.
     *
     * @param longForm whether positions enter by their second form
     */
    double[][] logProbabilities(int[] tokens, boolean longForm) {
        double[][] x = new double[tokens.length][architecture.hiddenSize()];
        for (int t = 0; t < tokens.length; t++) {
            for (int i = 0; i < x[t].length; i++) {
                x[t][i] =
                        model.values(WeightRole.EMBEDDING, 0, 0).value(tokens[t], i)
                                * architecture.embeddingScale();
            }
        }
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            addAttention(x, layer, longForm);
            addFeedForward(x, layer);
        }
        double[][] result = new double[tokens.length][];
        for (int t = 0; t < tokens.length; t++) {
            result[t] = logSoftmax(logits(x[t]));
        }
        return result;
    }

    private double[] logits(double[] x) {
        WeightRole role = architecture.tiedEmbeddings() ? WeightRole.EMBEDDING : WeightRole.OUTPUT;
        double[] logits =
                model.values(role, 0, 0).times(norm(x, model.vector(WeightRole.OUTPUT_NORM, 0)));
        if (architecture.finalLogitSoftcap().isPresent()) {
            double cap = architecture.finalLogitSoftcap().getAsDouble();
            for (int i = 0; i < logits.length; i++) {
                logits[i] = cap * Math.tanh(logits[i] / cap);
            }
        }
        return logits;
    }

    private void addAttention(double[][] x, int layer, boolean longForm) {
        AttentionArchitecture shape = architecture.layers().get(layer).attention();
        RotaryEncoding rotary = longForm ? shape.rotary().extended() : shape.rotary();
        double[][] queries = new double[x.length][];
        double[][] keys = new double[x.length][];
        double[][] values = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] normed = norm(x[t], model.vector(WeightRole.ATTENTION_NORM, layer));
            queries[t] =
                    project(WeightRole.QUERY, WeightRole.QUERY_BIAS, layer, normed, shape.bias());
            keys[t] = project(WeightRole.KEY, WeightRole.KEY_BIAS, layer, normed, shape.bias());
            values[t] =
                    project(WeightRole.VALUE, WeightRole.VALUE_BIAS, layer, normed, shape.bias());
            if (shape.queryKeyNorm()) {
                queries[t] = normHeads(queries[t], model.vector(WeightRole.QUERY_NORM, layer));
                keys[t] = normHeads(keys[t], model.vector(WeightRole.KEY_NORM, layer));
            }
            rotate(queries[t], t, shape.headSize(), rotary);
            rotate(keys[t], t, shape.headSize(), rotary);
        }
        for (int t = 0; t < x.length; t++) {
            double[] attended = new double[shape.heads() * shape.headSize()];
            for (int head = 0; head < shape.heads(); head++) {
                attend(shape, head, t, queries[t], keys, values, attended);
            }
            double[] branch =
                    project(
                            WeightRole.ATTENTION_OUTPUT,
                            WeightRole.ATTENTION_OUTPUT_BIAS,
                            layer,
                            attended,
                            shape.outputBias());
            add(x[t], branch, WeightRole.POST_ATTENTION_NORM, layer);
        }
    }

    private static void attend(
            AttentionArchitecture shape,
            int head,
            int t,
            double[] query,
            double[][] keys,
            double[][] values,
            double[] out) {
        int size = shape.headSize();
        int keyHead = head / (shape.heads() / shape.keyValueHeads());
        int first = shape.window().isPresent() ? Math.max(0, t - shape.window().getAsInt() + 1) : 0;
        double[] scores = new double[t + 1];
        Arrays.fill(scores, Double.NEGATIVE_INFINITY);
        for (int s = first; s <= t; s++) {
            double dot = 0;
            for (int i = 0; i < size; i++) {
                dot += query[head * size + i] * keys[s][keyHead * size + i];
            }
            dot *= shape.scale();
            if (shape.scoreSoftcap().isPresent()) {
                double cap = shape.scoreSoftcap().getAsDouble();
                dot = cap * Math.tanh(dot / cap);
            }
            scores[s] = dot;
        }
        double[] weights = logSoftmax(scores);
        for (int s = first; s <= t; s++) {
            for (int i = 0; i < size; i++) {
                out[head * size + i] += Math.exp(weights[s]) * values[s][keyHead * size + i];
            }
        }
    }

    private static void rotate(double[] heads, int position, int headSize, RotaryEncoding rotary) {
        float[] frequencies = rotary.inverseFrequencies();
        int half = frequencies.length;
        for (int start = 0; start < heads.length; start += headSize) {
            for (int i = 0; i < half; i++) {
                double angle = position * frequencies[i];
                double cos = Math.cos(angle) * rotary.magnitude();
                double sin = Math.sin(angle) * rotary.magnitude();
                double first = heads[start + i];
                double second = heads[start + i + half];
                heads[start + i] = first * cos - second * sin;
                heads[start + i + half] = second * cos + first * sin;
            }
        }
    }

    private void addFeedForward(double[][] x, int layer) {
        FeedForwardArchitecture shape = architecture.layers().get(layer).feedForward();
        for (double[] row : x) {
            double[] normed = norm(row, model.vector(WeightRole.FEED_FORWARD_NORM, layer));
            double[] branch =
                    switch (shape) {
                        case Dense _ ->
                                unit(
                                        shape,
                                        normed,
                                        model.values(WeightRole.GATE, layer, 0),
                                        model.values(WeightRole.UP, layer, 0),
                                        model.values(WeightRole.DOWN, layer, 0));
                        case Experts experts -> mixture(experts, normed, layer);
                    };
            add(row, branch, WeightRole.POST_FEED_FORWARD_NORM, layer);
        }
    }

    private double[] mixture(Experts shape, double[] normed, int layer) {
        double[] logProbabilities =
                logSoftmax(model.values(WeightRole.ROUTER, layer, 0).times(normed));
        int[] chosen =
                IntStream.range(0, shape.experts())
                        .boxed()
                        .sorted(Comparator.comparingDouble(expert -> -logProbabilities[expert]))
                        .limit(shape.expertsPerToken())
                        .mapToInt(Integer::intValue)
                        .toArray();
        double sum = Arrays.stream(chosen).mapToDouble(e -> Math.exp(logProbabilities[e])).sum();
        double[] result = new double[normed.length];
        for (int expert : chosen) {
            double[] part =
                    unit(
                            shape,
                            normed,
                            model.values(WeightRole.EXPERT_GATE, layer, expert),
                            model.values(WeightRole.EXPERT_UP, layer, expert),
                            model.values(WeightRole.EXPERT_DOWN, layer, expert));
            double weight = Math.exp(logProbabilities[expert]) / (shape.renormalise() ? sum : 1);
            for (int i = 0; i < result.length; i++) {
                result[i] += weight * part[i];
            }
        }
        return result;
    }

    private static double[] unit(
            FeedForwardArchitecture shape,
            double[] input,
            TestMatrix gate,
            TestMatrix up,
            TestMatrix down) {
        double[] gates = gate.times(input);
        double[] ups = up.times(input);
        for (int i = 0; i < gates.length; i++) {
            double x = gates[i];
            double activated =
                    switch (shape.activation()) {
                        case SILU -> x / (1 + Math.exp(-x));
                        case GELU_TANH ->
                                x
                                        / 2
                                        * (1
                                                + Math.tanh(
                                                        Math.sqrt(2 / Math.PI)
                                                                * (x + 0.044715 * x * x * x)));
                    };
            ups[i] *= activated;
        }
        return down.times(ups);
    }

    private void add(double[] row, double[] branch, WeightRole postNorm, int layer) {
        double[] addend =
                architecture.postNorms() ? norm(branch, model.vector(postNorm, layer)) : branch;
        for (int i = 0; i < row.length; i++) {
            row[i] += addend[i];
        }
    }

    private double[] project(
            WeightRole role, WeightRole bias, int layer, double[] input, boolean biased) {
        double[] output = model.values(role, layer, 0).times(input);
        for (int i = 0; i < output.length && biased; i++) {
            output[i] += model.vector(bias, layer)[i];
        }
        return output;
    }

    private double[] norm(double[] input, float[] weight) {
        double squares = 0;
        for (double value : input) {
            squares += value * value;
        }
        double factor = 1 / Math.sqrt(squares / input.length + architecture.normEpsilon());
        double[] output = new double[input.length];
        for (int i = 0; i < input.length; i++) {
            output[i] = input[i] * factor * weight[i];
        }
        return output;
    }

    private double[] normHeads(double[] heads, float[] weight) {
        double[] output = new double[heads.length];
        for (int start = 0; start < heads.length; start += weight.length) {
            double[] head = norm(Arrays.copyOfRange(heads, start, start + weight.length), weight);
            System.arraycopy(head, 0, output, start, weight.length);
        }
        return output;
    }

    static double[] logSoftmax(double[] logits) {
        double max = Arrays.stream(logits).max().orElseThrow();
        double sum = Arrays.stream(logits).map(logit -> Math.exp(logit - max)).sum();
        return Arrays.stream(logits).map(logit -> logit - max - Math.log(sum)).toArray();
    }
}
