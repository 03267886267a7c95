package dev.cairn.core.speculate;

/**
 * How well one sequence is guessed, and when to try again where that was not worth it.
 *
 * <p>The rate is the part of guesses that held among those whose predecessors held, later ones
 * counting more. Where it makes no guess worth its time, a small one is tried once in a while: as
 * seldom as keeps what the tries cost below {@link #PROBE_SHARE} of the time, and twice as seldom
 * after each that failed, so that a text that cannot be guessed loses next to nothing.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class Acceptance {

    /** Guesses that are tried to see whether the text can be guessed by now. */
    public static final int PROBE = 2;

    /** Part of the time that tries may cost. */
    private static final double PROBE_SHARE = 0.01;

    /** What is believed at first soon gives way; later a run of luck changes less. */
    private static final double FIRST_WEIGHT = 0.2;

    private static final int LONGEST_MEMORY = 12;
    private static final int MOST_REST = 1024;

    private double rate;
    private int seen;
    private int rest;
    private int pause = 1;

    /**
     * @param rate that is believed of a sequence of which nothing is known
     */
    public Acceptance(double rate) {
        this.rate = rate;
    }

    /** Part of guesses that hold, among those whose predecessors held; 0 to 1. */
    public double rate() {
        return rate;
    }

    /**
     * Guesses are not worth their time, as far as is known.
     *
     * @return whether a few are to be tried nevertheless
     */
    public boolean probes() {
        rest = Math.max(0, rest - 1);
        return rest == 0;
    }

    /**
     * Of so many guesses the first few held.
     *
     * @param extra what the guesses cost, in the time that a token of this answer takes
     */
    public void saw(int guesses, int held, double extra) {
        for (int i = 0; i < Math.min(held + 1, guesses); i++) {
            seen = Math.min(LONGEST_MEMORY, seen + 1);
            double weight = Math.max(1.0 / LONGEST_MEMORY, Math.min(FIRST_WEIGHT, 1.0 / seen));
            rate += weight * ((i < held ? 1 : 0) - rate);
        }
        if (held == guesses) {
            pause = 1;
            rest = 0;
        } else {
            // One that held by chance among others that did not is no reason to try at once.
            int least = (int) Math.min(MOST_REST, extra / PROBE_SHARE);
            rest = Math.max(pause, least);
            pause = held > 0 ? pause : Math.min(MOST_REST, 2 * pause);
        }
    }
}
