package dev.cairn.core.schedule;

/**
 * How many prompt tokens a step may take beside its decodes, so that reading a prompt slows the
 * answers of others down by a factor that is known, and the prompt still gets its share.
 *
 * <p>With a stretch of 2, the prompt tokens of a step may take as long as its decodes alone would.
 * Then neither an answer nor the prompt takes more than twice as long as without the other. Every
 * further prompt that is to be read brings the same time with it: under load the steps grow to the
 * runner's budget.
 *
 * <p>Both costs are learned from the steps: what n decodes take, and what a prompt token takes
 * beside decodes. Which tokens are chosen does not depend on it.
 *
 * <p>Threads: one mailbox owns it.
 */
final class StepPace {

    /** No bound on prompt tokens. */
    static final int UNBOUNDED = Integer.MAX_VALUE;

    /** A prompt makes progress however slow it is. */
    private static final int LEAST_TOKENS = 4;

    /** Beside decodes, where nothing is known of what prompts cost. */
    private static final int FIRST_TOKENS = 64;

    /** Leaves room to learn that a token costs less. */
    private static final double NEARLY_FULL = 0.8;

    /** Costs are not known exactly. */
    private static final double MARGIN = 0.99;

    /** A slower step counts little: whoever reads a long request for us slows a few before it. */
    private static final double SLOWER_DECODE_WEIGHT = 0.01;

    private static final double FASTER_DECODE_WEIGHT = 0.1;
    private static final double PROMPT_WEIGHT = 0.5;

    private final double stretch;
    private final double[] decodeNanos;
    private double tokenNanos;

    /**
     * @param maxSequences in a step
     * @param stretch how many times longer a step may take for a prompt; 0 = no bound
     */
    StepPace(int maxSequences, double stretch) {
        this.stretch = stretch;
        this.decodeNanos = new double[maxSequences + 1];
    }

    /**
     * Prompt tokens that a step may have.
     *
     * @param decodes in the step
     * @param prompts that are to be read, those in the queue included that could run
     */
    int promptTokens(int decodes, int prompts) {
        if (stretch == 0 || decodes == 0) {
            return UNBOUNDED;
        }
        double alone = decodesAlone(decodes);
        if (tokenNanos == 0 || alone == 0) {
            return FIRST_TOKENS;
        }
        double spare = MARGIN * (stretch - 1) * Math.max(1, prompts) * alone;
        return (int) Math.clamp(spare / tokenNanos, LEAST_TOKENS, UNBOUNDED);
    }

    /** A step took so long, from its launch to the next turn. */
    void stepTook(int decodes, int promptTokens, long nanos) {
        if (nanos <= 0 || stretch == 0) {
            return;
        }
        if (promptTokens == 0) {
            double known = decodeNanos[decodes];
            double weight = nanos > known ? SLOWER_DECODE_WEIGHT : FASTER_DECODE_WEIGHT;
            decodeNanos[decodes] = blend(known, nanos, weight);
        } else if (decodes == 0) {
            // No more than this, for the step's fixed cost is included; that of few tokens is all.
            if (promptTokens < FIRST_TOKENS && tokenNanos == 0) {
                return;
            }
            double most = (double) nanos / promptTokens;
            tokenNanos = tokenNanos == 0 ? most : Math.min(tokenNanos, most);
        } else if (decodesAlone(decodes) == 0) {
            // Never seen alone: what the prompt does not account for, but at least their part.
            double part = (double) nanos * decodes / (decodes + promptTokens);
            decodeNanos[decodes] = Math.max(part, nanos - tokenNanos * promptTokens);
        } else {
            // An engine that waits for its memory takes the first tokens for nothing, but not the
            // later ones: they count as if they had nearly filled the step.
            double filled = nanos * NEARLY_FULL * (1 - 1 / stretch);
            double beside = Math.max(filled, nanos - decodesAlone(decodes)) / promptTokens;
            tokenNanos = blend(tokenNanos, beside, PROMPT_WEIGHT);
        }
    }

    /** A single step counts as no less than an eighth and no more than twice what was known. */
    private static double blend(double known, double seen, double weight) {
        if (known == 0) {
            return seen;
        }
        return known + weight * (Math.clamp(seen, known / 8, known * 2) - known);
    }

    /**
     * What so many decodes take without a prompt, by the nearest counts that were seen; never more
     * than more of them take, for a count that was seen seldom may have been seen in a slow moment.
     */
    private double decodesAlone(int decodes) {
        double alone = decodeNanos[decodes] > 0 ? decodeNanos[decodes] : between(decodes);
        for (int more = decodes + 1; more < decodeNanos.length; more++) {
            if (decodeNanos[more] > 0) {
                alone = Math.min(alone, decodeNanos[more]);
            }
        }
        return alone;
    }

    private double between(int decodes) {
        int below = decodes;
        while (below > 0 && decodeNanos[below] == 0) {
            below--;
        }
        int above = decodes;
        while (above < decodeNanos.length - 1 && decodeNanos[above] == 0) {
            above++;
        }
        double most = decodeNanos[above];
        if (below == 0) {
            // Fewer decodes take at least their part of the time, and usually nearly all of it.
            return most * Math.max(0.5, (double) decodes / above);
        }
        double least = decodeNanos[below];
        return most == 0 ? least : least + (most - least) * (decodes - below) / (above - below);
    }
}
