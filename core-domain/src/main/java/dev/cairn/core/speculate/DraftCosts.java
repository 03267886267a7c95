package dev.cairn.core.speculate;

/**
 * What guesses cost: how much longer a step of so many answers takes with so many guesses in it,
 * learned from the steps, by points between which the cost is linear.
 *
 * <p>Costs are ratios to the plain step of as many answers at that time, for answers grow and their
 * steps with them. Threads: one mailbox owns it.
 */
public final class DraftCosts {

    /** Where nothing was measured a guess costs this part of what a token costs in a full batch. */
    private static final double FIRST_GUESS = 0.25;

    private static final double WEIGHT = 0.2;

    /** One step that is slow for reasons of its own says little. */
    private static final double MOST_CHANGE = 1.5;

    /**
     * With every step without guesses their costs are believed to be a little less: one slow moment
     * does not speak against them for ever.
     */
    private static final double FORGETS = 0.001;

    /** Beyond what was measured, guesses cost this part of what those before cost each. */
    private static final double FURTHER = 0.5;

    /** Less is not worth the risk. */
    private static final double LEAST_GAIN = 1.02;

    private static final double SURE = 1.5;

    private static final double LEAST_RATE = 0.05;

    /** After so many steps with guesses one goes without, to know what that takes by now. */
    private static final int LONGEST_RUN = 64;

    private final Batch[] batches = new Batch[64];

    /** A step of nothing but answers took so long. */
    public void saw(int answers, int guesses, long nanos) {
        Batch batch = of(answers);
        if (guesses == 0) {
            batch.run = 0;
            batch.forget();
            batch.plain = learn(batch.plain, nanos);
        } else if (batch.plain > 0) {
            batch.run++;
            int at = bucket(guesses);
            double took = Math.max(1, nanos / batch.plain);
            batch.guesses[at] = batch.guesses[at] == 0 ? guesses : mean(batch.guesses[at], guesses);
            batch.ratio[at] = learn(batch.ratio[at], took);
        }
    }

    /** What a step of so many answers takes without guesses; 0 = not known. */
    public double plainNanos(int answers) {
        return of(answers).plain;
    }

    /** Whether a step of so many answers has to go without guesses, to be measured. */
    public boolean isPlainDue(int answers) {
        Batch batch = of(answers);
        return batch.plain == 0 || batch.run >= LONGEST_RUN;
    }

    /** Whether so many guesses, if all held, would bring more than they cost. */
    public boolean couldPay(int answers, int guesses) {
        return answers + guesses > LEAST_GAIN * answers * ratio(answers, guesses);
    }

    /**
     * Whether guesses of which such a part holds are likely to bring more than they cost. What
     * hardly would is left alone, for a run of luck looks the same.
     */
    public boolean isWorth(int answers, double rate) {
        return rate > Math.max(LEAST_RATE, SURE * answers * (ratio(answers, 1) - 1));
    }

    /** How many times as long as without guesses a step takes; at least 1. */
    public double ratio(int answers, int guesses) {
        Batch batch = of(answers);
        double below = 0;
        double least = 1;
        for (int at = 0; at < batch.ratio.length; at++) {
            if (batch.ratio[at] > 0) {
                double here = Math.max(least, batch.ratio[at]);
                double where = batch.guesses[at];
                if (guesses <= where) {
                    return where == below
                            ? here
                            : least + (here - least) * (guesses - below) / (where - below);
                }
                below = where;
                least = here;
            }
        }
        double slope = below == 0 ? FIRST_GUESS / answers : FURTHER * (least - 1) / below;
        return least + slope * (guesses - below);
    }

    private Batch of(int answers) {
        int at = bucket(answers);
        if (batches[at] == null) {
            batches[at] = new Batch();
        }
        return batches[at];
    }

    private static double mean(double known, double now) {
        return known + WEIGHT * (now - known);
    }

    private static double learn(double known, double took) {
        return known == 0
                ? took
                : mean(known, Math.clamp(took, known / MOST_CHANGE, known * MOST_CHANGE));
    }

    /** 1, 2, 3, 4, then two to an octave. */
    static int bucket(int count) {
        int octave = 31 - Integer.numberOfLeadingZeros(count);
        int half = octave == 0 ? 0 : count >>> (octave - 1) & 1;
        return 2 * octave + half;
    }

    private static final class Batch {

        private double plain;
        private int run;
        private final double[] ratio = new double[64];
        private final double[] guesses = new double[64];

        private void forget() {
            for (int at = 0; at < ratio.length; at++) {
                ratio[at] -= FORGETS * Math.max(0, ratio[at] - 1);
            }
        }
    }
}
