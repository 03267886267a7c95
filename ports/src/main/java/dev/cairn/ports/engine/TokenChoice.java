package dev.cairn.ports.engine;

/**
 * One row's outcome. Log-probabilities are natural, of the untouched logits (before penalties,
 * bias, mask and temperature), as vLLM's {@code raw_logprobs}.
 *
 * @param token chosen or scored id
 * @param logprob of {@code token}; NaN if no log-probabilities were asked for
 * @param rank 1 = most likely; 0 if not asked for
 * @param topIds most likely ids, best first (ties: lower id first); empty if none were asked for
 * @param topLogprobs theirs
 * @param logits the untouched row if it was asked for, else null
 */
public record TokenChoice(
        int token, float logprob, int rank, int[] topIds, float[] topLogprobs, float[] logits) {

    private static final int[] NO_IDS = {};
    private static final float[] NO_LOGPROBS = {};

    /** A choice without log-probabilities. */
    public static TokenChoice bare(int token) {
        return new TokenChoice(token, Float.NaN, 0, NO_IDS, NO_LOGPROBS, null);
    }
}
