package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the core relies on in a {@link ModelRunner}: above all that a sequence's answer depends on
 * the sequence alone.
 *
 * <p>The runner under test serves at least 8 sequences and 64 tokens in a step, sequences of 96
 * tokens, and has pools for 8 such sequences and a few blocks more.
 */
public abstract class ModelRunnerContract {

    private static final int PROMPT = 41;
    private static final int ANSWER = 12;

    /** Whole blocks of most engines. */
    private static final int BEHIND_GATE = 32;

    private ModelRunner runner;
    private RunnerHarness harness;
    private Random random;

    /** Opens a fresh runner; the test closes it. */
    protected abstract ModelRunner open();

    /** Seed of prompts and block ids; another one makes another test. */
    protected long seed() {
        return 20_261_121;
    }

    @BeforeEach
    final void openRunner() {
        runner = open();
        harness = new RunnerHarness(runner);
        random = new Random(seed());
    }

    @AfterEach
    final void closeRunner() {
        runner.close();
    }

    @Test
    protected void descriptionIsWhole() {
        RunnerDescription description = runner.description();
        assertThat(description.groups()).isNotEmpty();
        assertThat(description.vocabularySize()).isPositive();
        assertThat(description.stepsInFlight()).isPositive();
        assertThat(description.report()).isNotBlank();
        List<Integer> layers = new ArrayList<>();
        for (int i = 0; i < description.groups().size(); i++) {
            LayerGroup group = description.groups().get(i);
            assertThat(group.index()).isEqualTo(i);
            assertThat(group.layers()).hasSize(group.layout().layers());
            assertThat(description.poolBlocks().get(i)).isPositive();
            layers.addAll(group.layers());
        }
        assertThat(layers).as("every layer is in one group").doesNotHaveDuplicates();
    }

    @Test
    protected void answersDoNotDependOnHowThePromptIsCut() {
        int[] prompt = prompt(PROMPT);
        List<TokenChoice> whole =
                harness.answer(harness.sequence(prompt, 7, random), PROMPT, ANSWER);
        for (int chunk : new int[] {1, 5, 16, 40}) {
            List<TokenChoice> cut =
                    harness.answer(harness.sequence(prompt, 7, random), chunk, ANSWER);
            assertSame(cut, whole, "chunks of " + chunk);
        }
    }

