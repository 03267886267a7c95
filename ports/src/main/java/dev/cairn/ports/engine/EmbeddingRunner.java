package dev.cairn.ports.engine;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.system.Completion;
import java.util.List;

/**
 * A text encoder: token ids in, one vector per input out. Threads: any; completions on the runner's
 * own thread.
 */
public interface EmbeddingRunner extends AutoCloseable {

    /** What was chosen, for the banner. */
    String report();

    /** Elements of a vector. */
    int dimensions();

    /** Longest input in tokens. */
    int maxTokens();

    /**
     * Embeds a batch; an input's vector does not depend on the others.
     *
     * @param inputs token ids, special tokens included, each of 1 .. {@link #maxTokens} ids
     * @param done vectors in the order of the inputs, of length 1 where the model normalises
     */
    void embed(List<int[]> inputs, Completion<List<float[]>> done);

    @Override
    void close();

    /** Makes embedding runners. */
    interface Factory {

        String name();

        /**
         * Whether this engine wants to serve the location as an embedding model; looks at names
         * only.
         */
        boolean recognises(String location);

        /**
         * @throws dev.cairn.ports.model.ModelException if it cannot be served
         */
        EmbeddingRunner create(String location, TextCodec codec);
    }
}
