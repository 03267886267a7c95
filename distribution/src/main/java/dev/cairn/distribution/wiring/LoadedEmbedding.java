package dev.cairn.distribution.wiring;

import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.model.TextCodec;

/** A model that embeds. */
record LoadedEmbedding(String name, String location, TextCodec codec, EmbeddingRunner runner)
        implements AutoCloseable {

    @Override
    public void close() {
        runner.close();
    }
}
