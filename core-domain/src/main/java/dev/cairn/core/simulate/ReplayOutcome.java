package dev.cairn.core.simulate;

import dev.cairn.core.route.Decision;

/**
 * What became of a request of a trace.
 *
 * @param index in the trace
 * @param worker its number
 * @param decision why it went there; null where nobody wanted to keep it
 * @param cachedTokens of the prompt that the worker did not compute
 * @param problem null if it was answered
 */
public record ReplayOutcome(
        int index,
        TraceRequest request,
        int worker,
        Decision decision,
        int cachedTokens,
        int outputTokens,
        long firstTokenNanos,
        long endNanos,
        String problem) {

    /** The same without what takes much memory. */
    public ReplayOutcome withoutDecision() {
        return new ReplayOutcome(
                index,
                request,
                worker,
                null,
                cachedTokens,
                outputTokens,
                firstTokenNanos,
                endNanos,
                problem);
    }

    /** Seconds from arrival to the first token. */
    public double firstTokenSeconds() {
        return (firstTokenNanos - request.atNanos()) / 1e9;
    }

    /** Mean seconds between tokens; NaN for answers of one. */
    public double perTokenSeconds() {
        return outputTokens < 2
                ? Double.NaN
                : (endNanos - firstTokenNanos) / 1e9 / (outputTokens - 1);
    }
}
