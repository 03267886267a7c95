package dev.cairn.distribution.bench.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.core.simulate.SeededRandom;
import org.junit.jupiter.api.Test;

class TimelineTest {

    @Test
    void withoutStepsWorkTakesWhatItCosts() {
        Timeline timeline = new Timeline();
        timeline.enterAt(0.9);
        assertThat(timeline.next(700)).isEqualTo(700);
    }

    @Test
    void slowWorkIsSlowForAsMuchWork() {
        Timeline timeline = new Timeline();
        timeline.add(100, 150, 0);
        timeline.add(100, 90, 0);
        assertThat(timeline.next(50)).isEqualTo(75);
        assertThat(timeline.next(100)).isEqualTo(75 + 45);
        assertThat(timeline.next(150)).as("it begins anew").isEqualTo(45 + 150);
    }

    @Test
    void aPauseIsMetOnceAndWhereItWas() {
        Timeline timeline = new Timeline();
        timeline.add(100, 1_100, 0.5);
        assertThat(timeline.next(49)).isEqualTo(49);
        assertThat(timeline.next(2)).isEqualTo(1_002);
        assertThat(timeline.next(49)).isEqualTo(49);
    }

    @Test
    void allWorkTogetherTakesWhatItTookThen() {
        for (long seed = 1; seed <= 20; seed++) {
            SeededRandom random = new SeededRandom(seed);
            Timeline timeline = new Timeline();
            double cost = 0;
            double took = 0;
            for (int i = 0; i < 100; i++) {
                double step = 1 + random.nextInt(1000);
                double really = step * (0.8 + random.nextExponential(0.7));
                timeline.add(step, really, random.nextDouble());
                cost += step;
                took += really;
            }
            timeline.enterAt(random.nextDouble());
            double again = 0;
            for (int i = 0; i < 70; i++) {
                again += timeline.next(cost / 70);
            }
            assertThat(again).as("seed %d", seed).isCloseTo(took, within(1e-6 * took));
        }
    }
}
