package dev.cairn.engine.onnx;

import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.model.TextCodec;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Opens folders with cross-encoders. */
final class OnnxScoreFactory implements ScoreRunner.Factory {

    private final int threads;
    private final int queue;

    OnnxScoreFactory(int threads, int queue) {
        this.threads = threads;
        this.queue = queue;
    }

    @Override
    public String name() {
        return "onnx";
    }

    @Override
    public boolean recognises(String location) {
        try {
            Path folder = Path.of(location);
            return EncoderFolder.graph(folder).isPresent() && EncoderFolder.classifies(folder);
        } catch (InvalidPathException notAPath) {
            return false;
        }
    }

    @Override
    public ScoreRunner create(String location, TextCodec codec) {
        ScoreFolder folder = ScoreFolder.read(Path.of(location));
        folder.encoder().demandVocabularyOf(codec);
        return OnnxScoreRunner.open(folder, threads, queue);
    }
}
