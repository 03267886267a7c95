package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.block.PrefixCaching;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What requests gain from what others computed. Blocks have 16 tokens if not said otherwise. */
class PrefixCachingTest {

    private static final int[] LONG = Ask.prompt(1, 100);

    @Test
    void theSamePromptAgainComputesItsLastTokenAlone() {
        Bench bench = Bench.roomy();
        int[] prompt = Arrays.copyOf(LONG, 96);
        Heard cold = bench.run(new Ask("cold", prompt).maxTokens(4));
        long computed = bench.runner.computedTokens();
        int steps = bench.runner.batches().size();
        Heard warm = bench.run(new Ask("warm", prompt).maxTokens(4));
        assertThat(warm.ids()).isEqualTo(cold.ids());
        assertThat(cold.promptDone().cachedTokens()).isZero();
        assertThat(warm.promptDone().cachedTokens()).isEqualTo(95);
        assertThat(warm.usage().cachedTokens()).isEqualTo(95);
        assertThat(bench.runner.computedTokens() - computed).isEqualTo(1 + 3);
        // The block of the last token is shared, and so copied before it is written.
        assertThat(bench.runner.batches().get(steps).copies()).hasSize(1);
    }

    @Test
    void aPrefixIsFoundUpToTheBlockInWhichPromptsDiffer() {
        Bench bench = Bench.roomy();
        bench.run(new Ask("first", LONG));
        int[] other = LONG.clone();
        other[70]++;
        assertThat(bench.run(new Ask("second", other)).usage().cachedTokens()).isEqualTo(64);
    }

    @Test
    void theNextTurnFindsTheAnswerToo() {
        Bench bench = Bench.roomy();
        Heard first = bench.run(new Ask("turn 0", LONG).maxTokens(29));
        int[] answer = first.ids(0).stream().mapToInt(Integer::intValue).toArray();
        int[] next =
                IntStream.concat(IntStream.of(LONG), IntStream.of(answer)).limit(128).toArray();
        // 128 tokens of the first turn were computed: 100 and 28, the last one never was.
        assertThat(bench.run(new Ask("turn 1", Arrays.copyOf(next, 130))).usage().cachedTokens())
                .isEqualTo(128);
    }

    @Test
    void usageAgreesWithWhatTheRunnerComputed() {
        Bench bench = Bench.roomy();
        int prompts = 0;
        int cached = 0;
        int decoded = 0;
        for (int i = 0; i < 20; i++) {
            int[] prompt = Arrays.copyOf(LONG, 20 + 4 * i);
            prompt[10 + 3 * i] += i % 3;
            Heard heard = bench.run(new Ask("request " + i, prompt).maxTokens(5));
            prompts += heard.usage().promptTokens();
            cached += heard.usage().cachedTokens();
            decoded += heard.usage().completionTokens() - 1;
        }
        assertThat(cached).isGreaterThan(prompts / 4);
        assertThat(bench.runner.computedTokens()).isEqualTo(prompts - cached + decoded);
        assertThat(bench.counter("cairn:computed_tokens_total{toy,prefill}"))
                .isEqualTo(prompts - cached);
        assertThat(bench.counter("cairn:computed_tokens_total{toy,decode}")).isEqualTo(decoded);
        assertThat(bench.counter("vllm:prompt_tokens_total{toy}")).isEqualTo(prompts);
        assertThat(bench.counter("vllm:prefix_cache_queries_total{toy}")).isEqualTo(prompts);
        assertThat(bench.counter("vllm:prefix_cache_hits_total{toy}")).isEqualTo(cached);
    }

    @Test
    void tenantsShareNothing() {
        Bench bench = Bench.roomy();
        bench.run(new Ask("first", LONG).tenant("a"));
        assertThat(bench.run(new Ask("other", LONG).tenant("b")).usage().cachedTokens()).isZero();
        assertThat(bench.run(new Ask("none", LONG)).usage().cachedTokens()).isZero();
        assertThat(bench.run(new Ask("same", LONG).tenant("a")).usage().cachedTokens())
                .isEqualTo(96);
    }

    /** Longrope: 128 tokens of prompt and budget decide. */
    @Test
    void formsOfPositionsShareNothing() {
        Heard alone = twoForms().run(new Ask("alone", LONG).maxTokens(40));
        Bench bench = twoForms();
        Heard brief = bench.run(new Ask("brief", LONG).maxTokens(28));
        Heard longer = bench.run(new Ask("longer", LONG).maxTokens(29));
        assertThat(longer.usage().cachedTokens()).isZero();
        assertThat(longer.ids(0)).isNotEqualTo(brief.ids(0)).isEqualTo(alone.ids(0).subList(0, 29));
        Heard briefAgain = bench.run(new Ask("brief again", LONG).tenant("").maxTokens(4));
        assertThat(briefAgain.usage().cachedTokens()).isEqualTo(96);
        assertThat(briefAgain.ids(0)).isEqualTo(brief.ids(0).subList(0, 4));
        Heard longAgain = bench.run(new Ask("long again", LONG).maxTokens(40));
        assertThat(longAgain.usage().cachedTokens()).isEqualTo(96);
        assertThat(longAgain.ids(0)).isEqualTo(alone.ids(0));
        assertThat(
                        bench.run(new Ask("other", LONG).tenant("b").maxTokens(40))
                                .usage()
                                .cachedTokens())
                .isZero();
    }

