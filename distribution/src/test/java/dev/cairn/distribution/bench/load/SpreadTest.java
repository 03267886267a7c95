package dev.cairn.distribution.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpreadTest {

    @ParameterizedTest
    @CsvSource({"0, 1", "50, 50", "90, 90", "99, 99", "99.5, 100", "100, 100"})
    void ofAHundredTheRankIsThePercent(double percent, double value) {
        Spread spread = Spread.of(IntStream.rangeClosed(1, 100).map(i -> 101 - i).asDoubleStream());
        assertThat(spread.percentile(percent)).isEqualTo(value);
        assertThat(spread.mean()).isEqualTo(50.5);
        assertThat(spread.max()).isEqualTo(100);
    }

    @ParameterizedTest
    @CsvSource({"50, 2", "90, 3", "34, 2", "33, 1"})
    void ofFewTheSmallestThatCoversThePercent(double percent, double value) {
        assertThat(Spread.of(DoubleStream.of(3, 1, 2)).percentile(percent)).isEqualTo(value);
    }

    @Test
    void ofNothingThereIsNothing() {
        Spread spread = Spread.of(DoubleStream.empty());
        assertThat(spread.count()).isZero();
        assertThat(spread.mean()).isNaN();
        assertThat(spread.percentile(50)).isNaN();
    }
}
