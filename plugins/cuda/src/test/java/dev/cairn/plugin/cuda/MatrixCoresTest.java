package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.plugin.cuda.TestModel.Codes;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerOptions;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.WeightType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Attention on the matrix cores against attention in float32, over the same keys and values in
 * bfloat16: a device of compute capability 7.5 has no such cores.
 */
class MatrixCoresTest {

    private static final int SEQUENCE = 300;
    private static final int FIRST_CHUNK = 130;

    /** What rounding queries and weights to bfloat16 may move a log-probability by. */
    private static final float NEAR = 0.05f;

    /** Rows, of 170, whose experts are so nearly as good as others that rounding chooses those. */
    private static final int OTHER_EXPERTS = 5;

    @Test
    void theyAgreeWithAttentionInFloat32() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        for (boolean rich : new boolean[] {false, true}) {
            TestModel model = new TestModel(WeightType.FLOAT32, rich);
            float[] onCores = scores(StandIn.fresh(), model, seed, true);
            float[] plain =
                    scores(StandIn.fresh().with("major", 7).with("minor", 5), model, seed, true);
            assertThat(onCores).as("they take part").isNotEqualTo(plain);
            long apart =
                    IntStream.range(0, onCores.length)
                            .filter(row -> Math.abs(onCores[row] - plain[row]) >= NEAR)
                            .count();
            assertThat(apart)
                    .as("rows that differ by more than rounding may")
                    .isLessThanOrEqualTo(rich ? OTHER_EXPERTS : 0);
        }
    }

    /** One token at a time, split over the context, or a chunk of them in wide tiles. */
    @Test
    void howManyRowsComeTogetherChangesNoBit() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        for (boolean rich : new boolean[] {false, true}) {
            TestModel model = new TestModel(WeightType.BFLOAT16, rich);
            float[] together = scores(StandIn.fresh(), model, seed, true);
            float[] alone = scores(StandIn.fresh(), model, seed, false);
            assertThat(together).isEqualTo(alone);
        }
    }

    /** What the file has in blocks of another encoding goes to the device in those. */
    @Test
    void weightsInBlocksGiveTheBitsOfTheSameWeightsDecoded() {
        float[] decoded = scores(StandIn.fresh(), fiveBits(Codes.FIVE_BITS), 1, true);
        float[] stored = scores(StandIn.fresh(), fiveBits(Codes.FIVE_BITS_IN_BLOCKS), 1, true);
        assertThat(stored).isEqualTo(decoded);
    }

    private static TestModel fiveBits(Codes codes) {
        return new TestModel(WeightType.Q8_0, false, TestModel.Forms.FIRST, codes);
    }

    /** Log-probabilities of the tokens that follow the first chunk. */
    private static float[] scores(StandIn standIn, TestModel model, long seed, boolean together) {
        int[] tokens = new Random(seed).ints(SEQUENCE + 1, 0, TestModel.VOCABULARY).toArray();
        int[] table = new int[SEQUENCE / Runners.BLOCK_TOKENS + 1];
        Arrays.setAll(table, i -> (i * 5 + 2) % table.length);
        RunnerOptions options =
                new RunnerOptions(
                        Optional.empty(), Optional.of(KvType.BFLOAT16), 16, 4 << 20, 512, 256, 4);
        float[] found = new float[SEQUENCE - FIRST_CHUNK];
        try (ModelRunner runner = Runners.open(standIn, model, options, device -> device)) {
            int[] first = Arrays.copyOf(tokens, FIRST_CHUNK);
            Runners.run(
                    runner, List.of(Runners.step(runner, first, 0, table, FIRST_CHUNK)), List.of());
            int length = together ? SEQUENCE - FIRST_CHUNK : 1;
            for (int at = FIRST_CHUNK; at < SEQUENCE; at += length) {
                int[] chunk = Arrays.copyOfRange(tokens, at, at + length);
                SequenceStep step = Runners.step(runner, chunk, at, table, 0);
                List<SamplingRow> rows = new ArrayList<>();
                for (int i = 0; i < length; i++) {
                    rows.add(new SamplingRow.Score(tokens[at + i + 1], 1));
                }
                List<TokenChoice> choices = Runners.run(runner, List.of(step), rows);
                for (int i = 0; i < length; i++) {
                    found[at - FIRST_CHUNK + i] = choices.get(i).logprob();
                }
            }
        }
        return found;
    }
}
