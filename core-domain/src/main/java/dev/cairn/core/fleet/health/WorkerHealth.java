package dev.cairn.core.fleet.health;

/**
 * Whether a worker gets requests: what probes found, how its answers went, how long it has been
 * back, and whether it was sent off the field.
 *
 * <p>Probes say whether it is there; answers say whether it is any good. A worker that is not there
 * comes back by a probe alone, one whose answers fail by its {@link Breaker}.
 *
 * <p>Threads: one.
 */
public final class WorkerHealth {

    /** What is known of its being there. */
    public enum Presence {
        /** Not looked at yet. */
        UNKNOWN,
        HERE,
        GONE
    }

    /** The least that a worker gets after it came back, beside its full share. */
    private static final double FIRST_SHARE = 0.1;

    private final HealthOptions options;
    private final Breaker breaker;
    private Presence presence = Presence.UNKNOWN;
    private int silent;
    private int broken;
    private boolean isProbing;
    private long nextProbe;
    private boolean wasGone;
    private long backSince;
    private long ejectedUntil;
    private boolean isEjected;

    /**
     * @param nanos now: the first probe is due at once
     */
    public WorkerHealth(HealthOptions options, long nanos) {
        this.options = options;
        this.breaker = new Breaker(options);
        this.nextProbe = nanos;
        this.backSince = nanos - options.slowStart().toNanos();
    }

    public Presence presence() {
        return presence;
    }

    /** Whether it may get a request. */
    public boolean takes(long nanos) {
        return presence == Presence.HERE && !isEjected(nanos) && breaker.lets(nanos);
    }

    /** Its share of what others get: below 1 for a while after it came back. */
    public double share(long nanos) {
        long since = nanos - backSince;
        long full = options.slowStart().toNanos();
        if (since >= full) {
            return 1;
        }
        return Math.max(FIRST_SHARE, (double) since / full);
    }

    /** Whether a probe is due; it is under way from then until its outcome is told. */
    public boolean probeDue(long nanos) {
        if (isProbing || nanos - nextProbe < 0) {
            return false;
        }
        isProbing = true;
        return true;
    }

    public void probeSucceeded(long nanos) {
        isProbing = false;
        silent = 0;
        broken = 0;
        nextProbe = nanos + options.probeWell().toNanos();
        if (presence != Presence.HERE) {
            if (wasGone) {
                backSince = nanos;
            }
            presence = Presence.HERE;
        }
    }

    /**
     * @param refused nobody listens there, which is not a matter of patience
     * @return whether the worker is gone since now
     */
    public boolean probeFailed(boolean refused, long nanos) {
        isProbing = false;
        nextProbe = nanos + options.probeGone().toNanos();
        silent++;
        return (refused || silent >= options.mostSilent()) && gone();
    }

    /** A request goes there. */
    public void begun() {
        breaker.begun();
    }

    /** An answer began as it should. */
    public void succeeded() {
        broken = 0;
        breaker.succeeded();
    }

    /** A request ended without saying anything about the worker. */
    public void undecided() {
        breaker.undecided();
    }

    /** It answered, but badly, or too late. */
    public void failed(long nanos) {
        breaker.failed(nanos);
    }

    /**
     * A connection could not be made, or broke before an answer began.
     *
     * @param refused nobody listens there
     * @return whether the worker is gone since now
     */
    public boolean disconnected(boolean refused, long nanos) {
        breaker.undecided();
        broken++;
        nextProbe = Math.min(nextProbe, nanos + options.probeGone().toNanos());
        return (refused || broken >= options.mostSilent()) && gone();
    }

    private boolean gone() {
        boolean wasHere = presence == Presence.HERE;
        presence = Presence.GONE;
        wasGone = true;
        return wasHere;
    }

    /** Gets nothing for a while: it fails far more often than others. */
    public void eject(long untilNanos) {
        isEjected = true;
        ejectedUntil = untilNanos;
    }

    public boolean isEjected(long nanos) {
        if (isEjected && nanos - ejectedUntil >= 0) {
            isEjected = false;
            backSince = ejectedUntil;
        }
        return isEjected;
    }

    /** In a word, for people. */
    public String state(long nanos) {
        return switch (presence) {
            case UNKNOWN -> "unknown";
            case GONE -> "gone";
            case HERE -> {
                if (isEjected(nanos)) {
                    yield "ejected";
                }
                yield breaker.lets(nanos) ? "ready" : "breaker-" + breaker.state(nanos);
            }
        };
    }
}
