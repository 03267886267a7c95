package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.TierChain;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.core.testing.ToyRunner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Guesses do not draw answers towards them: what is sampled is as frequent as the model says. */
class UnbiasedTest {

    private static final Integer[] IDS = {90, 91, 92};
    private static final int[] PROMPT = Ask.prompt(1, 9);
    private static final int ANSWERS = 6_000;
    private static final int TOKENS = 3;
    private static final float TEMPERATURE = 3;

    /** Of 26 degrees of freedom, exceeded once in 100,000 times by chance. */
    private static final double MOST = 66;

    /** The same token is guessed every time: whoever favours a guess says it too often. */
    @Test
    void whatIsGuessedIsSaidAsOftenAsWithoutGuesses() {
        for (int guess : new int[] {90, 91, 92}) {
            double statistic = chiSquare(counts(alwaysGuessing(guess)));
            System.out.printf("guess %d: chi-square %.1f of 26 degrees%n", guess, statistic);
            assertThat(statistic).isLessThan(MOST);
        }
    }

    /** A draft that chooses by the same noise, and one that errs, draw nothing towards them. */
    @Test
    void whatADraftModelGuessesIsSaidAsOftenAsWithout() {
        for (double wrong : new double[] {0, 0.5}) {
            VirtualDriver driver = new VirtualDriver();
            ToyRunner draft =
                    ToyRunner.over(driver)
                            .fullAttention(16, 1000)
                            .perStep(256, 64, 256)
                            .build()
                            .swift(100);
            Random random = new Random(8);
            draft.distort(Drafts.erring(random, wrong, IDS));
            double statistic = chiSquare(counts(SpeculationSettings.draft(draft, 2), driver));
            System.out.printf("draft, %.1f wrong: chi-square %.1f%n", wrong, statistic);
            assertThat(statistic).isLessThan(MOST);
        }
    }

    /** The test would see it if one in twenty answers gave way to the guess. */
    @Test
    void answersThatGiveWayToGuessesWouldBeSeen() {
        int[] counts = counts(SpeculationSettings.OFF);
        for (int cell = 0; cell < counts.length; cell++) {
            int moved = cell % 3 == 0 ? 0 : counts[cell] / 20;
            counts[cell] -= moved;
            counts[cell - cell % 3] += moved;
        }
        assertThat(chiSquare(counts)).isGreaterThan(MOST);
    }

    private static SpeculationSettings alwaysGuessing(int id) {
        return new SpeculationSettings(
                () ->
                        (tokens, length, most) -> {
                            Arrays.fill(tokens, length, length + most, id);
                            return most;
                        },
                2);
    }

    /** How often each answer of three tokens came. */
    private static int[] counts(SpeculationSettings speculation) {
        return counts(speculation, new VirtualDriver());
    }

    private static int[] counts(SpeculationSettings speculation, VirtualDriver driver) {
        Bench bench =
                new Bench(
                        toy -> toy.fullAttention(16, 1000).perStep(256, 64, 256),
                        SchedulerSettings.forModelLength(64).with(speculation),
                        driver,
                        _ -> TierChain.NONE);
        List<Heard> heard = new ArrayList<>();
        for (int seed = 0; seed < ANSWERS; seed++) {
            heard.add(bench.submit(ask(seed, PROMPT).temperature(TEMPERATURE).seed(seed)));
            if (seed % 16 == 15) {
                bench.driver.runUntilIdle();
            }
        }
        bench.finish();
        if (speculation.isOn()) {
            assertThat(bench.counter("vllm:spec_decode_num_accepted_tokens_total{toy}"))
                    .isGreaterThan(ANSWERS / 10.0);
        }
        int[] counts = new int[27];
        for (Heard one : heard) {
            List<Integer> ids = one.ids(0);
            counts[cell(ids.get(0), ids.get(1), ids.get(2))]++;
        }
        return counts;
    }

    private static int cell(int first, int second, int third) {
        return ((first - 90) * 3 + second - 90) * 3 + third - 90;
    }

    private static Ask ask(int number, int... prompt) {
        return new Ask("answer " + number, prompt).maxTokens(TOKENS).allowed(IDS);
    }

    /** Pearson's statistic against the model's own probabilities of each run. */
    private static double chiSquare(int[] counts) {
        int all = Arrays.stream(counts).sum();
        double sum = 0;
        for (int first : IDS) {
            for (int second : IDS) {
                for (int third : IDS) {
                    double expected =
                            all
                                    * probability(first)
                                    * probability(second, first)
                                    * probability(third, first, second);
                    double difference = counts[cell(first, second, third)] - expected;
                    sum += difference * difference / expected;
                }
            }
        }
        return sum;
    }

    /** Of a token after the prompt and some of the answer, among those that are allowed. */
    private static double probability(int id, int... before) {
        int[] prompt = Arrays.copyOf(PROMPT, PROMPT.length + before.length);
        System.arraycopy(before, 0, prompt, PROMPT.length, before.length);
        Bench bench = Bench.roomy();
        Heard heard = bench.run(ask(0, prompt).maxTokens(1).logprobs(300));
        double weight = 0;
        double all = 0;
        int[] ids = heard.tokens(0).getFirst().topIds();
        for (int i = 0; i < ids.length; i++) {
            double each = Math.exp(heard.tokens(0).getFirst().topLogprobs()[i] / TEMPERATURE);
            weight += ids[i] == id ? each : 0;
            all += Arrays.asList(IDS).contains(ids[i]) ? each : 0;
        }
        return weight / all;
    }
}