    @Test
    protected void answersDoNotDependOnTheBatch() {
        List<RunnerHarness.Sequence> sequences = new ArrayList<>();
        List<List<TokenChoice>> alone = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int[] prompt = prompt(3 + 7 * i);
            var sequence = harness.sequence(prompt, i, random);
            alone.add(harness.answer(sequence, 64, ANSWER));
            harness.free(sequence);
        }
        random = new Random(seed());
        for (int i = 0; i < 8; i++) {
            sequences.add(harness.sequence(prompt(3 + 7 * i), i, random));
            // draws as many numbers as above, so that the prompts are the same
        }
        List<List<TokenChoice>> together = harness.answerTogether(sequences, 9, ANSWER);
        for (int i = 0; i < 8; i++) {
            assertSame(together.get(i), alone.get(i), "sequence " + i);
        }
    }

    @Test
    protected void scoredPromptsAgreeWithChosenTokens() {
        int[] prompt = prompt(PROMPT);
        List<TokenChoice> answer = harness.answer(harness.sequence(prompt, 0, random), 16, ANSWER);
        int[] all = Arrays.copyOf(prompt, PROMPT + ANSWER - 1);
        for (int i = 0; i < ANSWER - 1; i++) {
            all[PROMPT + i] = answer.get(i).token();
        }
        var again = harness.sequence(all, 0, random);
        List<SamplingRow> rows = new ArrayList<>();
        for (int i = 0; i < all.length - 1; i++) {
            rows.add(new SamplingRow.Score(all[i + 1], 3));
        }
        rows.add(new SamplingRow.Ignore());
        List<TokenChoice> scored = harness.run(List.of(again.step(all.length, 0)), rows);
        for (int i = 0; i < ANSWER - 1; i++) {
            TokenChoice score = scored.get(PROMPT - 1 + i);
            assertThat(score.token()).isEqualTo(answer.get(i).token());
            assertThat(score.logprob()).isEqualTo(answer.get(i).logprob());
            assertThat(score.rank()).isEqualTo(answer.get(i).rank());
        }
        assertThat(scored.getLast()).isNull();
    }

    @Test
    protected void blocksTravelThroughHostMemory() {
        int[] prompt = prompt(PROMPT);
        var original = harness.sequence(prompt, 3, random);
        List<TokenChoice> expected = harness.answer(original, 64, ANSWER);
        var copy = harness.sequence(prompt, 3, random);
        harness.moveThroughHost(original, copy, PROMPT - 1);
        copy.computed(PROMPT - 1);
        assertSame(harness.answer(copy, 64, ANSWER), expected, "blocks exported and restored");
    }

    /** What a tier lends is verified on its way in; of a flipped bit the caller hears. */
    @Test
    protected void lentBlocksComeInVerified() {
        int[] prompt = prompt(PROMPT);
        var original = harness.sequence(prompt, 3, random);
        List<TokenChoice> expected = harness.answer(original, 64, ANSWER);
        var copy = harness.sequence(prompt, 3, random);
        assertThat(harness.lend(original, copy, PROMPT - 1, true)).containsOnly(false);
        assertThat(harness.lend(original, copy, PROMPT - 1, false)).containsOnly(true);
        copy.computed(PROMPT - 1);
        assertSame(harness.answer(copy, 64, ANSWER), expected, "blocks lent and verified");
    }

    /** A step reads a layer once it is there, and whoever shares the step is not disturbed. */
    @Test
    protected void aStepBehindAGateReadsLayersAsTheyCome() {
        if (!runner.waitsAtGates()) {
            return;
        }
        int[] prompt = prompt(PROMPT);
        int[] other = prompt(PROMPT);
        var original = harness.sequence(prompt, 3, random);
        TokenChoice expected = harness.answer(original, 64, 1).getFirst();
        TokenChoice beside = harness.answer(harness.sequence(other, 4, random), 64, 1).getFirst();
        var layers = harness.take(original, BEHIND_GATE);
        harness.free(original);

        var gated = harness.sequence(prompt, 3, random);
        gated.computed(BEHIND_GATE);
        var bystander = harness.sequence(other, 4, random);
        LayerGate gate = LayerGate.closed();
        int tail = PROMPT - BEHIND_GATE;
        var batch =
                new StepBatch(
                        List.of(),
                        List.of(
                                bystander.step(PROMPT, PROMPT - 1),
                                gated.step(tail, tail - 1, gate)));
        StepHandle step = runner.launch(batch);
        var rows = new SamplingBatch(List.of(bystander.sample(), gated.sample()));
        var result = harness.<StepResult>begin(done -> runner.complete(step, rows, done));
        for (int layer = 0; layer < layers.size(); layer++) {
            assertThat(result).isNotDone();
            harness.bring(layers.get(layer), gated);
            gate.open(layer + 1);
        }
        gate.open();
        assertSame(result.join().rows(), List.of(beside, expected), "a step behind a gate");
        assertThat(gate.isWhole()).isTrue();
    }

    @Test
    protected void aBrokenGateHarmsNobodyElse() {
        if (!runner.waitsAtGates()) {
            return;
        }
        int[] other = prompt(PROMPT);
        TokenChoice expected = harness.answer(harness.sequence(other, 4, random), 64, 1).getFirst();
        var gated = harness.sequence(prompt(PROMPT), 3, random);
        gated.computed(BEHIND_GATE);
        var bystander = harness.sequence(other, 4, random);
        LayerGate gate = LayerGate.closed();
        int tail = PROMPT - BEHIND_GATE;
        StepHandle step =
                runner.launch(
                        new StepBatch(
                                List.of(),
                                List.of(
                                        gated.step(tail, tail - 1, gate),
                                        bystander.step(PROMPT, PROMPT - 1))));
        var rows = new SamplingBatch(List.of(gated.sample(), bystander.sample()));
        var result = harness.<StepResult>begin(done -> runner.complete(step, rows, done));
        gate.open(1);
        gate.breakOpen();
        assertSame(result.join().rows().subList(1, 2), List.of(expected), "beside a broken gate");
        assertThat(gate.isWhole()).isFalse();
    }

    @Test
    protected void closingEndsAStepThatWaitsAtAGate() {
        if (!runner.waitsAtGates()) {
            return;
        }
        var gated = harness.sequence(prompt(PROMPT), 3, random);
        gated.computed(BEHIND_GATE);
        LayerGate gate = LayerGate.closed();
        StepHandle step = runner.launch(new StepBatch(List.of(), List.of(gated.step(1, 1, gate))));
        var result =
                harness.<StepResult>begin(
                        done -> runner.complete(step, new SamplingBatch(List.of()), done));
        runner.close();
        assertThat(result).isDone();
        assertThat(gate.isWhole()).isFalse();
    }

    @Test
    protected void copiedBlocksHoldTheSame() {
        int[] prompt = prompt(PROMPT);
        var original = harness.sequence(prompt, 5, random);
        List<TokenChoice> expected = harness.answer(original, 64, ANSWER);
        var copy = harness.sequence(prompt, 5, random);
        List<StepBatch.BlockCopy> copies = harness.copies(original, copy, PROMPT - 1);
        copy.computed(PROMPT - 1);
        List<TokenChoice> first =
                harness.run(
                        new StepBatch(copies, List.of(copy.step(1, 0))), List.of(copy.sample()));
        assertThat(first.getFirst()).usingRecursiveComparison().isEqualTo(expected.getFirst());
    }

    @Test
    protected void blocksThatNobodyNamedAreNotTouched() {
        var bystander = harness.sequence(prompt(PROMPT), 1, random);
        harness.answer(bystander, 64, 1);
        List<byte[]> before = export(bystander);
        harness.answer(harness.sequence(prompt(60), 2, random), 13, ANSWER);
        List<byte[]> after = export(bystander);
        for (int i = 0; i < before.size(); i++) {
            assertThat(after.get(i)).as("block %d of the bystander", i).isEqualTo(before.get(i));
        }
    }

    @Test
    protected void maskedTokensAreNeverChosen() {
        var sequence = harness.sequence(prompt(9), 0, random);
        int vocabulary = runner.description().vocabularySize();
        int allowed = random.nextInt(vocabulary);
        int[] mask = new int[(vocabulary + 31) / 32];
        mask[allowed >>> 5] = 1 << allowed;
        var row =
                new SamplingRow.Sample(sequence.sample().parameters(), 1, 9, null, mask, -1, false);
        assertThat(harness.run(List.of(sequence.step(9, 8)), List.of(row)).getFirst().token())
                .isEqualTo(allowed);
    }

    @Test
    protected void batchesBeyondTheLimitsAreRefusedWhole() {
        RunnerDescription description = runner.description();
        var sequence = harness.sequence(prompt(4), 0, random);
        int[][] wild = sequence.step(4, 4).blockTables();
        int[][] outside = new int[wild.length][];
        for (int g = 0; g < wild.length; g++) {
            outside[g] = new int[] {description.poolBlocks().get(g)};
        }
        int[] tokens = new int[] {0, 0, 0, 0};
        assertRefused(new SequenceStep(tokens, 0, outside, 4, -1));
        assertRefused(new SequenceStep(new int[] {description.vocabularySize()}, 0, wild, 1, -1));
        assertRefused(new SequenceStep(new int[] {-1}, 0, wild, 1, -1));
        assertRefused(new SequenceStep(tokens, 0, new int[wild.length][0], 4, -1));
        assertRefused(
                new SequenceStep(new int[description.maxTokensPerStep() + 1], 0, wild, 0, -1));
        assertThat(harness.answer(sequence, 4, 2)).as("the runner goes on").hasSize(2);
    }

    private void assertRefused(SequenceStep step) {
        assertThatThrownBy(() -> runner.launch(new StepBatch(List.of(), List.of(step))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    protected void noMoreStepsThanDescribed() {
        var sequence = harness.sequence(prompt(30), 0, random);
        int limit = runner.description().stepsInFlight();
        List<SamplingBatch> rows = new ArrayList<>();
        List<StepHandle> handles = new ArrayList<>();
        for (int i = 0; i < limit; i++) {
            handles.add(runner.launch(new StepBatch(List.of(), List.of(sequence.step(2, 2)))));
            sequence.computed(sequence.position() + 2);
            rows.add(new SamplingBatch(List.of()));
        }
        assertThatThrownBy(
                        () -> runner.launch(new StepBatch(List.of(), List.of(sequence.step(2, 2)))))
                .isInstanceOf(IllegalStateException.class);
        for (int i = 0; i < limit; i++) {
            harness.complete(handles.get(i), rows.get(i));
        }
    }

    private List<byte[]> export(RunnerHarness.Sequence sequence) {
        List<byte[]> blocks = new ArrayList<>();
        for (LayerGroup group : runner.description().groups()) {
            for (int block : sequence.tables()[group.index()]) {
                try (MemoryLease lease = OwnLease.native64(group.layout().blockBytes())) {
                    harness.<Void>await(
                            done ->
                                    runner.blocks()
                                            .export(
                                                    group.index(),
                                                    block,
                                                    0,
                                                    group.layout().layers(),
                                                    lease,
                                                    done));
                    blocks.add(lease.segment().toArray(ValueLayout.JAVA_BYTE));
                }
            }
        }
        return blocks;
    }

    private int[] prompt(int length) {
        int vocabulary = runner.description().vocabularySize();
        return random.ints(length, 0, vocabulary).toArray();
    }

    private static void assertSame(
            List<TokenChoice> actual, List<TokenChoice> expected, String what) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i))
                    .as("%s, token %d of the answer", what, i)
                    .usingRecursiveComparison()
                    .isEqualTo(expected.get(i));
        }
    }
}
