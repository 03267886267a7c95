package dev.cairn.engine.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.engine.cpu.RandomModel.Family;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepHandle;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightType;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.Completion;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a runner takes, refuses and reports, beside the numbers. */
class CpuModelRunnerTest {

    private static final SamplingRow GREEDY =
            new SamplingRow.Sample(SamplingParameters.GREEDY, 0, 1, null, null, 0, false);

    private final Random random = new Random(7);
    private final RunnerHarness harness =
            RunnerHarness.of(
                    RandomModel.of(Family.GEMMA3_LOCAL_GLOBAL, WeightType.FLOAT32, random),
                    KvType.FLOAT32,
                    2,
                    random);
    private final ModelRunner runner = harness.runner;

    @AfterEach
    void closeRunner() {
        harness.close();
    }

    @Test
    void theDescriptionHasAGroupForEachKindOfAttention() {
        List<LayerGroup> groups = runner.description().groups();
        assertThat(groups)
                .extracting(LayerGroup::kind)
                .containsExactly(
                        new LayerGroup.StateKind.FullAttention(),
                        new LayerGroup.StateKind.SlidingWindow(RandomModel.WINDOW));
        assertThat(groups.get(0).layers()).allMatch(layer -> layer % 2 == 1);
        assertThat(groups.get(1).layers()).allMatch(layer -> layer % 2 == 0);
        assertThat(runner.description().cacheBytes()).isPositive().isLessThanOrEqualTo(4 << 20);
        assertThat(runner.description().identity().text()).startsWith("cpu/").doesNotContain(" ");
    }

    @Test
    void promptsAreScoredAndRowsCanBeIgnored() {
        int[] prompt = {3, 1, 4, 1};
        SequenceStep whole = new SequenceStep(prompt, 0, tables(0), 0, -1);
        List<TokenChoice> rows =
                run(
                                batch(whole),
                                new SamplingRow.Score(1, 2),
                                new SamplingRow.Ignore(),
                                new SamplingRow.Score(1, -1),
                                GREEDY)
                        .rows();
        assertThat(rows).hasSize(4);
        assertThat(rows.get(0).token()).isEqualTo(1);
        assertThat(rows.get(0).logprob()).isNegative();
        assertThat(rows.get(0).topIds()).hasSize(2);
        assertThat(rows.get(1)).isNull();
        assertThat(rows.get(2).logprob()).isNaN();
        assertThat(rows.get(3).rank()).isEqualTo(1);
    }

    @Test
    void aBiasedTokenIsChosenWithTheLogProbabilityOfTheModel() {
        SamplingParameters biased = new SamplingParameters(0, 1, 0, 0, 0, 0, 1, Map.of(5, 1000f));
        SequenceStep whole = new SequenceStep(new int[] {3}, 0, tables(0), 0, -1);
        TokenChoice forced =
                run(batch(whole), new SamplingRow.Sample(biased, 0, 1, null, null, 0, false))
                        .rows()
                        .getFirst();
        TokenChoice scored = run(batch(whole), new SamplingRow.Score(5, 0)).rows().getFirst();
        assertThat(forced.token()).isEqualTo(5);
        assertThat(forced.logprob()).isEqualTo(scored.logprob());
    }

