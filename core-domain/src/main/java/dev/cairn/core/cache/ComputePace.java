package dev.cairn.core.cache;

/**
 * What the engine takes for prompt tokens, learned from its steps. Large chunks tell what a token
 * costs; small ones, as the tail behind a cached prefix, cost more by themselves than by their
 * tokens.
 *
 * <p>Threads: one mailbox owns it.
 */
final class ComputePace {

    private final Rate perToken = new Rate(0);
    private final Rate smallStep = new Rate(0);
    private int largestChunk;
    private int smallChunk = 1;

    /** A step computed prompt tokens and nothing else. */
    void saw(int tokens, long nanos) {
        if (2 * tokens >= largestChunk) {
            largestChunk = Math.max(largestChunk, tokens);
            perToken.saw(tokens, nanos);
        } else {
            largestChunk -= largestChunk / 64;
            smallChunk = tokens;
            smallStep.saw(1, nanos);
        }
    }

    /** By large chunks: what many tokens take. */
    Rate perToken() {
        return perToken;
    }

    /** Predicted time of one step of so many tokens; 0 = not known. */
    double stepNanos(int tokens) {
        double small = smallStep.nanos(Math.min(1, (double) tokens / smallChunk));
        return Math.max(perToken.nanos(tokens), small);
    }
}
