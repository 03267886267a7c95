package dev.cairn.ports.engine;

import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.RandomSource;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;

/**
 * The sampling algorithm, bit for bit: same logits and same row, same token, whatever the engine,
 * the batch or the number of threads. Runners that sample on their device repeat this definition;
 * the others call it.
 *
 * <p>With raw logits {@code l} (float32), in this order (vLLM's):
 *
 * <ol>
 *   <li>mask: tokens whose bit is not set are out;
 *   <li>bias: {@code z = l + bias};
 *   <li>penalties, for tokens noted in the counts: repetition ({@code z > 0 ? z / r : z * r},
 *       prompt and answer), then {@code z -= frequency * occurrences}, then {@code z -= presence}
 *       (answer only);
 *   <li>temperature below {@link #GREEDY_BELOW}: the largest z, ties to the lower id. Otherwise
 *       {@code z = z / temperature};
 *   <li>min-p: tokens with {@code z < max + ln(minP)} are out;
 *   <li>top-k: the k first by (z descending, id ascending) stay;
 *   <li>top-p: weights {@code w = floor(exp(z - max) * 2^40)} as integers, so that their sum has no
 *       order; the shortest run of tokens by (z descending, id ascending) whose sum reaches {@code
 *       ceil(topP * total)} stays;
 *   <li>the token with the largest {@code z + g} is chosen, ties to the lower id, where {@code g =
 *       -ln(-ln(u))} (Gumbel noise, so this draws from the softmax), {@code u = ((h >>> 12) + 0.5)
 *       * 2^-52} and {@code h = mix(mix(seed + mix(position)) + id)} with {@link
 *       dev.cairn.ports.system.RandomSource#mix}.
 * </ol>
 *
 * Steps 2 to 4 are float32, the rest double by {@link DefinedMath}. Log-probabilities are those of
 * the raw logits.
 *
 * <p>Threads: pure functions; a {@link Scratch} belongs to one thread at a time.
 */
public final class Sampler {

    /** Temperatures below this mean greedy, as in vLLM. */
    public static final float GREEDY_BELOW = 1e-5f;

    private static final double WEIGHT_UNIT = 0x1p40;
    private static final int FIRST_SORTED = 256;

    private Sampler() {}

    /**
     * Working memory for rows of up to {@code vocabulary} logits: about 20 bytes per token of the
     * vocabulary.
     */
    public static final class Scratch {

        private final float[] raw;
        private final float[] z;
        private final long[] keys;

        public Scratch(int vocabulary) {
            raw = new float[vocabulary];
            z = new float[vocabulary];
            keys = new long[vocabulary];
        }
    }

