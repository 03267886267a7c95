package dev.cairn.transport.node;

/**
 * How long a worker may be silent. One that was given up and is heard of again was slow, not dead:
 * from then on it has twice as long, at most {@value #MOST} times as long as usual. Every minute
 * without that halves it again.
 *
 * <p>Threads: any.
 */
final class SilencePatience {

    static final int MOST = 8;

    private static final long EASES_NANOS = 60_000_000_000L;

    private final long usual;
    private int factor = 1;
    private long changedNanos;
    private boolean givenUp;

    /**
     * @param usual of a worker that is always heard of, in nanoseconds
     */
    SilencePatience(long usual) {
        this.usual = usual;
    }

    synchronized long nanos(long now) {
        while (factor > 1 && now - changedNanos > EASES_NANOS) {
            factor /= 2;
            changedNanos += EASES_NANOS;
        }
        return usual * factor;
    }

    /** It was silent for so long. */
    synchronized void gaveUp() {
        givenUp = true;
    }

    /** It says something. */
    synchronized void heard(long now) {
        if (givenUp) {
            givenUp = false;
            factor = Math.min(MOST, 2 * factor);
            changedNanos = now;
        }
    }
}
