package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ExpertRoutingTest {

    @Test
    void theMostLikelyExpertsShareTheWeight() {
        ExpertRouting routing = route(true, 0, 2, 1, -5);
        assertThat(routing.weight(0, 0)).isZero();
        assertThat(routing.weight(0, 1)).isCloseTo((float) (1 / (1 + Math.exp(-1))), within(1e-6f));
        assertThat(routing.weight(0, 2)).isCloseTo((float) (1 / (1 + Math.exp(1))), within(1e-6f));
        assertThat(routing.weight(0, 3)).isZero();
    }

    @Test
    void withoutRenormalisingTheWeightsAreProbabilities() {
        ExpertRouting routing = route(false, 0, 0, 0, 0);
        assertThat(routing.weight(0, 0)).isEqualTo(0.25f);
        assertThat(routing.weight(0, 1)).isEqualTo(0.25f);
    }

    @Test
    void equalExpertsAreTakenFromTheLowestIndex() {
        ExpertRouting routing = route(true, 1, 3, 3, 3);
        assertThat(routing.weight(0, 0)).isZero();
        assertThat(routing.weight(0, 1)).isEqualTo(0.5f);
        assertThat(routing.weight(0, 2)).isEqualTo(0.5f);
        assertThat(routing.weight(0, 3)).isZero();
    }

    @Test
    void aRowForgetsTheRowBeforeIt() {
        ExpertRouting routing = new ExpertRouting(4, 2, true, 1);
        routing.route(MemorySegment.ofArray(new float[] {9, 8, 0, 0}), 1);
        routing.route(MemorySegment.ofArray(new float[] {0, 0, 9, 8}), 1);
        assertThat(routing.weight(0, 0)).isZero();
        assertThat(routing.weight(0, 1)).isZero();
    }

    @Test
    void logitsThatAreNoNumbersChooseNobody() {
        ExpertRouting routing = route(true, Float.NaN, 1, 2, 3);
        for (int expert = 0; expert < 4; expert++) {
            assertThat(routing.weight(0, expert)).isZero();
        }
    }

    private static ExpertRouting route(boolean renormalise, float... logits) {
        ExpertRouting routing = new ExpertRouting(logits.length, 2, renormalise, 1);
        routing.route(MemorySegment.ofArray(logits), 1);
        return routing;
    }
}
