package dev.cairn.core.request;

import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.parts.AnswerStyle;
import dev.cairn.ports.engine.EmbeddingRunner;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.ScoreRunner;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.InferenceService.ServedModel;

/** A model under the name by which clients ask for it, with everything that serves it. */
public sealed interface Served {

    ServedModel description();

    TextCodec codec();

    /**
     * A model that generates text.
     *
     * @param description its maximum length is the backend's
     * @param grammars in which formats of answers are compiled, shared with the backend where it is
     *     in this process
     * @param vocabularySize width of the logits: ids of requests are below it
     * @param defaults of the model's publisher
     * @param style how the model marks thoughts and tool calls
     */
    record Generation(
            ServedModel description,
            TextCodec codec,
            Grammars grammars,
            int vocabularySize,
            GenerationDefaults defaults,
            AnswerStyle style,
            GenerationBackend backend)
            implements Served {

        /** A model whose style is that of its template. */
        public Generation(
                ServedModel description,
                TextCodec codec,
                Grammars grammars,
                int vocabularySize,
                GenerationDefaults defaults,
                GenerationBackend backend) {
            this(
                    description,
                    codec,
                    grammars,
                    vocabularySize,
                    defaults,
                    AnswerStyle.found(codec),
                    backend);
        }
    }

    /** A model that scores pairs of texts. */
    record Score(ServedModel description, TextCodec codec, ScoreRunner runner) implements Served {}

    /** A model that embeds text. */
    record Embedding(ServedModel description, TextCodec codec, EmbeddingRunner runner)
            implements Served {}
}
