package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.engine.cpu.RunnerHarness.Piece;
import dev.cairn.engine.cpu.RunnerHarness.Sequence;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.model.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A request's tokens and logits are the same, bit for bit, whether it ran alone or among others,
 * however its prompt was cut, whichever blocks it got, and on however many threads.
 */
class AnswerInvarianceTest {

    private static final int REQUESTS = 7;

    static Stream<Arguments> everyKind() {
        List<Arguments> kinds = new ArrayList<>();
        for (Family family : Family.values()) {
            kinds.add(Arguments.of(family, WeightType.FLOAT32, KvType.FLOAT32));
        }
        for (WeightType weights : WeightType.values()) {
            for (KvType kvType : KvType.values()) {
                kinds.add(Arguments.of(Family.GEMMA3_LOCAL_GLOBAL, weights, kvType));
                kinds.add(Arguments.of(Family.MIXTRAL, weights, kvType));
            }
        }
        return kinds.stream();
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void mixedRequestsAnswerAsEachAlone(Family family, WeightType weights, KvType kvType) {
        long seed = new Random().nextLong();
        System.out.printf("%s in %s over %s, seed %d%n", family, weights, kvType, seed);
        Random random = new Random(seed);
        RandomModel model = RandomModel.of(family, weights, random);
        List<int[]> prompts = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            prompts.add(RunnerHarness.prompt(random, 1 + random.nextInt(50)));
            lengths.add(1 + random.nextInt(8));
        }
        List<Sequence> alone = new ArrayList<>();
        try (RunnerHarness harness = RunnerHarness.of(model, kvType, 1, random)) {
            for (int i = 0; i < REQUESTS; i++) {
                boolean longForm = model.hasTwoForms() && i % 2 == 0;
                Sequence sequence = harness.alone(longForm, prompts.get(i), lengths.get(i));
                alone.add(sequence);
                sequence.end();
            }
        }
        try (RunnerHarness harness = RunnerHarness.of(model, kvType, 3, random)) {
            List<Sequence> mixed = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                boolean longForm = model.hasTwoForms() && i % 2 == 0;
                mixed.add(harness.new Sequence(longForm, prompts.get(i)));
            }
            int largest = runTogether(harness, mixed, alone, random);
            assertThat(largest).as("most sequences in one step").isGreaterThan(2);
            for (int i = 0; i < REQUESTS; i++) {
                assertSame(mixed.get(i), alone.get(i));
            }
        }
    }

    /** Random chunks of random sequences until each has what it gave alone. */
    private static int runTogether(
            RunnerHarness harness, List<Sequence> mixed, List<Sequence> alone, Random random) {
        int largest = 0;
        while (true) {
            List<Piece> pieces = new ArrayList<>();
            boolean done = true;
            for (int i = 0; i < mixed.size(); i++) {
                Sequence sequence = mixed.get(i);
                if (sequence.tokens.size() == alone.get(i).tokens.size()) {
                    continue;
                }
                done = false;
                if (random.nextInt(4) > 0) {
                    pieces.add(new Piece(sequence, 1 + random.nextInt(sequence.waiting())));
                }
            }
            if (done) {
                return largest;
            }
            if (!pieces.isEmpty()) {
                largest = Math.max(largest, pieces.size());
                harness.step(pieces);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Family.class,
            names = {"LLAMA", "GEMMA3_LOCAL_GLOBAL", "MIXTRAL"})
    void aStepOfSeveralTilesIsTheSameAsSmallChunks(Family family) {
        long seed = new Random().nextLong();
        System.out.printf("%s, seed %d%n", family, seed);
        Random random = new Random(seed);
        RandomModel model = RandomModel.of(family, WeightType.Q8_0, random);
        int[] prompt = RunnerHarness.prompt(random, 700);
        try (RunnerHarness harness = RunnerHarness.of(model, KvType.BFLOAT16, 2, random)) {
            Sequence whole = harness.new Sequence(prompt);
            Sequence companion = harness.new Sequence(RunnerHarness.prompt(random, 60));
            harness.step(List.of(new Piece(companion, 60), new Piece(whole, 700)));
            whole.end();
            companion.end();
            Sequence chunked = harness.new Sequence(prompt);
            while (chunked.waiting() > 0 && chunked.tokens.size() == prompt.length) {
                int chunk = Math.min(chunked.waiting(), 1 + random.nextInt(90));
                harness.step(List.of(new Piece(chunked, chunk)));
            }
            assertSame(chunked, whole);
        }
    }

    private static void assertSame(Sequence found, Sequence expected) {
        assertThat(found.tokens).isEqualTo(expected.tokens);
        assertThat(found.logits).hasSameSizeAs(expected.logits);
        for (int t = 0; t < found.logits.size(); t++) {
            assertThat(found.logits.get(t)).as("logits at %d", t).isEqualTo(expected.logits.get(t));
        }
    }
}
