package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.model.WeightType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of a model with two forms of positions each sequence gets its own, prompts and decode steps. */
class PositionFormsTest {

    private static final int PROMPT = 21;
    private static final int STEPS = 3;

    @Test
    void eachSequenceHasTheFormThatItNames() {
        float[][] expected = new float[2][];
        try (ModelRunner runner = open(TestModel.Forms.FIRST)) {
            assertThat(runner.description().firstFormPositions()).isEqualTo(Integer.MAX_VALUE);
            expected[0] = together(runner, false)[0];
            assertThatThrownBy(() -> together(runner, true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("second form of positions");
        }
        try (ModelRunner runner = open(TestModel.Forms.SECOND)) {
            expected[1] = together(runner, false)[0];
        }
        assertThat(expected[0]).isNotEqualTo(expected[1]);
        try (ModelRunner runner = open(TestModel.Forms.BOTH)) {
            assertThat(runner.description().firstFormPositions()).isEqualTo(TestModel.FIRST_FORM);
            assertThat(together(runner, true)).isDeepEqualTo(expected);
        }
    }

    private static ModelRunner open(TestModel.Forms forms) {
        return Runners.open(
                StandIn.fresh(),
                new TestModel(WeightType.FLOAT32, false, forms, TestModel.Codes.USUAL),
                KvType.FLOAT32);
    }

    /** Log-probabilities of two sequences of the same tokens in one batch, a prompt and on. */
    private static float[][] together(ModelRunner runner, boolean secondIsLong) {
        float[][] found = new float[2][STEPS];
        for (int step = 0; step < STEPS; step++) {
            int from = step == 0 ? 0 : PROMPT + step - 1;
            int[] tokens = new int[PROMPT + step - from];
            Arrays.setAll(tokens, i -> (11 * (from + i) + 5) % TestModel.VOCABULARY);
            var rows = List.of(new SamplingRow.Score(7, 1), new SamplingRow.Score(7, 1));
            var choices =
                    Runners.run(
                            runner,
                            List.of(
                                    sequence(runner, tokens, from, new int[] {3, 1}, false),
                                    sequence(runner, tokens, from, new int[] {0, 2}, secondIsLong)),
                            rows);
            found[0][step] = choices.get(0).logprob();
            found[1][step] = choices.get(1).logprob();
        }
        return found;
    }

    private static SequenceStep sequence(
            ModelRunner runner, int[] tokens, int from, int[] table, boolean longForm) {
        SequenceStep step = Runners.step(runner, tokens, from, table, tokens.length - 1);
        return new SequenceStep(
                tokens, from, step.blockTables(), tokens.length - 1, -1, LayerGate.OPEN, longForm);
    }
}
