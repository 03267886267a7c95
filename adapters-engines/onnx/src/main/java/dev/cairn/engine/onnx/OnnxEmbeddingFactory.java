package dev.cairn.engine.onnx;

import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.model.TextCodec;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Opens embedding folders. ONNX Runtime itself is loaded when the first one is created. */
final class OnnxEmbeddingFactory implements EmbeddingRunner.Factory {

    private final int threads;
    private final int queue;

    OnnxEmbeddingFactory(int threads, int queue) {
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
            return EncoderFolder.graph(folder).isPresent() && !EncoderFolder.classifies(folder);
        } catch (InvalidPathException notAPath) {
            return false;
        }
    }

    @Override
    public EmbeddingRunner create(String location, TextCodec codec) {
        EmbeddingFolder folder = EmbeddingFolder.read(Path.of(location));
        folder.encoder().demandVocabularyOf(codec);
        return OnnxEmbeddingRunner.open(folder, threads, queue);
    }
}
