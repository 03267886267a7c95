package dev.cairn.core.schedule;

/**
 * What steps of decodes alone take, by how many there are, learned from the steps.
 *
 * <p>Threads: one mailbox owns it.
 */
final class DecodeCosts {

    /** Answers grow, and their steps with them, a little each. */
    private static final double SLOWER_WEIGHT = 0.05;

    /**
     * A much slower step counts as a little slower: whoever reads a long request for us slows a few
     * before it.
     */
    private static final double MOST_SLOWER = 1.1;

    private static final double FASTER_WEIGHT = 0.1;

    private final double[] nanos;
    private final boolean[] guessed;

    DecodeCosts(int maxSequences) {
        nanos = new double[maxSequences + 1];
        guessed = new boolean[maxSequences + 1];
    }

    /** A step of so many decodes and nothing else took so long. */
    void saw(int decodes, double took) {
        double known = guessed[decodes] ? 0 : nanos[decodes];
        guessed[decodes] = false;
        nanos[decodes] = learn(known, took);
    }

    /**
     * What a step is believed to take that was known to take so long, or 0, and now took so long.
     */
    static double learn(double known, double took) {
        if (known == 0) {
            return took;
        }
        return took > known
                ? known + SLOWER_WEIGHT * (Math.min(took, MOST_SLOWER * known) - known)
                : known + FASTER_WEIGHT * (took - known);
    }

    /** A guess where nothing is known yet. */
    void guess(int decodes, double least) {
        if (of(decodes) == 0) {
            nanos[decodes] = least;
            guessed[decodes] = true;
        }
    }

    /**
     * What so many decodes take without a prompt, by the nearest counts that were seen; never more
     * than more of them take, for a count that was seen seldom may have been seen in a slow moment.
     * 0 = nothing is known.
     */
    double of(int decodes) {
        double alone = nanos[decodes] > 0 ? nanos[decodes] : between(decodes);
        for (int more = decodes + 1; more < nanos.length; more++) {
            if (nanos[more] > 0 && !guessed[more]) {
                alone = Math.min(alone, nanos[more]);
            }
        }
        return alone;
    }

    private double between(int decodes) {
        int below = decodes;
        while (below > 0 && nanos[below] == 0) {
            below--;
        }
        int above = decodes;
        while (above < nanos.length - 1 && nanos[above] == 0) {
            above++;
        }
        double most = nanos[above];
        if (below == 0) {
            // Fewer decodes take at least their part of the time, and usually nearly all of it.
            return most * Math.max(0.5, (double) decodes / above);
        }
        double least = nanos[below];
        return most == 0 ? least : least + (most - least) * (decodes - below) / (above - below);
    }
}
