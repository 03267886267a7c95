package dev.cairn.core.schedule;

import java.util.Arrays;

/**
 * What steps with prompt tokens take by all their tokens, learned from the steps: points, four to
 * an octave, linear between them.
 *
 * <p>Threads: one mailbox owns it.
 */
final class StepCurve {

    private static final int PER_OCTAVE = 4;

    private static final double FASTER_BY_FAR = 0.9;

    private double[] tokens = new double[0];
    private double[] nanos = new double[0];
    private boolean[] mixed = new boolean[0];

    /**
     * A step of so many tokens took so long.
     *
     * @param besideDecodes whether decodes were among them: what is asked for, so it counts more
     *     than a step of prompts alone
     */
    void saw(int count, double took, boolean besideDecodes) {
        int at = (int) Math.round(PER_OCTAVE * Math.log(count) / Math.log(2));
        if (at >= tokens.length) {
            tokens = Arrays.copyOf(tokens, at + 1);
            nanos = Arrays.copyOf(nanos, at + 1);
            mixed = Arrays.copyOf(mixed, at + 1);
        }
        if (tokens[at] == 0 || (besideDecodes && !mixed[at])) {
            tokens[at] = count;
            nanos[at] = took;
            mixed[at] = besideDecodes;
        } else if (besideDecodes || !mixed[at]) {
            nanos[at] = learn(nanos[at] * count / tokens[at], took);
            tokens[at] = count;
        }
    }

    /**
     * As {@link DecodeCosts#learn}, but what is faster by far counts half: an engine that has just
     * begun is slow at everything, and large steps are too few to forget that slowly.
     */
    static double learn(double known, double took) {
        return took < FASTER_BY_FAR * known ? (known + took) / 2 : DecodeCosts.learn(known, took);
    }

    /** Whether steps of more tokens than so many were seen. */
    boolean reachesBeyond(int count) {
        return tokens.length > 0 && tokens[tokens.length - 1] > count;
    }

    /**
     * Nanoseconds that a step of {@code count} tokens takes where one of {@code from} takes {@code
     * fromNanos}. None takes longer than one of more tokens: slow moments make steps look dear, and
     * a size that is seldom seen would look so for long.
     */
    double nanos(int count, int from, double fromNanos) {
        double lastTokens = from;
        double lastNanos = fromNanos;
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] > lastTokens) {
                double here = Math.max(lastNanos, leastFrom(i));
                if (count <= tokens[i]) {
                    double share = (count - lastTokens) / (tokens[i] - lastTokens);
                    return lastNanos + share * (here - lastNanos);
                }
                lastTokens = tokens[i];
                lastNanos = here;
            }
        }
        return lastNanos * count / lastTokens;
    }

    private double leastFrom(int first) {
        double least = nanos[first];
        for (int i = first + 1; i < tokens.length; i++) {
            if (tokens[i] > 0) {
                least = Math.min(least, nanos[i]);
            }
        }
        return least;
    }
}