    private static Bench twoForms() {
        return new Bench(toy -> toy.fullAttention(16, 1000).firstForm(128));
    }

    @Test
    void aCacheThatIsOffFindsAndTellsNothing() {
        Bench bench =
                new Bench(
                        toy -> toy.fullAttention(16, 100),
                        SchedulerSettings.forModelLength(500).with(PrefixCaching.OFF));
        bench.run(new Ask("first", LONG));
        assertThat(bench.run(new Ask("second", LONG)).usage().cachedTokens()).isZero();
        assertThat(bench.cache.stored()).isZero();
        assertThat(bench.counter("vllm:prefix_cache_queries_total{toy}")).isZero();
    }

    @Test
    void promptLogprobsAreComputedWhateverIsCached() {
        Bench bench = Bench.roomy();
        bench.run(new Ask("first", LONG));
        Heard scored = bench.run(new Ask("second", LONG).promptLogprobs(1));
        assertThat(scored.usage().cachedTokens()).isZero();
        List<GeneratedToken> tokens = scored.promptDone().promptTokens();
        assertThat(tokens.subList(1, tokens.size())).hasSize(99).doesNotContainNull();
        assertThat(bench.counter("vllm:prefix_cache_queries_total{toy}")).isEqualTo(100);
    }

    @Test
    void promptLogprobsAreTheSameColdAndCachedAndShareTheBlocks() {
        Heard cold = Bench.roomy().run(new Ask("scored", LONG).promptLogprobs(2));
        Bench bench = Bench.roomy();
        bench.run(new Ask("first", LONG));
        long stored = bench.cache.stored();
        Heard scored = bench.run(new Ask("scored", LONG).promptLogprobs(2));
        assertThat(scored.answer()).isEqualTo(cold.answer());
        assertThat(scored.usage().cachedTokens()).isZero();
        assertThat(bench.cache.stored()).as("blocks that were there are shared").isEqualTo(stored);
        // What scoring computed is good for those who do not score.
        assertThat(bench.run(new Ask("after", LONG)).usage().cachedTokens()).isEqualTo(96);
    }

    @Test
    void choicesOfACachedPromptComputeItsLastTokensAlone() {
        int[] prompt = Arrays.copyOf(LONG, 96);
        Bench bench = new Bench(toy -> toy.fullAttention(16, 1000).perStep(40, 32, 32));
        Heard cold = bench.run(new Ask("cold", prompt).choices(4).temperature(1).maxTokens(3));
        // Longer than a chunk: computed once, and its last token for each other choice.
        assertThat(bench.counter("cairn:computed_tokens_total{toy,prefill}")).isEqualTo(96 + 3);
        Heard warm = bench.run(new Ask("warm", prompt).choices(4).temperature(1).maxTokens(3));
        assertThat(warm.ids()).isEqualTo(cold.ids());
        assertThat(warm.usage().cachedTokens()).isEqualTo(95);
        assertThat(bench.counter("cairn:computed_tokens_total{toy,prefill}")).isEqualTo(96 + 3 + 4);
        assertThat(bench.counter("cairn:computed_tokens_total{toy,decode}")).isEqualTo(2 * 4 * 2);
    }

