package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.engine.cpu.RunnerHarness.Piece;
import dev.cairn.engine.cpu.RunnerHarness.Sequence;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.model.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** LoRA adapters against merged weights, and rows of many adapters in one step. */
class AdapterTest {

    private static final int ADAPTERS = 5;
    private static final int REQUESTS = 9;

    @ParameterizedTest
    @EnumSource
    void answersAsTheMergedWeightsByTheDefinition(Family family) {
        Random random = seeded(family);
        RandomModel model = RandomModel.of(family, WeightType.FLOAT32, random);
        try (RunnerHarness harness = RunnerHarness.of(model, KvType.FLOAT32, 2, random)) {
            for (int slot = 0; slot < ADAPTERS; slot++) {
                RandomAdapter adapter = RandomAdapter.of(model, 1 + random.nextInt(40), random);
                load(harness, slot, adapter);
                Sequence sequence = harness.new Sequence(RunnerHarness.prompt(random, 45));
                sequence.adapter = slot;
                harness.step(List.of(new Piece(sequence, 45)));
                double[][] expected =
                        new NaiveTransformer(model.merged(adapter))
                                .logProbabilities(
                                        sequence.tokens.stream()
                                                .limit(45)
                                                .mapToInt(Integer::intValue)
                                                .toArray(),
                                        false);
                assertThat(largestError(sequence, expected)).isLessThan(2e-4);
                sequence.end();
            }
        }
    }

    private static double largestError(Sequence sequence, double[][] expected) {
        double worst = 0;
        for (int t = 0; t < expected.length; t++) {
            double[] logits = new double[RandomModel.VOCABULARY];
            for (int i = 0; i < logits.length; i++) {
                logits[i] = sequence.logits.get(t)[i];
            }
            double[] found = NaiveTransformer.logSoftmax(logits);
            for (int i = 0; i < logits.length; i++) {
                worst = Math.max(worst, Math.abs(found[i] - expected[t][i]));
            }
        }
        return worst;
    }

