package dev.cairn.core.cache;

import java.util.List;

/**
 * Fetch or recompute: how much of a cached prefix is worth waiting for.
 *
 * <p>The rest is computed when the fetched blocks are there, so the first token of the answer comes
 * after {@code fetch(t) + compute(length - t)} where t tokens are fetched. The best t is where the
 * tier that holds the blocks changes, for within one tier both times are linear.
 *
 * <p>What was never seen is believed to take no time, and so is tried.
 */
final class FetchChoice {

    private FetchChoice() {}

    /**
     * @param tokens length of the prefix when it is fetched
     * @param nanos predicted time until it lies in the device; 0 = never seen
     */
    record Candidate(int tokens, double nanos) {}

    /**
     * The best candidate, or null to compute.
     *
     * @param candidates by ascending length
     * @param held tokens that the device holds already
     * @param compute nanoseconds per token
     */
    static Candidate best(List<Candidate> candidates, int held, Rate compute) {
        if (!compute.isKnown()) {
            return candidates.isEmpty() ? null : candidates.getLast();
        }
        Candidate best = null;
        double most = 0;
        for (Candidate candidate : candidates) {
            double saved = compute.nanos(candidate.tokens() - held) - candidate.nanos();
            if (saved > most) {
                best = candidate;
                most = saved;
            }
        }
        return best;
    }
}
