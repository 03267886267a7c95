package dev.cairn.transport.kv;

import dev.cairn.ports.cache.TierRates;

/**
 * What pulls from one peer took lately. The time to a pull's first bytes counts as what a request
 * costs, the time from there to its end as what its bytes cost.
 *
 * <p>Threads: any.
 */
final class PullRates {

    /** The weight that a pull keeps when the next one comes. */
    private static final double FADE = 0.9;

    private double bytes;
    private double nanos;
    private double weight;
    private double firstNanos;

    synchronized void measured(long ofBytes, long untilFirst, long afterwards) {
        weight = weight * FADE + 1;
        firstNanos = firstNanos * FADE + untilFirst;
        bytes = bytes * FADE + ofBytes;
        nanos = nanos * FADE + Math.max(1, afterwards);
    }

    synchronized TierRates rates() {
        return weight == 0
                ? new TierRates(0, 0, 0)
                : new TierRates(bytes * 1e9 / nanos, 0, firstNanos / weight);
    }
}
