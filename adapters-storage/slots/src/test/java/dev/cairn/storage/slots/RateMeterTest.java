package dev.cairn.storage.slots;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class RateMeterTest {

    @Test
    void tellsTheCostOfARequestFromThatOfItsBytes() {
        RateMeter meter = new RateMeter(1e9);
        for (int i = 0; i < 100; i++) {
            double bytes = i % 2 == 0 ? 64e3 : 4e6;
            meter.measured(bytes, 80_000 + bytes * 0.5);
        }
        assertThat(meter.bytesPerSecond()).isCloseTo(2e9, Percentage.withPercentage(1));
        assertThat(meter.fixedNanos()).isCloseTo(80_000, Percentage.withPercentage(1));
    }

    @Test
    void blocksOfOneSizeHaveOneRate() {
        RateMeter meter = new RateMeter(1e9);
        assertThat(meter.bytesPerSecond()).isEqualTo(1e9);
        for (int i = 0; i < 100; i++) {
            meter.measured(1e6, 2e6);
        }
        assertThat(meter.bytesPerSecond()).isCloseTo(5e8, Percentage.withPercentage(1));
        assertThat(meter.fixedNanos()).isZero();
    }

    @Test
    void aStepChangeIsLearned() {
        RateMeter meter = new RateMeter(1e9);
        for (int i = 0; i < 300; i++) {
            meter.measured(1e6, i < 100 ? 1e6 : 20e6);
        }
        assertThat(meter.bytesPerSecond()).isCloseTo(5e7, Percentage.withPercentage(5));
    }
}
