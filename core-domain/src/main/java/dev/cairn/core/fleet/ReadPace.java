package dev.cairn.core.fleet;

/**
 * How long a worker takes until a prompt is read, per token that is to be computed before: learned
 * from what it did, the last two dozen prompts counting most.
 *
 * <p>Threads: one mailbox owns it.
 */
final class ReadPace {

    private static final double FADE = 0.96;
    private static final int LEAST = 8;

    /**
     * A fleet that is refused work is full to the edge: by the mean alone half of what is taken
     * would be late.
     */
    private static final double MARGIN = 1.5;

    private double nanos;
    private double tokens;
    private int samples;

    /**
     * @param work prompt tokens that it had to compute, those of others before it included
     */
    void read(long work, long took) {
        nanos = nanos * FADE + took;
        tokens = tokens * FADE + Math.max(1, work);
        samples++;
    }

    /** Nanoseconds per token; 0 as long as too little is known. */
    double perToken() {
        return samples < LEAST ? 0 : nanos / tokens;
    }

    /** How long so much work will take; 0 as long as too little is known. */
    long mean(long work) {
        return (long) (perToken() * work);
    }

    /** How long so much work will take at most, as a rule; 0 as long as too little is known. */
    long expected(long work) {
        return samples < LEAST ? 0 : (long) (MARGIN * nanos / tokens * work);
    }
}