    static Stream<Arguments> everyKind() {
        List<Arguments> kinds = new ArrayList<>();
        for (Family family : Family.values()) {
            kinds.add(Arguments.of(family, WeightType.FLOAT32, KvType.FLOAT32));
            kinds.add(Arguments.of(family, WeightType.Q8_0, KvType.BFLOAT16));
        }
        return kinds.stream();
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void anyMixOfAdaptersAnswersAsEachRequestAlone(
            Family family, WeightType weights, KvType kvType) {
        Random random = seeded(family);
        RandomModel model = RandomModel.of(family, weights, random);
        List<RandomAdapter> adapters = new ArrayList<>();
        for (int i = 0; i < ADAPTERS; i++) {
            adapters.add(RandomAdapter.of(model, 1 << random.nextInt(7), random));
        }
        List<int[]> prompts = new ArrayList<>();
        List<Sequence> alone = new ArrayList<>();
        try (RunnerHarness harness = RunnerHarness.of(model, kvType, 1, random)) {
            for (int i = 0; i < REQUESTS; i++) {
                prompts.add(RunnerHarness.prompt(random, 1 + random.nextInt(50)));
                if (i % (ADAPTERS + 1) > 0) {
                    load(harness, 0, adapters.get(i % (ADAPTERS + 1) - 1));
                }
                alone.add(
                        answerAlone(
                                harness,
                                prompts.get(i),
                                i % (ADAPTERS + 1) == 0 ? -1 : 0,
                                1 + random.nextInt(8)));
            }
        }
        try (RunnerHarness harness = RunnerHarness.of(model, kvType, 3, random)) {
            for (int i = 0; i < ADAPTERS; i++) {
                load(harness, 17 + i, adapters.get(i));
            }
            List<Sequence> mixed = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                Sequence sequence = harness.new Sequence(prompts.get(i));
                sequence.adapter = i % (ADAPTERS + 1) == 0 ? -1 : 16 + i % (ADAPTERS + 1);
                mixed.add(sequence);
            }
            runTogether(harness, mixed, alone, random);
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(mixed.get(i).tokens).isEqualTo(alone.get(i).tokens);
                assertThat(mixed.get(i).logits).hasSameSizeAs(alone.get(i).logits);
                for (int t = 0; t < alone.get(i).logits.size(); t++) {
                    assertThat(mixed.get(i).logits.get(t))
                            .as("request %d, logits at %d", i, t)
                            .isEqualTo(alone.get(i).logits.get(t));
                }
            }
        }
    }

    private static Sequence answerAlone(
            RunnerHarness harness, int[] prompt, int adapter, int answer) {
        Sequence sequence = harness.new Sequence(prompt);
        sequence.adapter = adapter;
        harness.step(List.of(new Piece(sequence, prompt.length)));
        for (int i = 1; i < answer; i++) {
            harness.step(List.of(new Piece(sequence, 1)));
        }
        sequence.end();
        return sequence;
    }

    /** Random chunks of random sequences until each has what it gave alone. */
    private static void runTogether(
            RunnerHarness harness, List<Sequence> mixed, List<Sequence> alone, Random random) {
        boolean done = false;
        while (!done) {
            List<Piece> pieces = new ArrayList<>();
            done = true;
            for (int i = 0; i < mixed.size(); i++) {
                Sequence sequence = mixed.get(i);
                if (sequence.tokens.size() < alone.get(i).tokens.size()) {
                    done = false;
                    if (random.nextInt(4) > 0) {
                        pieces.add(new Piece(sequence, 1 + random.nextInt(sequence.waiting())));
                    }
                }
            }
            if (!pieces.isEmpty()) {
                harness.step(pieces);
            }
        }
    }

    @Test
    void anEmptySlotIsRefusedBeforeAnythingStarts() {
        Random random = seeded(Family.LLAMA);
        RandomModel model = RandomModel.of(Family.LLAMA, WeightType.FLOAT32, random);
        try (RunnerHarness harness = RunnerHarness.of(model, KvType.FLOAT32, 1, random)) {
            load(harness, 3, RandomAdapter.of(model, 4, random));
            AdapterPort port = harness.runner.adapters().orElseThrow();
            RunnerHarness.<Void>await(done -> port.unload(3, done));
            for (int slot : new int[] {3, -2, port.slots()}) {
                Sequence sequence = harness.new Sequence(1, 2);
                sequence.adapter = slot;
                assertThatThrownBy(() -> harness.step(List.of(new Piece(sequence, 2))))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("slot " + slot);
            }
        }
    }

    @Test
    void anAdapterThatChangedIsNotLoadedAndItsSlotStaysEmpty() {
        Random random = seeded(Family.LLAMA);
        RandomModel model = RandomModel.of(Family.LLAMA, WeightType.FLOAT32, random);
        try (RunnerHarness harness = RunnerHarness.of(model, KvType.FLOAT32, 1, random)) {
            RandomAdapter adapter = RandomAdapter.of(model, 4, random);
            adapter.changed = true;
            assertThatThrownBy(() -> load(harness, 0, adapter)).hasMessageContaining("changed");
            Sequence sequence = harness.new Sequence(1, 2);
            sequence.adapter = 0;
            assertThatThrownBy(() -> harness.step(List.of(new Piece(sequence, 2))))
                    .hasMessageContaining("slot 0");
        }
    }

    private static void load(RunnerHarness harness, int slot, RandomAdapter adapter) {
        AdapterPort port = harness.runner.adapters().orElseThrow();
        RunnerHarness.<Void>await(done -> port.load(slot, adapter, done));
    }

    private static Random seeded(Family family) {
        long seed = new Random().nextLong();
        System.out.printf("%s, seed %d%n", family, seed);
        return new Random(seed);
    }
}