    @Test
    void theFirstOfManyFillsTheCacheForTheOthers() {
        Bench bench = new Bench(toy -> toy.fullAttention(16, 1000).perStep(64, 32, 32));
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            int[] prompt = Arrays.copyOf(LONG, 104);
            prompt[103] = 20 + i;
            heard.add(bench.submit(new Ask("request " + i, prompt).maxTokens(1).arrival(i)));
        }
        int[] stranger = Ask.prompt(2, 30);
        bench.submit(new Ask("stranger", stranger).maxTokens(1).arrival(99));
        bench.finish();
        assertThat(heard.getFirst().usage().cachedTokens()).isZero();
        assertThat(heard.subList(1, 10)).allMatch(one -> one.usage().cachedTokens() == 96);
        assertThat(bench.runner.computedTokens()).isEqualTo(104 + 9 * 8 + 30);
        // Who shares nothing does not wait for the others.
        List<SequenceStep> second = bench.runner.batches().get(1).sequences();
        assertThat(second).hasSize(2);
        assertThat(second.get(1).tokens()).startsWith(Arrays.copyOf(stranger, 24));
    }

    @Test
    void nobodyWaitsForOneOfLesserRank() {
        Bench bench =
                new Bench(
                        toy -> toy.fullAttention(16, 1000).perStep(32, 8, 8),
                        new SchedulerSettings(500, 8, 16, 100, 1 << 20));
        Heard slow = bench.submit(new Ask("slow", LONG).priority(1));
        bench.driver.runOne();
        Heard urgent = bench.submit(new Ask("urgent", LONG).priority(-1).arrival(1));
        bench.finish();
        // One chunk was computed when it came; from there on both compute.
        assertThat(urgent.usage().cachedTokens()).isEqualTo(16);
        assertThat(slow.usage().cachedTokens()).isZero();
    }

    @Test
    void whatAnAbortedPromptComputedIsKept() {
        Bench bench = new Bench(toy -> toy.fullAttention(16, 100).perStep(32, 8, 8));
        Heard gone = new Heard(new Ask("gone", LONG).request());
        Cancellation abort = bench.begin(gone);
        while (bench.runner.batches().size() < 2) {
            bench.driver.runOne();
        }
        abort.cancel();
        bench.finish();
        assertThat(gone.promptDone()).isNull();
        // Two steps of 32 tokens, the second in flight when the client went away.
        assertThat(bench.run(new Ask("next", LONG)).usage().cachedTokens()).isEqualTo(64);
    }

    @Test
    void whatAFailedStepComputedIsNotKept() {
        Bench bench = new Bench(toy -> toy.fullAttention(16, 100).perStep(32, 8, 8));
        bench.runner.failSteps(step -> step >= 1 && step <= 20);
        Heard failed = bench.run(new Ask("failed", LONG));
        assertThat(failed.problem().code()).isEqualTo("engine_failure");
        bench.runner.failSteps(_ -> false);
        Heard next = bench.run(new Ask("next", LONG));
        assertThat(next.usage().cachedTokens()).isEqualTo(32);
        assertThat(next.ids()).isEqualTo(Bench.roomy().run(new Ask("alone", LONG)).ids());
    }

    @Test
    void whatWasCachedAndThenComputedAfterAllIsNotCached() {
        Bench bench = Bench.roomy();
        bench.run(new Ask("first", LONG));
        int next = bench.runner.batches().size();
        bench.runner.failSteps(step -> step == next);
        Heard heard = bench.run(new Ask("second", LONG));
        // It found 96 tokens; after the step that failed it took nothing on trust.
        assertThat(heard.problem()).isNull();
        assertThat(heard.usage().cachedTokens()).isZero();
        assertThat(bench.counter("vllm:prefix_cache_hits_total{toy}")).isEqualTo(96);
    }

    @Test
    void aPreemptedSequenceFindsItsOwnBlocksAgain() {
        // Two answers grow until 12 blocks of 4 tokens do not hold both.
        Bench bench = new Bench(toy -> toy.fullAttention(4, 12).perStep(64, 8, 8));
        Heard first = bench.submit(new Ask("first", Ask.prompt(3, 12)).maxTokens(16));
        Heard second = bench.submit(new Ask("second", Ask.prompt(4, 12)).maxTokens(16).arrival(1));
        bench.finish();
        assertThat(bench.counter("vllm:num_preemptions_total{toy}")).isPositive();
        assertThat(bench.runner.computedTokens()).isLessThan(2 * 27 + 12);
        // What it finds of its own is no gift of others.
        assertThat(first.usage().cachedTokens()).isZero();
        assertThat(second.usage().cachedTokens()).isZero();
    }

    @Test
    void runningRequestsShareTheBlocksOfTheirPrefix() {
        Bench bench = new Bench(toy -> toy.fullAttention(16, 14).perStep(128, 8, 8));
        bench.run(new Ask("first", LONG).maxTokens(1));
        for (int i = 0; i < 5; i++) {
            bench.submit(new Ask("request " + i, LONG).maxTokens(8).arrival(i));
        }
        bench.finish();
        // Six blocks are held by all, and one by each: alone they would need 35 of 14.
        assertThat(bench.log.steps()).anyMatch(step -> step.decodeTokens() == 5);
        assertThat(bench.counter("vllm:num_preemptions_total{toy}")).isZero();
    }

    @Test
    void aWindowIsRestoredFromItsLastBlocks() {
        Bench bench =
                new Bench(toy -> toy.fullAttention(16, 100).window(20, 16, 8).perStep(32, 8, 8));
        bench.run(new Ask("first", LONG).maxTokens(1));
        // The window's pool forgot the prompt's beginning, which its last tokens do not see.
        Heard same = bench.run(new Ask("same", LONG).maxTokens(1));
        assertThat(same.usage().cachedTokens()).isEqualTo(96);
        for (int i = 0; i < 5; i++) {
            bench.run(new Ask("filler " + i, Ask.prompt(50 + i, 60)).maxTokens(1));
        }
        // Full attention still has all of it, the window has nothing: no hit is claimed.
        assertThat(bench.cache.removed()).isPositive();
        assertThat(bench.run(new Ask("late", LONG).maxTokens(1)).usage().cachedTokens()).isZero();
    }
}
