package dev.cairn.core.route;

/** A decision of a {@link Router} that nothing was booked for yet. Immutable. */
public final class Pick {

    private final long number;
    private final Decision decision;
    private final int worker;
    private final int cachedTokens;
    private final RoutedPrefixes remembers;
    private final long[] keys;

    /**
     * @param number counts picks
     * @param remembers where it is remembered that the prompt went there; null = nowhere
     * @param keys of the prompt's blocks; empty where nobody wants to know
     */
    Pick(
            long number,
            Decision decision,
            int worker,
            int cachedTokens,
            RoutedPrefixes remembers,
            long[] keys) {
        this.number = number;
        this.decision = decision;
        this.worker = worker;
        this.cachedTokens = cachedTokens;
        this.remembers = remembers;
        this.keys = keys;
    }

    public Decision decision() {
        return decision;
    }

    /** By number. */
    public int worker() {
        return worker;
    }

    /** Prompt tokens that the worker holds, as far as is known. */
    public int cachedTokens() {
        return cachedTokens;
    }

    long number() {
        return number;
    }

    RoutedPrefixes remembers() {
        return remembers;
    }

    long[] keys() {
        return keys;
    }
}
