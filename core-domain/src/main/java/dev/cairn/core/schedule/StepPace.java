package dev.cairn.core.schedule;

/**
 * How many prompt tokens a step may take beside its decodes, so that reading a prompt slows the
 * answers of others down by a factor that is known, and the prompt still gets its share.
 *
 * <p>Every step of decodes earns time for prompts: with a stretch of 2, at most as much as its
 * decodes take alone. A chunk is read when the time for it is there, and what it really takes is
 * charged, and decodes earn by what they really took. So over a while the answers take at most
 * twice as long, and the prompt at most twice as long as alone where its tokens cost beside decodes
 * what they cost alone.
 *
 * <p>How large chunks are follows from learned costs. Let {@code a} be the time of the decodes
 * alone, {@code u} that of a prompt token in an idle engine, {@code e(c)} what a chunk of {@code c}
 * tokens adds to a step. If one in {@code k} steps carries a chunk, answers take {@code 1 + e(c) /
 * (k a)} times as long and the prompt {@code (k a + e(c)) / (c u)} times. Both are the same for
 * {@code k = c u / a}, and are then {@code 1 + e(c) / (c u)}: what counts is what a token of the
 * chunk costs beside decodes. An engine that waits for its memory reads small chunks for nearly
 * nothing: every step carries one ({@code k = 1}, {@code c = a / u}). Where arithmetic bounds it, a
 * token costs the same anywhere and both take twice as long; small chunks may even cost more. Then
 * steps without a chunk and steps with a large one take turns, as far as the pause of the answers
 * is bearable.
 *
 * <p>Every further prompt that is to be read brings the same time with it: under load the steps
 * grow to the runner's budget. Which tokens are chosen does not depend on any of this.
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

    /** Costs are not known exactly. */
    private static final double MARGIN = 0.997;

    /** So much of a chunk's time is as good as all of it. */
    private static final double NEARLY_ALL = 0.95;

    /** Part of the decodes' time that the end of a prompt may take too much. */
    private static final double OVERDRAFT = 0.25;

    /** Part of the prompt's own time that larger chunks must save to be worth their pauses. */
    private static final double WORTH = 0.03;

    /** Prompts get half of what they may at least, however cheap they are beside decodes. */
    private static final double LEAST_SHARE = 0.5;

    /** In doubt the prompt gets more: the bound of the answers holds anyway, by what they took. */
    private static final double IN_DOUBT = 1.04;

    /**
     * Where steps never take the same time twice that bound holds on average only: so much less of
     * the doubt is the prompt's for what steps differ from what was expected, by their parts of it.
     */
    private static final double LESS_BY_SPREAD = 0.4;

    private static final double SPREAD_WEIGHT = 0.02;

    /** A step of so many tokens tells what one costs, while no prompt was read without answers. */
    private static final int MANY_TOKENS = 512;

    /**
     * A busy machine holds up long steps more than short ones, and what it takes counts. Beyond so
     * many times what was expected nobody could have known: a process that was stopped, for
     * example.
     */
    private static final double HELD_UP = 8;

    private final int maxTokens;
    private final double stretch;
    private final double longestPause;
    private final DecodeCosts decodeCosts;
    private final StepCurve curve = new StepCurve();

    /** Of a prompt token in steps without decodes; 0 = none was seen. */
    private double tokenNanos;

    /** Nanoseconds that prompts may take now, what the step to come earns not included. */
    private double credit;

    private double earning;
    private double mostCredit;

    /** By how much of what was expected the steps of decodes differ from it. */
    private double spread;

    /**
     * @param maxSequences in a step
     * @param stretch how many times longer answers may take for a prompt; 0 = no bound
     * @param longestPauseNanos how long a step may take for the sake of cheaper chunks
     */
    StepPace(int maxSequences, int maxTokens, double stretch, long longestPauseNanos) {
        this.maxTokens = maxTokens;
        this.stretch = stretch;
        this.longestPause = longestPauseNanos;
        this.decodeCosts = new DecodeCosts(maxSequences);
    }

    /**
     * Prompt tokens that a step may have.
     *
     * @param decodes in the step
     * @param prompts that are to be read, those in the queue included that could run
     * @param left tokens of the prompt that is being read; 0 = none has begun
     */
    int promptTokens(int decodes, int prompts, int left) {
        earning = 0;
        if (stretch == 0 || decodes == 0 || prompts == 0) {
            credit = Math.min(credit, 0);
            mostCredit = 0;
            return UNBOUNDED;
        }
        double alone = decodeCosts.of(decodes);
        if (alone == 0 || !curve.reachesBeyond(decodes)) {
            return FIRST_TOKENS;
        }
        double learned = tokenNanos > 0 ? tokenNanos : perToken(decodes, alone, MANY_TOKENS);
        double unit = Math.max(1, learned);
        int chunk = chunk(decodes, alone, unit, left);
        double share =
                Math.clamp(inDoubt() * perToken(decodes, alone, chunk) / unit, LEAST_SHARE, 1);
        earning = MARGIN * (stretch - 1) * share * prompts * alone;
        double wanted = added(decodes, alone, Math.min(chunk, Math.max(left, LEAST_TOKENS)));
        mostCredit = wanted;
        double there = credit + earning;
        if (there < NEARLY_ALL * wanted) {
            return 0;
        }
        // The last few tokens are not worth a step of their own.
        return left > 0 && added(decodes, alone, left) <= there + OVERDRAFT * alone
                ? left
                : affordable(decodes, alone, there);
    }

    /** More than one where the prompt's costs count for more than they are believed to be. */
    private double inDoubt() {
        return Math.max(1, IN_DOUBT - LESS_BY_SPREAD * spread);
    }

    /**
     * The chunk beside which answers and prompt are slowed down least: in every step if that is
     * nearly as good.
     */
    private int chunk(int decodes, double alone, double unit, int left) {
        int room = Math.max(LEAST_TOKENS, maxTokens - decodes);
        int smallest = (int) Math.clamp(alone / unit, LEAST_TOKENS, room);
        int largest = Math.max(smallest, Math.min(left, bearable(decodes, alone)));
        double gain = perToken(decodes, alone, smallest) - perToken(decodes, alone, largest);
        return gain > WORTH * unit ? largest : smallest;
    }

    private double perToken(int decodes, double alone, int chunk) {
        return added(decodes, alone, chunk) / chunk;
    }

    /** The largest chunk whose step is no longer than the pause that answers may make. */
    private int bearable(int decodes, double alone) {
        return affordable(decodes, alone, longestPause - alone);
    }

    /** What a chunk adds to a step of so many decodes. */
    private double added(int decodes, double alone, int chunk) {
        return curve.nanos(decodes + chunk, decodes, alone) - alone;
    }

    /** The largest chunk that adds no more than so many nanoseconds to a step. */
    private int affordable(int decodes, double alone, double nanos) {
        int fits = LEAST_TOKENS;
        int tooMany = Math.max(fits + 1, maxTokens - decodes + 1);
        while (tooMany - fits > 1) {
            int middle = (fits + tooMany) / 2;
            if (added(decodes, alone, middle) <= nanos) {
                fits = middle;
            } else {
                tooMany = middle;
            }
        }
        return fits;
    }

    /** A step took so long, from its launch to the next turn. */
    void stepTook(int decodes, int promptTokens, long nanos) {
        if (nanos <= 0 || stretch == 0) {
            return;
        }
        if (promptTokens == 0) {
            decodesTook(decodes, nanos);
        } else if (decodes == 0) {
            curve.saw(promptTokens, nanos, false);
            if (promptTokens >= FIRST_TOKENS) {
                tokenNanos = StepCurve.learn(tokenNanos, (double) nanos / promptTokens);
            }
        } else {
            credit += earning;
            // Never seen alone: at least their part.
            decodeCosts.guess(decodes, (double) nanos * decodes / (decodes + promptTokens));
            double alone = decodeCosts.of(decodes);
            double expected = added(decodes, alone, promptTokens);
            curve.saw(decodes + promptTokens, nanos, true);
            double took = Math.clamp(nanos - alone, 0, HELD_UP * Math.max(expected, alone));
            credit = Math.max(credit - took, -HELD_UP * Math.max(mostCredit, earning));
        }
    }

    /**
     * Decodes earn by what they took, not by what they were believed to take: a belief is never
     * right where steps are short, and what it lacks would be missing in every step.
     */
    private void decodesTook(int decodes, long nanos) {
        double alone = decodeCosts.of(decodes);
        decodeCosts.saw(decodes, nanos);
        if (alone > 0) {
            double differs = Math.min(1, Math.abs(nanos - alone) / alone);
            spread += SPREAD_WEIGHT * (differs - spread);
            double earned = earning * Math.min(nanos / alone, HELD_UP);
            credit = Math.min(credit + earned, mostCredit + earning);
        }
    }
}
