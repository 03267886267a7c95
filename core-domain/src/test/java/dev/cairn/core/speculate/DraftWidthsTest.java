package dev.cairn.core.speculate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many guesses are worth their time, by engines of which the cost is known. */
class DraftWidthsTest {

    private static final int MOST = 16;

    /** Costs learned from an engine whose step of so many tokens takes so long. */
    private static DraftCosts learned(int answers, IntToDoubleFunction nanos) {
        DraftCosts costs = new DraftCosts();
        for (int round = 0; round < 50; round++) {
            costs.saw(answers, 0, (long) nanos.applyAsDouble(answers));
            for (int guesses = 1; guesses <= MOST; guesses++) {
                costs.saw(answers, guesses, (long) nanos.applyAsDouble(answers + guesses));
            }
        }
        return costs;
    }

    private static int width(DraftCosts costs, double rate) {
        DraftWidths widths = new DraftWidths();
        widths.begin();
        int index = widths.offer(rate, MOST);
        widths.choose(costs, 1, 100);
        return widths.width(index);
    }

    @Test
    void anEngineThatWaitsForItsMemoryIsGivenAllThatMayHold() {
        DraftCosts costs = learned(1, tokens -> 1e6 + 1e3 * tokens);
        assertThat(width(costs, 0.99)).isEqualTo(MOST);
        assertThat(width(costs, 0.5)).isBetween(4, 12);
    }

    @Test
    void whereEveryTokenCostsAsMuchNothingIsGuessed() {
        DraftCosts costs = learned(1, tokens -> 1e6 * tokens);
        assertThat(width(costs, 0.9)).isZero();
        assertThat(costs.couldPay(1, MOST)).isFalse();
    }

    @Test
    void whatHardlyEverHoldsIsNotGuessed() {
        DraftCosts costs = learned(1, tokens -> 1e6 + 1e5 * tokens);
        assertThat(width(costs, 0.05)).isZero();
        assertThat(width(costs, 0.9)).isBetween(3, MOST);
    }

    /** The width that is chosen brings the most tokens by time of all widths. */
    @Test
    void theBestWidthIsChosen() {
        DraftCosts costs = learned(1, tokens -> 1e6 + 5e4 * tokens);
        for (double rate = 0.1; rate < 1; rate += 0.1) {
            int best = 0;
            double fastest = 1;
            double tokens = 1;
            for (int guesses = 1; guesses <= MOST; guesses++) {
                tokens += Math.pow(rate, guesses);
                double perTime = tokens / costs.ratio(1, guesses);
                if (perTime > fastest) {
                    fastest = perTime;
                    best = guesses;
                }
            }
            assertThat(width(costs, rate)).isEqualTo(best);
        }
    }

    @Test
    void theLikelierSequenceGetsMore() {
        DraftCosts costs = learned(2, tokens -> 1e6 + 5e4 * tokens);
        DraftWidths widths = new DraftWidths();
        widths.begin();
        int copies = widths.offer(0.95, MOST);
        int fails = widths.offer(0.3, MOST);
        widths.choose(costs, 2, 100);
        assertThat(widths.width(copies)).isGreaterThan(widths.width(fails));
        widths.begin();
        copies = widths.offer(0.95, MOST);
        fails = widths.offer(0.3, MOST);
        widths.choose(costs, 2, 3);
        assertThat(widths.width(copies)).isEqualTo(3);
        assertThat(widths.width(fails)).isZero();
    }

    @Test
    void oneSlowStepDoesNotSpeakAgainstGuessesForEver() {
        DraftCosts costs = new DraftCosts();
        costs.saw(1, 0, 1_000_000);
        costs.saw(1, 4, 40_000_000);
        assertThat(costs.couldPay(1, 4)).isFalse();
        for (int step = 0; step < 3_000; step++) {
            costs.saw(1, 0, 1_000_000);
        }
        assertThat(costs.couldPay(1, 4)).isTrue();
    }

    /** Tries of guesses that never hold cost a small part of the time, whatever a guess costs. */
    @Test
    void triesThatFailCostLittle() {
        for (double extra : new double[] {0.01, 0.1, 0.5, 1, 2}) {
            Acceptance acceptance = new Acceptance(0);
            Random random = new Random(1);
            double lost = 0;
            int steps = 2_000;
            for (int step = 0; step < steps; step++) {
                if (random.nextInt(3) > 0 && acceptance.probes()) {
                    acceptance.saw(Acceptance.PROBE, 0, extra);
                    lost += extra;
                }
            }
            assertThat(lost / steps).as("a try costs %.2f of a step", extra).isLessThan(0.015);
        }
    }

    /** Whatever a guess costs and however often it holds by chance, guessing loses little. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.05, 0.125, 0.2, 0.3, 0.5})
    void whatHoldsByChanceIsHardlyGuessed(double chance) {
        for (double each : new double[] {0.02, 0.1, 0.2, 0.3, 0.6, 1}) {
            for (long seed = 1; seed <= 20; seed++) {
                assertThat(speed(chance, each, new Random(seed)))
                        .as("a guess costs %.2f, seed %d", each, seed)
                        .isGreaterThan(0.97);
            }
        }
    }

    /** Tokens by time of one stream with guesses, by those without. */
    private static double speed(double chance, double each, Random random) {
        DraftCosts costs = new DraftCosts();
        DraftWidths widths = new DraftWidths();
        Acceptance acceptance = new Acceptance(0.5);
        double time = 0;
        int tokens = 0;
        while (tokens < 20_000) {
            int guesses = 0;
            if (!costs.isPlainDue(1) && costs.couldPay(1, MOST)) {
                boolean worth = costs.isWorth(1, acceptance.rate());
                if (worth || acceptance.probes()) {
                    widths.begin();
                    int index = widths.offer(acceptance.rate(), worth ? MOST : Acceptance.PROBE);
                    widths.choose(costs, 1, MOST);
                    guesses = widths.width(index);
                    guesses = guesses == 0 && !worth ? Acceptance.PROBE : guesses;
                }
            }
            int held = 0;
            while (held < guesses && random.nextDouble() < chance) {
                held++;
            }
            double took = 1 + each * guesses;
            costs.saw(1, guesses, (long) (took * 1e6 * (0.9 + 0.2 * random.nextDouble())));
            if (guesses > 0) {
                acceptance.saw(guesses, held, costs.ratio(1, guesses) - 1);
            }
            time += took;
            tokens += 1 + held;
        }
        return tokens / time;
    }

    @Test
    void aTextThatCanBeGuessedAgainIsFoundOut() {
        Acceptance acceptance = new Acceptance(0.5);
        for (int i = 0; i < 30; i++) {
            acceptance.saw(4, 0, 0.2);
        }
        assertThat(acceptance.rate()).isLessThan(0.02);
        int steps = 0;
        while (!acceptance.probes()) {
            steps++;
        }
        assertThat(steps).isBetween(20, 1100);
        for (int i = 0; i < 10; i++) {
            acceptance.saw(Acceptance.PROBE, Acceptance.PROBE, 0.2);
            assertThat(acceptance.probes()).isTrue();
        }
        assertThat(acceptance.rate()).isGreaterThan(0.8);
    }
}
