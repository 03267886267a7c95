package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.engine.cpu.RunnerHarness.Sequence;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.WeightType;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The engine against the definition in double precision. */
class ForwardPassTest {

    private static final int PROMPT = 45;
    private static final int ANSWER = 6;

    /** Of all log-probabilities of all positions. */
    private record Errors(double mean, double largest) {}

    @ParameterizedTest
    @EnumSource
    void agreesWithTheDefinitionInFloat32(Family family) {
        assertThat(errors(family, WeightType.FLOAT32, Optional.empty(), KvType.FLOAT32).largest())
                .as("float32 sums of a few hundred terms, over three layers")
                .isLessThan(1e-4);
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithTheDefinitionWhateverTheStoredTypeIfComputedInFloat32(WeightType stored) {
        assertThat(
                        errors(
                                        Family.LLAMA,
                                        stored,
                                        Optional.of(WeightType.FLOAT32),
                                        KvType.FLOAT32)
                                .largest())
                .isLessThan(1e-4);
    }

    @ParameterizedTest
    @CsvSource({
        // float16 weights meet float32 activations: nothing is rounded
        "FLOAT16, FLOAT32, 1e-4",
        // activations of 8 bits of mantissa, of every product
        "BFLOAT16, FLOAT32, 0.15",
        // activations of 8 bits behind a scale per 32
        "Q8_0, FLOAT32, 0.15",
        "Q4_0, FLOAT32, 0.15",
        // keys and values rounded alone
        "FLOAT32, BFLOAT16, 0.1",
        "FLOAT32, INT8, 0.15"
    })
    void staysCloseWhereItRounds(WeightType weights, KvType kvType, double tolerance) {
        assertThat(errors(Family.LLAMA, weights, Optional.empty(), kvType).mean())
                .isLessThan(tolerance);
    }

    private static Errors errors(
            Family family, WeightType stored, Optional<WeightType> wanted, KvType kvType) {
        long seed = new Random().nextLong();
        System.out.printf("%s in %s, seed %d%n", family, stored, seed);
        Random random = new Random(seed);
        RandomModel model = RandomModel.of(family, stored, random);
        try (RunnerHarness harness = RunnerHarness.of(model, wanted, kvType, 2, random)) {
            boolean longForm = model.hasTwoForms() && random.nextBoolean();
            Sequence sequence =
                    harness.alone(longForm, RunnerHarness.prompt(random, PROMPT), ANSWER);
            int[] text = sequence.tokens.stream().mapToInt(Integer::intValue).toArray();
            double[][] expected = new NaiveTransformer(model).logProbabilities(text, longForm);
            double worst = 0;
            double sum = 0;
            for (int t = 0; t < sequence.logits.size(); t++) {
                double[] logits = new double[RandomModel.VOCABULARY];
                for (int i = 0; i < logits.length; i++) {
                    logits[i] = sequence.logits.get(t)[i];
                }
                double[] found = NaiveTransformer.logSoftmax(logits);
                for (int i = 0; i < logits.length; i++) {
                    double error = Math.abs(found[i] - expected[t][i]);
                    worst = Math.max(worst, error);
                    sum += error;
                }
            }
            double mean = sum / (sequence.logits.size() * RandomModel.VOCABULARY);
            System.out.printf(
                    "errors of log-probabilities: mean %.2e, largest %.2e%n", mean, worst);
            return new Errors(mean, worst);
        }
    }
}
