package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.TierChain;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.engine.StepResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A second model that guesses: what it brings, what it keeps, and what becomes of its failures. */
class DraftModelTest {

    private static final int TOKENS = 200;

    private final VirtualDriver driver = new VirtualDriver();

    private ToyRunner draft(int blocks, int swiftness) {
        return ToyRunner.over(driver)
                .fullAttention(16, blocks)
                .perStep(64, 32, 64)
                .build()
                .swift(swiftness);
    }

    private Bench bench(SpeculationSettings speculation) {
        return new Bench(
                toy -> toy.fullAttention(16, 1000).perStep(256, 64, 256),
                SchedulerSettings.forModelLength(500).with(speculation),
                driver,
                _ -> TierChain.NONE);
    }

    private Bench guessedBy(ToyRunner draft) {
        return bench(SpeculationSettings.draft(draft, 6));
    }

    private static double proposed(Bench bench) {
        return bench.counter("vllm:spec_decode_num_draft_tokens_total{toy}");
    }

    private static double accepted(Bench bench) {
        return bench.counter("vllm:spec_decode_num_accepted_tokens_total{toy}");
    }

    private static List<Heard> submit(Bench bench, int requests, float temperature) {
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            heard.add(
                    bench.submit(
                            new Ask("request " + i, Ask.prompt(i, 40 + i))
                                    .maxTokens(TOKENS)
                                    .temperature(temperature)
                                    .seed(i)
                                    .arrival(i)));
        }
        return heard;
    }

    /** Were a key or value of the draft wrong, or a guess misplaced, the two would disagree. */
    @ParameterizedTest
    @ValueSource(floats = {0, 1})
    void aDraftThatIsTheModelItselfIsRightEveryTime(float temperature) {
        Bench plain = bench(SpeculationSettings.OFF);
        List<Heard> expected = submit(plain, 3, temperature);
        plain.finish();
        Bench bench = guessedBy(draft(1000, 10));
        List<Heard> heard = submit(bench, 3, temperature);
        bench.finish();
        for (int i = 0; i < heard.size(); i++) {
            assertThat(heard.get(i).ids()).isEqualTo(expected.get(i).ids());
        }
        assertThat(accepted(bench)).isEqualTo(proposed(bench)).isGreaterThan(TOKENS);
        assertThat(bench.log.steps().size()).isLessThan(plain.log.steps().size() / 2);
    }

    /** What a wrong guess left in the draft's blocks does not mislead it later. */
    @Test
    void aDraftThatErredGoesOnFromWhatWasSaid() {
        ToyRunner draft = draft(1000, 50);
        Random random = new Random(5);
        int[] said = {0};
        int[] wrong = {0};
        UnaryOperator<StepResult> erring = Drafts.erring(random, 0.2);
        draft.distort(
                result -> {
                    StepResult other = erring.apply(result);
                    for (int i = 0; i < result.rows().size(); i++) {
                        said[0]++;
                        wrong[0] +=
                                result.rows().get(i).token() == other.rows().get(i).token() ? 0 : 1;
                    }
                    return other;
                });
        Bench bench = guessedBy(draft);
        submit(bench, 1, 0);
        bench.finish();
        assertThat(wrong[0]).isGreaterThan(10);
        // Every error costs the guess itself and at most the five behind it.
        assertThat(accepted(bench)).isGreaterThanOrEqualTo(said[0] - 6.0 * wrong[0]);
        assertThat(accepted(bench)).isGreaterThan(30);
    }

    /** Blocks for two answers at a time: others go on without, and no block is lost. */
    @Test
    void itKeepsWithinItsOwnBlocksAndGivesThemBack() {
        ToyRunner draft = draft(36, 10);
        Bench bench = guessedBy(draft);
        for (int round = 0; round < 8; round++) {
            double before = proposed(bench);
            submit(bench, 6, 0);
            bench.finish();
            assertThat(proposed(bench) - before).as("round %d", round).isGreaterThan(50);
        }
    }

    @Test
    void aDraftThatCostsAsMuchAsTheModelIsHardlyAsked() {
        ToyRunner draft = draft(1000, 1);
        Random random = new Random(6);
        draft.distort(Drafts.erring(random, 0.7));
        Bench bench = guessedBy(draft);
        submit(bench, 1, 0);
        bench.finish();
        assertThat(draft.batches().size()).isLessThan(TOKENS / 8);
    }

    @Test
    void aDraftThatFailsIsDoneWithoutFromThenOn() {
        ToyRunner draft = draft(1000, 10);
        draft.failSteps(step -> step == 20);
        Bench bench = guessedBy(draft);
        List<Heard> heard = submit(bench, 2, 0);
        bench.finish();
        assertThat(draft.batches()).hasSize(21);
        assertThat(heard).allMatch(one -> one.problem() == null);
        assertThat(heard.getFirst().ids(0)).hasSize(TOKENS);
    }

    /** One that is aborted in the midst of a round leaves no block and no step behind. */
    @Test
    void answersThatAreAbortedWhileTheyAreGuessedLeaveNothing() {
        for (int events = 1; events < 120; events++) {
            Bench bench = new DraftModelTest().guessedAndAborted(events);
            Heard last = submit(bench, 1, 0).getFirst();
            bench.finish();
            assertThat(last.ids(0)).hasSize(TOKENS);
        }
    }

    private Bench guessedAndAborted(int events) {
        Bench bench = guessedBy(draft(40, 10));
        Heard gone = new Heard(new Ask("gone", Ask.prompt(9, 60)).maxTokens(TOKENS).request());
        var handle = bench.begin(gone);
        for (int i = 0; i < events; i++) {
            bench.driver.runOne();
        }
        handle.cancel();
        return bench;
    }
}
