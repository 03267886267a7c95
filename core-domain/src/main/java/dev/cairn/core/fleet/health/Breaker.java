package dev.cairn.core.fleet.health;

/**
 * A circuit breaker: after some failures in a row nothing is let through for a while, then one
 * request at a time, whose outcome decides.
 *
 * <p>Threads: one.
 */
public final class Breaker {

    /** Doubling stops here; the longest time is reached much earlier. */
    private static final int MOST_DOUBLINGS = 20;

    private final int mostFailures;
    private final long openNanos;
    private final long mostOpenNanos;
    private int failures;
    private int opened;
    private boolean isOpen;
    private long openUntil;
    private boolean isTrying;

    public Breaker(HealthOptions options) {
        this.mostFailures = options.mostFailures();
        this.openNanos = options.open().toNanos();
        this.mostOpenNanos = options.mostOpen().toNanos();
    }

    /** Whether a request may go through now. */
    public boolean lets(long nanos) {
        return !isOpen || (nanos - openUntil >= 0 && !isTrying);
    }

    /** A request goes through; where the breaker is half open it is the one that decides. */
    public void begun() {
        isTrying |= isOpen;
    }

    /** It ended without saying anything about the worker: its client went away. */
    public void undecided() {
        isTrying = false;
    }

    public void succeeded() {
        failures = 0;
        opened = 0;
        isOpen = false;
        isTrying = false;
    }

    public void failed(long nanos) {
        failures++;
        boolean wasTrial = isTrying;
        isTrying = false;
        if (isOpen ? wasTrial : failures >= mostFailures) {
            isOpen = true;
            openUntil = nanos + Math.min(mostOpenNanos, openNanos << Math.min(opened, 10));
            opened = Math.min(opened + 1, MOST_DOUBLINGS);
        }
    }

    /** Closed, open or half open, in one word. */
    public String state(long nanos) {
        if (!isOpen) {
            return "closed";
        }
        return nanos - openUntil >= 0 ? "half-open" : "open";
    }
}
