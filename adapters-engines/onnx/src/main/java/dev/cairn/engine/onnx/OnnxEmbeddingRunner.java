package dev.cairn.engine.onnx;

import ai.onnxruntime.OrtException;
import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An encoder that makes vectors of texts. Threads: any. */
final class OnnxEmbeddingRunner implements EmbeddingRunner {

    private final EmbeddingFolder folder;
    private final OnnxGraph graph;
    private final int dimensions;

    private OnnxEmbeddingRunner(EmbeddingFolder folder, OnnxGraph graph, int dimensions) {
        this.folder = folder;
        this.graph = graph;
        this.dimensions = dimensions;
    }

    static OnnxEmbeddingRunner open(EmbeddingFolder folder, int threads, int queue) {
        OnnxGraph graph = OnnxGraph.open(folder.encoder(), threads, queue);
        try {
            int dimensions =
                    graph.width(3, "float [batch, tokens, dimensions] with fixed dimensions");
            return new OnnxEmbeddingRunner(folder, graph, dimensions);
        } catch (RuntimeException refused) {
            graph.close();
            throw refused;
        }
    }

    @Override
    public String report() {
        return "onnx: ONNX Runtime %s, %s pooling%s, %d dimensions"
                .formatted(
                        graph.version(),
                        folder.pooling().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        folder.normalise() ? ", normalised" : "",
                        dimensions);
    }

    @Override
    public int dimensions() {
        return dimensions;
    }

    @Override
    public int maxTokens() {
        return folder.encoder().maxTokens();
    }

    @Override
    public void embed(List<int[]> inputs, Completion<List<float[]>> done) {
        inputs.forEach(graph::check);
        graph.submit(
                () -> {
                    List<float[]> vectors = new ArrayList<>(inputs.size());
                    for (int[] input : inputs) {
                        vectors.add(vector(input));
                    }
                    return vectors;
                },
                done);
    }

    private float[] vector(int[] ids) throws OrtException {
        // All of one sentence.
        float[][] tokens = ((float[][][]) graph.run(ids, new int[ids.length]))[0];
        return folder.normalise() ? normalised(pooled(tokens)) : pooled(tokens);
    }

    private float[] pooled(float[][] tokens) {
        return switch (folder.pooling()) {
            case FIRST_TOKEN -> tokens[0];
            case MAX -> {
                float[] max = tokens[0].clone();
                for (float[] token : tokens) {
                    for (int i = 0; i < max.length; i++) {
                        max[i] = Math.max(max[i], token[i]);
                    }
                }
                yield max;
            }
            case MEAN -> {
                float[] mean = new float[dimensions];
                for (int i = 0; i < mean.length; i++) {
                    double sum = 0;
                    for (float[] token : tokens) {
                        sum += token[i];
                    }
                    mean[i] = (float) (sum / tokens.length);
                }
                yield mean;
            }
        };
    }

    private static float[] normalised(float[] vector) {
        double squares = 0;
        for (float element : vector) {
            squares += (double) element * element;
        }
        double length = Math.max(Math.sqrt(squares), 1e-12);
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / length);
        }
        return unit;
    }

    @Override
    public void close() {
        graph.close();
    }
}
