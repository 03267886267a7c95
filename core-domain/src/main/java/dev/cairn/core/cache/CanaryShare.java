package dev.cairn.core.cache;

/** Picks a share of all fetches, spread evenly, the first one too. Threads: one mailbox owns it. */
final class CanaryShare {

    private final double share;
    private double due;

    /**
     * @param share 0 to 1
     */
    CanaryShare(double share) {
        this.share = share;
        this.due = 1 - share;
    }

    boolean picksNext() {
        if (share <= 0) {
            return false;
        }
        due += share;
        if (due < 1) {
            return false;
        }
        due -= 1;
        return true;
    }
}