    @Test
    void aSecondStepWaitsForTheReportOfTheFirst() {
        SequenceStep token = new SequenceStep(new int[] {3}, 0, tables(0), 0, -1);
        StepHandle first = runner.launch(batch(token));
        assertThatThrownBy(() -> runner.launch(batch(token)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("one step at a time");
        RunnerHarness.<StepResult>await(done -> runner.complete(first, sampling(GREEDY), done));
        assertThat(run(batch(token), GREEDY).rows()).hasSize(1);
    }

    @Test
    void aStepIsCompletedOnceWithARowForEachRowOfLogits() {
        SequenceStep token = new SequenceStep(new int[] {3}, 0, tables(0), 0, -1);
        StepHandle step = runner.launch(batch(token));
        CompletableFuture<StepResult> ignored = new CompletableFuture<>();
        assertThatThrownBy(() -> runner.complete(step, sampling(GREEDY, GREEDY), to(ignored)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 rows of logits, the sampling batch 2");
        RunnerHarness.<StepResult>await(done -> runner.complete(step, sampling(GREEDY), done));
        assertThatThrownBy(() -> runner.complete(step, sampling(GREEDY), to(ignored)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> runner.complete(new StepHandle() {}, sampling(), to(ignored)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, RandomModel.VOCABULARY})
    void tokensOutsideTheVocabularyAreRefused(int token) {
        assertRefused(
                new SequenceStep(new int[] {token}, 0, tables(0), 0, -1),
                "has token " + token + ", the vocabulary ends at " + RandomModel.VOCABULARY);
    }

    @Test
    void blocksThatAreNotThereAreRefused() {
        int blocks = runner.description().poolBlocks().getFirst();
        assertRefused(
                new SequenceStep(new int[] {1}, 0, new int[][] {{blocks}, {0}}, 0, -1),
                "group 0 has blocks 0 to " + (blocks - 1) + ", not " + blocks);
        assertRefused(
                new SequenceStep(new int[] {1}, 16, new int[][] {{0}, {0, 1}}, 0, -1),
                "needs 2 blocks in group 0, its table has 1");
        assertRefused(
                new SequenceStep(new int[] {1}, 0, new int[][] {{0}}, 0, -1),
                "1 block tables for 2 layer groups");
        assertThatThrownBy(
                        () ->
                                runner.launch(
                                        new StepBatch(
                                                List.of(new StepBatch.BlockCopy(0, 0, blocks)),
                                                List.of(
                                                        new SequenceStep(
                                                                new int[] {1},
                                                                0,
                                                                tables(0),
                                                                0,
                                                                -1)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a copy's target");
    }

    @Test
    void aReleasedBlockMustLieBeforeTheWindow() {
        int gone = LayerGroup.RELEASED;
        int[][] passed = {{0, 1, 2}, {gone, 1, 2}};
        int[][] needed = {{0, 1, 2}, {gone, gone, 2}};
        int position = 2 * RunnerHarness.BLOCK_TOKENS;
        run(batch(new SequenceStep(new int[] {1}, position, passed, 0, -1)), GREEDY);
        assertRefused(
                new SequenceStep(new int[] {1}, position, needed, 0, -1),
                "block 1 of its table: group 1 has blocks");
    }

    @Test
    void whatExceedsTheLimitsIsRefused() {
        int most = runner.description().maxPositions();
        assertRefused(
                new SequenceStep(new int[] {1}, most, tables(0), 0, -1),
                "the longest sequence here has " + most);
        assertRefused(
                new SequenceStep(new int[801], 0, tables(0), 801, -1),
                "a step takes at most 800 tokens, got 801");
        assertRefused(
                new SequenceStep(new int[] {1}, 0, tables(0), 0, 0), "slot 0, which is empty");
        SequenceStep[] many = new SequenceStep[17];
        Arrays.fill(many, new SequenceStep(new int[] {1}, 0, tables(0), 1, -1));
        assertThatThrownBy(() -> runner.launch(batch(many)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 16 sequences, got 17");
        assertThatThrownBy(() -> runner.launch(batch()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void logitsThatAreNoNumbersFailTheStepAndNotTheRunner() {
        RandomModel damaged =
                RandomModel.of(Family.LLAMA, WeightType.FLOAT32, random)
                        .withConstant(WeightRole.DOWN, 1, Float.MAX_VALUE);
        try (RunnerHarness broken = RunnerHarness.of(damaged, KvType.FLOAT32, 2, random)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> broken.alone(new int[] {1, 2}, 1))
                        .isInstanceOf(CompletionException.class)
                        .cause()
                        .isInstanceOf(ArithmeticException.class)
                        .hasMessageContaining("--dtype float32");
            }
        }
    }

    @Test
    void aClosedRunnerFailsWhatWaits() {
        SequenceStep token = new SequenceStep(new int[] {3}, 0, tables(0), 0, -1);
        StepHandle step = runner.launch(batch(token));
        runner.close();
        CompletableFuture<StepResult> outcome = new CompletableFuture<>();
        runner.complete(step, sampling(GREEDY), to(outcome));
        assertThat(outcome)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("closed");
        assertThatThrownBy(() -> runner.launch(batch(token)))
                .isInstanceOf(IllegalStateException.class);
    }

    private void assertRefused(SequenceStep sequence, String message) {
        assertThatThrownBy(() -> runner.launch(batch(sequence)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private StepResult run(StepBatch batch, SamplingRow... rows) {
        return RunnerHarness.await(
                done -> runner.complete(runner.launch(batch), sampling(rows), done));
    }

    private static StepBatch batch(SequenceStep... sequences) {
        return new StepBatch(List.of(), List.of(sequences));
    }

    private static SamplingBatch sampling(SamplingRow... rows) {
        return new SamplingBatch(List.of(rows));
    }

    /** One block in each of the two groups. */
    private static int[][] tables(int block) {
        return new int[][] {{block}, {block}};
    }

    private static <T> Completion<T> to(CompletableFuture<T> future) {
        return new Completion<>() {
            @Override
            public void completed(T result) {
                future.complete(result);
            }

            @Override
            public void failed(Throwable failure) {
                future.completeExceptionally(failure);
            }
        };
    }
}
