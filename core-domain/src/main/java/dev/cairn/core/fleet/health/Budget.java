package dev.cairn.core.fleet.health;

/**
 * How many requests may be sent a second time: a share of those that are sent at all, so that a
 * fleet in trouble is not asked twice as much.
 *
 * <p>Threads: one.
 */
public final class Budget {

    private final double share;
    private final double most;
    private double left;

    /**
     * @param share of the requests
     * @param most that may be saved up; as many are there at the start
     */
    public Budget(double share, int most) {
        if (!(share >= 0 && share <= 1) || most < 0) {
            throw new IllegalArgumentException("a budget is a share of the requests: " + share);
        }
        this.share = share;
        this.most = most;
        this.left = most;
    }

    /** A request came. */
    public void earned() {
        left = Math.min(most, left + share);
    }

    /** Whether one may be sent again; takes it off the budget. */
    public boolean spent() {
        // A tenth earned ten times is a little less than one.
        if (left < 1 - 1e-9) {
            return false;
        }
        left = Math.max(0, left - 1);
        return true;
    }
}
