package dev.cairn.core.fleet;

/**
 * How long it takes until one worker has read a prompt for another and its blocks are there.
 *
 * <p>Threads: one mailbox owns it.
 */
final class SplitPace {

    /** The best is forgotten so slowly: prompts and machines change. */
    private static final double GROWTH = 1.001;

    private final ReadPace pace = new ReadPace();
    private double best = Double.MAX_VALUE;

    /**
     * @param work prompt tokens that the reader had to compute until it was read
     */
    void read(long work, long took) {
        pace.read(work, took);
        double mean = pace.perToken();
        best = mean > 0 ? Math.min(best * GROWTH, mean) : best;
    }

    /** How long so much work will take; 0 as long as too little is known. */
    long mean(long work) {
        return pace.mean(work);
    }

    boolean isSlowerThanAtBest(double times) {
        return pace.perToken() > times * best;
    }
}
