package dev.cairn.core.speculate;

import java.util.Arrays;

/**
 * How many guesses of each sequence go into a step: as many as let the batch get its tokens
 * fastest.
 *
 * <p>The k-th guess of a sequence with acceptance rate p brings a token with probability p^k. Taken
 * in the order of what they bring, so many guesses are chosen that expected tokens by the step's
 * expected time ({@link DraftCosts}) are most; where arithmetic bounds the engine already that is
 * none.
 *
 * <p>Makes no garbage in steady state. Threads: one mailbox owns it.
 */
public final class DraftWidths {

    /** Of all sequences of a step. */
    static final int MOST_GUESSES = 128;

    private int count;
    private double[] rate = new double[8];
    private double[] next = new double[8];
    private int[] most = new int[8];
    private int[] width = new int[8];

    /** Begins a step. */
    public void begin() {
        count = 0;
    }

    /**
     * A sequence has guesses.
     *
     * @param sequenceRate part of them that holds, see {@link Acceptance#rate}
     * @param guesses how many it has
     * @return its index
     */
    public int offer(double sequenceRate, int guesses) {
        if (count == rate.length) {
            rate = Arrays.copyOf(rate, 2 * count);
            next = Arrays.copyOf(next, 2 * count);
            most = Arrays.copyOf(most, 2 * count);
            width = Arrays.copyOf(width, 2 * count);
        }
        rate[count] = sequenceRate;
        most[count] = guesses;
        return count++;
    }

    /**
     * Chooses the widths.
     *
     * @param answers in the step, with guesses or without
     * @param room guesses that the step can take; more than {@value #MOST_GUESSES} never are
     */
    public void choose(DraftCosts costs, int answers, int room) {
        int chosen = best(costs, answers, Math.min(room, MOST_GUESSES));
        reset();
        for (int i = 0; i < chosen; i++) {
            take(most());
        }
    }

    /** Guesses of a sequence that are worth their time, or 0. */
    public int width(int index) {
        return width[index];
    }

    private int best(DraftCosts costs, int answers, int room) {
        reset();
        double tokens = answers;
        double bestRate = answers;
        int best = 0;
        for (int guesses = 1; guesses <= room; guesses++) {
            int at = most();
            if (at < 0) {
                break;
            }
            tokens += next[at];
            take(at);
            double perTime = tokens / costs.ratio(answers, guesses);
            if (perTime > bestRate) {
                bestRate = perTime;
                best = guesses;
            }
        }
        return best;
    }

    private void reset() {
        for (int i = 0; i < count; i++) {
            width[i] = 0;
            next[i] = most[i] > 0 ? rate[i] : 0;
        }
    }

    /** The sequence whose next guess is the likeliest to hold; -1 = there is none. */
    private int most() {
        int at = -1;
        for (int i = 0; i < count; i++) {
            if (width[i] < most[i] && (at < 0 || next[i] > next[at])) {
                at = i;
            }
        }
        return at;
    }

    private void take(int at) {
        width[at]++;
        next[at] *= rate[at];
    }
}
