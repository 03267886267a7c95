package dev.cairn.plugin.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.engine.TokenCounts;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.SamplingParameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The device chooses what the definition in the ports chooses. A row that wants its full logits is
 * served on the host, by that definition: the same row with and without them must agree.
 */
class SamplingTest {

    private static final int STEPS = 12;
    private static final int ROWS = 16;

    @Test
    void theDeviceChoosesAsTheDefinitionDoes() {
        long seed = new Random().nextLong();
        System.out.println(STEPS * ROWS + " rows, seed " + seed);
        Random random = new Random(seed);
        int sampled = 0;
        try (ModelRunner runner =
                Runners.open(
                        StandIn.fresh(),
                        new TestModel(WeightType.FLOAT32, false),
                        KvType.FLOAT32)) {
            for (int step = 0; step < STEPS; step++) {
                int[] tokens = random.ints(ROWS, 0, TestModel.VOCABULARY).toArray();
                List<SequenceStep> steps =
                        List.of(Runners.step(runner, tokens, 0, new int[] {step % 7}, 0));
                List<SamplingRow.Sample> onDevice = new ArrayList<>();
                for (int row = 0; row < ROWS; row++) {
                    onDevice.add(row(random, row + 1));
                }
                List<SamplingRow.Sample> onHost =
                        onDevice.stream().map(SamplingTest::withLogits).toList();
                List<TokenChoice> found = Runners.run(runner, steps, onDevice);
                List<TokenChoice> expected = Runners.run(runner, steps, onHost);
                for (int row = 0; row < ROWS; row++) {
                    assertThat(found.get(row))
                            .as("row %d of step %d: %s", row, step, onDevice.get(row).parameters())
                            .usingRecursiveComparison()
                            .ignoringFields("logits")
                            .isEqualTo(expected.get(row));
                    sampled += found.get(row).rank() > 1 ? 1 : 0;
                }
            }
        }
        assertThat(sampled).as("rows that are not the likeliest token's").isGreaterThan(STEPS);
    }

    private static SamplingRow.Sample row(Random random, int position) {
        Map<Integer, Float> biases = new HashMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            biases.put(random.nextInt(TestModel.VOCABULARY), (float) random.nextGaussian());
        }
        SamplingParameters parameters =
                new SamplingParameters(
                        random.nextInt(4) == 0 ? 0 : 0.3f + 2 * random.nextFloat(),
                        random.nextBoolean() ? 1 : 0.05f + 0.9f * random.nextFloat(),
                        random.nextBoolean() ? 0 : 1 + random.nextInt(60),
                        random.nextBoolean() ? 0 : 0.2f * random.nextFloat(),
                        random.nextBoolean() ? 0 : random.nextFloat(),
                        random.nextBoolean() ? 0 : random.nextFloat(),
                        random.nextBoolean() ? 1 : 0.8f + random.nextFloat(),
                        biases);
        TokenCounts counts = new TokenCounts();
        for (int i = 0; i < 20; i++) {
            counts.addPrompt(random.nextInt(TestModel.VOCABULARY));
            counts.addGenerated(random.nextInt(TestModel.VOCABULARY));
        }
        int[] mask = random.ints((TestModel.VOCABULARY + 31) / 32).toArray();
        mask[0] |= 1;
        return new SamplingRow.Sample(
                parameters,
                random.nextLong(),
                position,
                random.nextBoolean() ? counts : null,
                random.nextInt(3) == 0 ? mask : null,
                random.nextInt(5),
                false);
    }

    private static SamplingRow.Sample withLogits(SamplingRow.Sample row) {
        return new SamplingRow.Sample(
                row.parameters(),
                row.seed(),
                row.position(),
                row.counts(),
                row.mask(),
                row.topLogprobs(),
                true);
    }
}
