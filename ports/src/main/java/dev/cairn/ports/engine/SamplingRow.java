package dev.cairn.ports.engine;

import dev.cairn.ports.request.SamplingParameters;

/**
 * What to do with one row of logits {@code [vocabulary]}.
 *
 * <p>Arrays and counts are not copied: the caller leaves them alone until the step is reported.
 */
public sealed interface SamplingRow {

    /**
     * Most likely tokens to report beside the chosen or scored one; -1 = no log-probabilities at
     * all.
     */
    int topLogprobs();

    /**
     * Chooses the next token by {@link Sampler}.
     *
     * @param parameters numbers of the request
     * @param seed of this choice of the request
     * @param position of the token that is chosen, in the sequence: the noise is a function of
     *     (seed, position, id)
     * @param counts what was said so far, for penalties; null where all penalties are off
     * @param mask one bit per token id, bit {@code id & 31} of word {@code id >>> 5}, set =
     *     allowed; null = all
     * @param fullLogits whether the untouched row is to be reported too
     */
    record Sample(
            SamplingParameters parameters,
            long seed,
            int position,
            TokenCounts counts,
            int[] mask,
            int topLogprobs,
            boolean fullLogits)
            implements SamplingRow {}

    /**
     * Reports the log-probability and rank of a given token (prompt log-probabilities, scoring).
     *
     * @param token the token that follows in the prompt
     */
    record Score(int token, int topLogprobs) implements SamplingRow {}

    /** The row was asked for but is not needed after all. */
    record Ignore() implements SamplingRow {

        @Override
        public int topLogprobs() {
            return -1;
        }
    }
}
