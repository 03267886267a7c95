package dev.cairn.core.fleet;

/**
 * Bounds what retries add to the load of a fleet that fails: a fifth of the requests, and some more
 * at once. Requests whose worker was lost do not count, for its load is lost with it.
 *
 * <p>Threads: one mailbox owns it.
 */
final class RetryBudget {

    private static final double PER_REQUEST = 0.2;
    private static final double MOST = 100;
    private static final double AT_START = 20;

    private double left = AT_START;

    void requested() {
        left = Math.min(MOST, left + PER_REQUEST);
    }

    /** Returns whether there was one. */
    boolean take() {
        boolean has = left >= 1;
        left -= has ? 1 : 0;
        return has;
    }
}
