package dev.cairn.ports.engine;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.model.TokenPair;
import dev.cairn.ports.system.Completion;
import java.util.List;

/**
 * A cross-encoder: two texts in, how well they belong together out. Threads: any; completions on
 * the runner's own thread.
 */
public interface ScoreRunner extends AutoCloseable {

    /** What was chosen, for the banner. */
    String report();

    /** Longest pair in tokens. */
    int maxTokens();

    /**
     * Scores a batch; a pair's score does not depend on the others.
     *
     * @param pairs each of 1 .. {@link #maxTokens} tokens
     * @param done scores in the order of the pairs, on the scale that the model's publisher chose
     */
    void score(List<TokenPair> pairs, Completion<float[]> done);

    @Override
    void close();

    /** Makes score runners. */
    interface Factory {

        String name();

        /** Whether this engine wants to serve the location as a cross-encoder. Never throws. */
        boolean recognises(String location);

        /**
         * @throws dev.cairn.ports.model.ModelException if it cannot be served
         */
        ScoreRunner create(String location, TextCodec codec);
    }
}
