package dev.cairn.core.fair;

import java.util.concurrent.TimeUnit;

/**
 * How fast requests leave, to tell a refused client when to come back: the mean interval between
 * ends, over about the last ten.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class DrainRate {

    private static final double WEIGHT = 0.1;
    private static final long SHORTEST_MILLIS = 100;
    private static final long LONGEST_MILLIS = 60_000;
    private static final long UNKNOWN_MILLIS = 1_000;

    private boolean hasEnd;
    private long lastEndNanos;
    private double interval = -1;

    /** One left. */
    public void requestEnded(long nanos) {
        if (hasEnd) {
            double last = nanos - lastEndNanos;
            interval = interval < 0 ? last : interval + WEIGHT * (last - interval);
        }
        hasEnd = true;
        lastEndNanos = nanos;
    }

    /** The queue is empty: the time until the next end says nothing about the rate. */
    public void idle() {
        hasEnd = false;
    }

    /** When half of a queue of {@code waiting} will have left. */
    public long retryAfterMillis(int waiting) {
        if (interval < 0) {
            return UNKNOWN_MILLIS;
        }
        long millis = TimeUnit.NANOSECONDS.toMillis((long) (interval * (waiting + 1) / 2));
        return Math.clamp(millis, SHORTEST_MILLIS, LONGEST_MILLIS);
    }
}
