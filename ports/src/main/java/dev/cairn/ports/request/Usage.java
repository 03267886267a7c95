package dev.cairn.ports.request;

/**
 * Tokens of a request.
 *
 * @param promptTokens once per request, however many choices it has
 * @param completionTokens over all choices, the end-of-sequence token included
 * @param cachedTokens prompt tokens that were not computed again
 * @param reasoningTokens of the completion tokens, those inside a reasoning block
 */
public record Usage(int promptTokens, int completionTokens, int cachedTokens, int reasoningTokens) {

    public int totalTokens() {
        return promptTokens + completionTokens;
    }
}
