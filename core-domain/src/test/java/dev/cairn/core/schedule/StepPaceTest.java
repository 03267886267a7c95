package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.SeededRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Prompts beside eight answers on an engine whose steps are as short as the bundled model's, never
 * take the same time twice, and are slow at first.
 */
class StepPaceTest {

    private static final int ANSWERS = 8;
    private static final int PROMPT = 4096;
    private static final int CHUNK = 512;
    private static final int QUIET_STEPS = 1500;
    private static final int ROUNDS = 41;

    /** Nanoseconds of a decode, of a prompt token alone, and of one beside decodes. */
    private static final double DECODE = 71_000;

    private static final double ALONE = 66_000;
    private static final double BESIDE = 62_000;

    /**
     * What disturbs the steps: by how many nanoseconds, what part of them is held up, and how many
     * times longer chunks take at most than at best.
     */
    enum Noise {
        NONE(0, 0, 1),
        JITTER(170_000, 0, 1),
        HELD_UP(60_000, 0.02, 1),
        BUSY(60_000, 0, 7);

        private final double jitter;
        private final double heldUp;
        private final double longer;

        Noise(double jitter, double heldUp, double longer) {
            this.jitter = jitter;
            this.heldUp = heldUp;
            this.longer = longer;
        }

        double on(double nanos, SeededRandom random) {
            double stretched = nanos * (1 + (longer - 1) * uniform(random));
            double jittered =
                    (nanos < 3_000_000 ? nanos : stretched) + jitter * (2 * uniform(random) - 0.6);
            return uniform(random) < heldUp * Math.max(1, nanos / 3_000_000)
                    ? jittered - 3_000_000 * Math.log(uniform(random))
                    : jittered;
        }

        private static double uniform(SeededRandom random) {
            return (random.nextInt(1_000_000) + 1) / 1_000_001.0;
        }
    }

    @ParameterizedTest
    @EnumSource
    void promptAndAnswersTakeTwiceAsLongAtMostHoweverStepsVary(Noise noise) {
        for (long seed = 1; seed <= 3; seed++) {
            Engine engine = new Engine(noise, new SeededRandom(seed));
            engine.rounds(2);
            Ratios ratios = engine.rounds(ROUNDS);
            assertThat(ratios.perToken()).as("answers, seed %d", seed).isLessThanOrEqualTo(2);
            assertThat(ratios.firstToken()).as("prompt, seed %d", seed).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void theBeginningOfAServerIsForgottenAfterTwoPrompts() {
        Engine engine = new Engine(Noise.NONE, new SeededRandom(1));
        engine.rounds(2);
        Ratios next = engine.rounds(1);
        assertThat(next.perToken()).isLessThanOrEqualTo(2);
        assertThat(next.firstToken()).isLessThanOrEqualTo(2);
    }

    /** Medians of how many times longer answers' tokens took, and prompts. */
    private record Ratios(double perToken, double firstToken) {}

    private static final class Engine {

        /** As long as it took the JVM of a server to compile what it needs. */
        private static final double COLD_NANOS = 4e9;

        private final StepPace pace = new StepPace(128, CHUNK, 2, 1_000_000_000);
        private final Noise noise;
        private final SeededRandom random;
        private double nanos;
        private double worked;

        Engine(Noise noise, SeededRandom random) {
            this.noise = noise;
            this.random = random;
        }

        /** A prompt alone, answers alone, and both together, again and again. */
        Ratios rounds(int count) {
            double[] perToken = new double[count];
            double[] firstToken = new double[count];
            for (int i = 0; i < count; i++) {
                double alone = read(0).nanos();
                double before = nanos;
                for (int step = 0; step < QUIET_STEPS; step++) {
                    pace.promptTokens(ANSWERS, 0, 0);
                    step(ANSWERS, 0);
                }
                double quiet = (nanos - before) / QUIET_STEPS;
                Read beside = read(ANSWERS);
                perToken[i] = beside.nanos() / beside.steps() / quiet;
                firstToken[i] = beside.nanos() / alone;
            }
            Arrays.sort(perToken);
            Arrays.sort(firstToken);
            return new Ratios(perToken[count / 2], firstToken[count / 2]);
        }

        private record Read(double nanos, int steps) {}

        private Read read(int decodes) {
            double before = nanos;
            int steps = 0;
            for (int left = PROMPT; left > 0; steps++) {
                int most = Math.min(CHUNK - decodes, pace.promptTokens(decodes, 1, left));
                int chunk = Math.min(left, most);
                step(decodes, chunk);
                left -= chunk;
            }
            return new Read(nanos - before, steps);
        }

        private void step(int decodes, int promptTokens) {
            double warm = decodes * DECODE + promptTokens * (decodes == 0 ? ALONE : BESIDE);
            double cold = Math.max(0, 1 - worked / COLD_NANOS);
            worked += warm;
            long took = (long) noise.on(warm * (1 + 20 * Math.pow(cold, 4)), random);
            pace.stepTook(decodes, promptTokens, took);
            nanos += took;
        }
    }
}
