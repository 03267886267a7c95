package dev.cairn.transport.node;

/**
 * Time as far as this process saw it pass. Who looks at regular times, and comes late, was kept
 * from running himself: then others may have spoken, and nobody has heard it yet. Of such a pause
 * no more counts than of any other.
 *
 * <p>Threads: {@link #look} one, {@link #nanos} any.
 */
final class WatchedTime {

    private final long mostNanos;
    private long lookedNanos;
    private volatile long nanos;

    /**
     * @param pauseNanos between two looks
     * @param now on the clock of those who look
     */
    WatchedTime(long pauseNanos, long now) {
        this.mostNanos = pauseNanos;
        this.lookedNanos = now;
    }

    /** Somebody looks, and takes note of the time. */
    void look(long now) {
        nanos += Math.min(now - lookedNanos, mostNanos);
        lookedNanos = now;
    }

    /** How much has been seen, as of the last look. */
    long nanos() {
        return nanos;
    }
}