    /**
     * Serves one row.
     *
     * @param logits float32 {@code [vocabulary]}, native order, not changed
     * @return null for {@link SamplingRow.Ignore}
     * @throws ArithmeticException if a logit is NaN, or no token is allowed: the engine or the
     *     caller is at fault
     */
    public static TokenChoice serve(
            MemorySegment logits, int vocabulary, SamplingRow row, Scratch scratch) {
        if (row instanceof SamplingRow.Ignore) {
            return null;
        }
        MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, scratch.raw, 0, vocabulary);
        int token =
                switch (row) {
                    case SamplingRow.Sample sample -> choose(vocabulary, sample, scratch);
                    case SamplingRow.Score(int scored, int _) -> scored;
                    case SamplingRow.Ignore() ->
                            throw new IllegalStateException("ignored rows were sorted out");
                };
        float[] full =
                row instanceof SamplingRow.Sample sample && sample.fullLogits()
                        ? Arrays.copyOf(scratch.raw, vocabulary)
                        : null;
        return LogProbabilities.report(scratch.raw, vocabulary, token, row.topLogprobs(), full);
    }

    private static int choose(int vocabulary, SamplingRow.Sample row, Scratch scratch) {
        SamplingParameters parameters = row.parameters();
        float[] z = scratch.z;
        System.arraycopy(scratch.raw, 0, z, 0, vocabulary);
        mask(z, vocabulary, row.mask());
        for (Map.Entry<Integer, Float> bias : parameters.logitBias().entrySet()) {
            z[bias.getKey()] += bias.getValue();
        }
        if (row.counts() != null) {
            penalise(z, parameters, row.counts());
        }
        int likeliest = likeliest(z, vocabulary);
        if (parameters.temperature() < GREEDY_BELOW) {
            return likeliest;
        }
        float temperature = parameters.temperature();
        for (int i = 0; i < vocabulary; i++) {
            z[i] = z[i] / temperature;
        }
        float max = z[likeliest];
        if (max == Float.POSITIVE_INFINITY) {
            return likeliest;
        }
        long key = noiseKey(row.seed(), row.position());
        boolean trimmed = parameters.topK() > 0 || parameters.topP() < 1 || parameters.minP() > 0;
        return trimmed
                ? drawTrimmed(scratch, vocabulary, max, parameters, key)
                : draw(z, vocabulary, likeliest, key);
    }

    private static void mask(float[] z, int vocabulary, int[] mask) {
        if (mask == null) {
            return;
        }
        for (int i = 0; i < vocabulary; i++) {
            int word = i >>> 5;
            if (word >= mask.length || (mask[word] >>> i & 1) == 0) {
                z[i] = Float.NEGATIVE_INFINITY;
            }
        }
    }

    private static void penalise(float[] z, SamplingParameters parameters, TokenCounts counts) {
        float repetition = parameters.repetitionPenalty();
        counts.forEach(
                (id, generated, inPrompt) -> {
                    float value = z[id];
                    if (repetition != 1 && (inPrompt || generated > 0)) {
                        value = value > 0 ? value / repetition : value * repetition;
                    }
                    if (generated > 0) {
                        value -= parameters.frequencyPenalty() * generated;
                        value -= parameters.presencePenalty();
                    }
                    z[id] = value;
                });
    }

    private static int likeliest(float[] z, int vocabulary) {
        int best = 0;
        boolean nan = false;
        for (int i = 0; i < vocabulary; i++) {
            nan |= Float.isNaN(z[i]);
            if (z[i] > z[best]) {
                best = i;
            }
        }
        if (nan) {
            throw new ArithmeticException("the engine gave logits that are no numbers");
        }
        if (z[best] == Float.NEGATIVE_INFINITY) {
            throw new ArithmeticException("no token is allowed");
        }
        return best;
    }

    /**
     * Chooses among all tokens. Only tokens whose noise could win pay for two logarithms; see
     * {@link Bound}.
     */
    private static int draw(float[] z, int vocabulary, int likeliest, long key) {
        int best = likeliest;
        double bestValue = z[likeliest] + noise(key, likeliest);
        for (int i = 0; i < vocabulary; i++) {
            if (i == likeliest || Bound.cannotReach(bestValue - z[i], key, i)) {
                continue;
            }
            double value = z[i] + noise(key, i);
            if (value > bestValue || (value == bestValue && i < best)) {
                bestValue = value;
                best = i;
            }
        }
        return best;
    }

    private static int drawTrimmed(
            Scratch scratch, int vocabulary, float max, SamplingParameters parameters, long key) {
        float[] z = scratch.z;
        long[] keys = scratch.keys;
        double least =
                parameters.minP() > 0
                        ? max + DefinedMath.log(parameters.minP())
                        : Double.NEGATIVE_INFINITY;
        int kept = 0;
        for (int i = 0; i < vocabulary; i++) {
            if (z[i] > Float.NEGATIVE_INFINITY && z[i] >= least) {
                keys[kept++] = Ranking.key(z[i], i);
            }
        }
        if (parameters.topK() > 0 && parameters.topK() < kept) {
            Ranking.select(keys, kept, parameters.topK());
            kept = parameters.topK();
        }
        if (parameters.topP() < 1) {
            kept = nucleus(z, keys, kept, max, parameters.topP());
        }
        int best = -1;
        double bestValue = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < kept; k++) {
            int id = Ranking.id(keys[k]);
            double value = z[id] + noise(key, id);
            if (value > bestValue || (value == bestValue && id < best)) {
                bestValue = value;
                best = id;
            }
        }
        return best;
    }

    /** How many tokens stay under top-p; they are moved to the front of {@code keys}. */
    private static int nucleus(float[] z, long[] keys, int kept, float max, float topP) {
        long total = 0;
        for (int k = 0; k < kept; k++) {
            total += weight(z[Ranking.id(keys[k])], max);
        }
        long wanted = (long) Math.ceil((double) topP * total);
        long sum = 0;
        int sorted = 0;
        for (int end = Math.min(kept, FIRST_SORTED); ; end = (int) Math.min(kept, 8L * end)) {
            Ranking.sortNext(keys, sorted, end, kept);
            for (; sorted < end; sorted++) {
                sum += weight(z[Ranking.id(keys[sorted])], max);
                if (sum >= wanted) {
                    return sorted + 1;
                }
            }
            if (end == kept) {
                return kept;
            }
        }
    }

    private static long weight(float z, float max) {
        return (long) (DefinedMath.exp((double) z - max) * WEIGHT_UNIT);
    }

    private static long noiseKey(long seed, int position) {
        return RandomSource.mix(seed + RandomSource.mix(position));
    }

    private static double uniform(long key, int id) {
        return ((RandomSource.mix(key + id) >>> 12) + 0.5) * 0x1p-52;
    }

    private static double noise(long key, int id) {
        return -DefinedMath.log(-DefinedMath.log(uniform(key, id)));
    }

    /**
     * A cheap proof that a token loses: its noise g exceeds t only if {@code 1 - u <= -ln(u) =
     * exp(-g) < exp(-t)}, and {@code exp(-t) <= exp(-floor(t))}, which is a table.
     */
    private static final class Bound {

        private static final double[] EXP_MINUS = new double[38];

        static {
            for (int i = 0; i < EXP_MINUS.length; i++) {
                // a hair above, so that rounding of the table never decides
                EXP_MINUS[i] = Math.exp(-i) * (1 + 1e-9);
            }
        }

        private Bound() {}

        static boolean cannotReach(double t, long key, int id) {
            if (!(t >= 0)) {
                return false;
            }
            // the largest noise is -ln(-ln(1 - 2^-53)) < 36.8
            return t >= EXP_MINUS.length - 1 || 1 - uniform(key, id) > EXP_MINUS[(int) t];
        }
    }
}
