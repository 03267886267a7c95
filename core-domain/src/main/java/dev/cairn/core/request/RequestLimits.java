package dev.cairn.core.request;

/**
 * Most that one request may ask for.
 *
 * @param maxChoices OpenAI's {@code n}
 * @param maxLogprobs {@code top_logprobs}, {@code logprobs} and {@code prompt_logprobs}
 * @param maxStopLength UTF-16 units of one stop string
 * @param maxBadWords entries of {@code bad_words}
 * @param maxEmbeddingInputs inputs of one embedding request, pairs of one to be scored
 * @param maxEmbeddingsInFlight embedding and score requests computed or queued at once, over all
 *     models
 */
public record RequestLimits(
        int maxChoices,
        int maxLogprobs,
        int maxStopLength,
        int maxBadWords,
        int maxEmbeddingInputs,
        int maxEmbeddingsInFlight) {

    /** OpenAI's and vLLM's bounds where they have one. */
    public static final RequestLimits USUAL = new RequestLimits(128, 20, 4096, 1024, 2048, 256);
}
