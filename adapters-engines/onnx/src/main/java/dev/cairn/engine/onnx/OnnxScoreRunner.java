package dev.cairn.engine.onnx;

import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.TokenPair;
import dev.cairn.ports.system.Completion;
import java.util.List;
import java.util.Locale;

/** A cross-encoder with one label. Threads: any. */
final class OnnxScoreRunner implements ScoreRunner {

    private final ScoreFolder folder;
    private final OnnxGraph graph;

    private OnnxScoreRunner(ScoreFolder folder, OnnxGraph graph) {
        this.folder = folder;
        this.graph = graph;
    }

    static OnnxScoreRunner open(ScoreFolder folder, int threads, int queue) {
        OnnxGraph graph = OnnxGraph.open(folder.encoder(), threads, queue);
        try {
            int labels = graph.width(2, "float [batch, labels]");
            if (labels != 1) {
                throw new ModelException(
                        "%s: has %d labels; served are cross-encoders with one, whose logit is the score"
                                .formatted(folder.encoder().graph(), labels));
            }
            return new OnnxScoreRunner(folder, graph);
        } catch (RuntimeException refused) {
            graph.close();
            throw refused;
        }
    }

    @Override
    public String report() {
        return "onnx: ONNX Runtime %s, cross-encoder, %s of the logit"
                .formatted(graph.version(), folder.activation().name().toLowerCase(Locale.ROOT));
    }

    @Override
    public int maxTokens() {
        return folder.encoder().maxTokens();
    }

    @Override
    public void score(List<TokenPair> pairs, Completion<float[]> done) {
        pairs.forEach(pair -> graph.check(pair.ids()));
        graph.submit(
                () -> {
                    float[] scores = new float[pairs.size()];
                    for (int i = 0; i < scores.length; i++) {
                        TokenPair pair = pairs.get(i);
                        float[][] logits = (float[][]) graph.run(pair.ids(), pair.types());
                        scores[i] = folder.activation().of(logits[0][0]);
                    }
                    return scores;
                },
                done);
    }

    @Override
    public void close() {
        graph.close();
    }
}
