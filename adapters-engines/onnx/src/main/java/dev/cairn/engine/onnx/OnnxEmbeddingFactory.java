package dev.cairn.engine.onnx;

import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.model.ModelException;
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
            return EmbeddingFolder.modelFile(Path.of(location)).isPresent();
        } catch (InvalidPathException notAPath) {
            return false;
        }
    }

    @Override
    public EmbeddingRunner create(String location, TextCodec codec) {
        EmbeddingFolder folder = EmbeddingFolder.read(Path.of(location));
        if (codec.vocabularySize() > folder.vocabularySize()) {
            throw new ModelException(
                    "%s: tokenizer.json has %d tokens, config.json asks for at most %d"
                            .formatted(
                                    folder.name(),
                                    codec.vocabularySize(),
                                    folder.vocabularySize()));
        }
        return OnnxEmbeddingRunner.open(folder, threads, queue);
    }
}
