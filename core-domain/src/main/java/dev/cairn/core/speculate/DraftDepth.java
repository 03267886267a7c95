package dev.cairn.core.speculate;

import java.util.Arrays;

/**
 * How many tokens a draft model guesses of every sequence before a step: as many as let the batch
 * get its tokens fastest, the draft model's own steps counted.
 *
 * <p>Guess k of a sequence with acceptance rate p brings a token with probability p^k; all
 * sequences are guessed in the same steps, one token each.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class DraftDepth {

    private static final double WEIGHT = 0.2;

    /** Where nothing was measured, a step of the draft takes this part of the model's. */
    private static final double FIRST_STEP = 0.2;

    /** Less is not worth the risk. */
    private static final double LEAST_GAIN = 1.03;

    private final double[] step = new double[64];
    private double[] rates = new double[8];
    private int count;

    /** A step of the draft model for so many sequences took so long. */
    public void saw(int sequences, long nanos) {
        int at = DraftCosts.bucket(sequences);
        step[at] = step[at] == 0 ? nanos : step[at] + WEIGHT * (nanos - step[at]);
    }

    /** Begins a choice. */
    public void begin() {
        count = 0;
    }

    /** A sequence could be guessed, and such a part of its guesses holds. */
    public void offer(double rate) {
        if (count == rates.length) {
            rates = Arrays.copyOf(rates, 2 * count);
        }
        rates[count++] = rate;
    }

    /**
     * Chooses.
     *
     * @param answers in the step, with guesses or without
     * @param most guesses of a sequence
     * @return 0 where none are worth their time
     */
    public int best(DraftCosts costs, int answers, int most) {
        if (count == 0) {
            return 0;
        }
        double plain = costs.plainNanos(answers);
        double known = step[DraftCosts.bucket(count)];
        double each = known == 0 || plain == 0 ? FIRST_STEP : known / plain;
        double tokens = answers;
        double bestRate = LEAST_GAIN * answers;
        int best = 0;
        for (int depth = 1; depth <= most && depth * count <= DraftWidths.MOST_GUESSES; depth++) {
            for (int i = 0; i < count; i++) {
                tokens += Math.pow(rates[i], depth);
            }
            double perTime = tokens / (costs.ratio(answers, depth * count) + depth * each);
            if (perTime > bestRate) {
                bestRate = perTime;
                best = depth;
            }
        }
        return best;
    }
}
