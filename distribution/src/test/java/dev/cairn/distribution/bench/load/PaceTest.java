package dev.cairn.distribution.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.distribution.bench.prompt.Session;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {

    private static final int MANY = 40_000;

    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.5, 1, 4, 20})
    void gapsHaveTheMeanOfTheRateAndTheSpreadOfTheBurstiness(double burstiness) {
        long seed = 11;
        long[] due = Pace.gamma(MANY, 50, burstiness, seed).dueNanos();
        double[] gaps =
                IntStream.range(1, MANY).mapToDouble(i -> (due[i] - due[i - 1]) / 1e9).toArray();
        double mean = IntStream.range(0, gaps.length).mapToDouble(i -> gaps[i]).average().orElse(0);
        double variance =
                IntStream.range(0, gaps.length)
                        .mapToDouble(i -> (gaps[i] - mean) * (gaps[i] - mean))
                        .average()
                        .orElse(0);

        assertThat(due).isSorted();
        assertThat(mean).isCloseTo(1 / 50.0, within(0.1 / 50));
        // A gamma distribution of shape k has the squared coefficient of variation 1 / k.
        assertThat(variance / (mean * mean) * burstiness).isCloseTo(1, within(0.15));
    }

    @Test
    void theSameSeedGivesTheSameArrivals() {
        assertThat(Pace.gamma(100, 3, 0.7, 5).dueNanos())
                .isEqualTo(Pace.gamma(100, 3, 0.7, 5).dueNanos())
                .isNotEqualTo(Pace.gamma(100, 3, 0.7, 6).dueNanos());
    }

    @Test
    void aTraceIsPlayedAtItsSpeed() {
        List<Session> sessions =
                IntStream.of(0, 1500, 3000)
                        .mapToObj(due -> new Session(0, "trace", due, List.of()))
                        .toList();
        assertThat(Pace.ofTrace(sessions, 3).dueNanos())
                .containsExactly(0, 500_000_000, 1_000_000_000);
    }
}
