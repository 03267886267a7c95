package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Beam search finds what the written-down algorithm finds, whatever the scheduler does to it. */
class BeamSearchTest {

    private static final int VOCABULARY = 40;
    private static final int[] PROMPT = Ask.prompt(1, 30);

    private static int endings;
    private static int preemptions;

    @RepeatedTest(200)
    void answersAreThoseOfTheReference(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Bench whole =
                new Bench(
                        toy ->
                                toy.vocabulary(VOCABULARY)
                                        .fullAttention(16, 4000)
                                        .perStep(64, 8, 8));
        Bench narrow = narrow(random);
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Ask ask = any(random, "request " + i);
            heard.add(narrow.submit(ask));
            for (int events = random.nextInt(6); events > 0; events--) {
                narrow.driver.runOne();
            }
        }
        narrow.finish();
        preemptions += narrow.counter("vllm:num_preemptions_total{toy}");
        for (Heard one : heard) {
            assertThat(answers(one))
                    .as("seed %d, %s", seed, one.request())
                    .isEqualTo(expected(whole, one));
        }
    }

    /** Where nothing ended early or gave way, the test above shows little. */
    @AfterAll
    static void somethingHappened() {
        assertThat(endings).isGreaterThan(100);
        assertThat(preemptions).isGreaterThan(100);
    }

    private static Bench narrow(Random random) {
        int size = 1 + random.nextInt(8);
        int blocks = 60 / size + 2 + random.nextInt(60);
        SchedulerSettings settings =
                new SchedulerSettings(
                        60, 1 + random.nextInt(12), 1 + random.nextInt(30), 100, 1 << 20);
        return new Bench(
                toy ->
                        toy.vocabulary(VOCABULARY)
                                .fullAttention(size, blocks)
                                .perStep(
                                        1 + random.nextInt(40),
                                        1 + random.nextInt(10),
                                        1 + random.nextInt(20)),
                settings);
    }

    private static Ask any(Random random, String id) {
        int width = 1 + random.nextInt(8);
        Integer[] ends =
                random.ints(0, VOCABULARY)
                        .distinct()
                        .limit(random.nextInt(5))
                        .boxed()
                        .toArray(Integer[]::new);
        int maxTokens = 1 + random.nextInt(15);
        return new Ask(id, Ask.prompt(random.nextInt(3), 1 + random.nextInt(25)))
                .choices(1 + random.nextInt(width))
                .beams(width, random.nextInt(4) - 1, width == 1 || random.nextBoolean())
                .maxTokens(maxTokens)
                .minTokens(random.nextInt(3) == 0 ? random.nextInt(maxTokens) : 0)
                .endIds(ends);
    }

    private static List<List<Integer>> expected(Bench whole, Heard heard) {
        Map<List<Integer>, float[]> known = new HashMap<>();
        var reference =
                new ReferenceBeams(
                        tokens ->
                                known.computeIfAbsent(
                                        Arrays.stream(tokens).boxed().toList(),
                                        _ -> distribution(whole, tokens)),
                        heard.request().beams().orElseThrow(),
                        heard.request().stop().endOfSequenceIds(),
                        heard.request().stop().minTokens(),
                        heard.request().stop().maxTokens());
        int prompt = heard.request().prompt().length;
        return reference.search(heard.request().prompt()).stream()
                .limit(heard.request().choices())
                .map(all -> Arrays.stream(all).skip(prompt).boxed().toList())
                .toList();
    }

    private static float[] distribution(Bench whole, int[] tokens) {
        Heard one = whole.run(new Ask("one", tokens).maxTokens(1).logprobs(VOCABULARY));
        return ReferenceBeams.distribution(one.tokens(0).getFirst());
    }

    private static List<List<Integer>> answers(Heard heard) {
        assertThat(heard.problem()).isNull();
        for (int choice = 0; choice < heard.request().choices(); choice++) {
            List<Integer> ids = heard.ids(choice);
            boolean ends = heard.request().stop().endOfSequenceIds().contains(ids.getLast());
            endings += ends ? 1 : 0;
            assertThat(heard.end(choice).reason())
                    .isEqualTo(ends ? FinishReason.STOP : FinishReason.LENGTH);
        }
        assertThat(heard.usage().completionTokens()).isEqualTo(heard.tokenCount());
        return heard.ids();
    }

    @Test
    void oneBeamIsGreedy() {
        Bench bench = Bench.roomy();
        Heard greedy = bench.run(new Ask("greedy", PROMPT).maxTokens(12).endIds(60, 61, 62));
        Heard beam =
                bench.run(
                        new Ask("beam", PROMPT)
                                .maxTokens(12)
                                .endIds(60, 61, 62)
                                .beams(1, 2, false));
        assertThat(beam.ids()).isEqualTo(greedy.ids());
    }

    @Test
    void thePromptIsComputedOnceAndBeamsShareItsBlocks() {
        Bench bench = Bench.roomy();
        Heard heard =
                bench.run(new Ask("beams", PROMPT).beams(4, 1, false).maxTokens(5).choices(4));
        assertThat(heard.usage().completionTokens()).isEqualTo(20);
        // The last token of an answer is never computed.
        assertThat(bench.runner.computedTokens()).isEqualTo(30 + 4 * 4);
        assertThat(bench.counter("cairn:computed_tokens_total{toy,prefill}")).isEqualTo(30);
        assertThat(bench.counter("vllm:generation_tokens_total{toy}")).isEqualTo(20);
        Heard again =
                bench.run(new Ask("again", PROMPT).beams(4, 1, false).maxTokens(5).choices(4));
        assertThat(again.ids()).isEqualTo(heard.ids());
        assertThat(again.usage().cachedTokens()).isEqualTo(16);
    }

    @Test
    void beamsStartTogetherAndEndTogether() {
        Bench bench = Bench.roomy();
        bench.run(new Ask("beams", PROMPT).beams(4, 1, false).maxTokens(5));
        List<Integer> sequences =
                bench.runner.batches().stream().map(batch -> batch.sequences().size()).toList();
        assertThat(sequences).containsExactly(1, 4, 4, 4, 4);
    }

    @Test
    void logprobsAreThoseOfTheSameTokensGenerated() {
        Bench bench = Bench.roomy();
        Heard heard =
                bench.run(
                        new Ask("beams", PROMPT)
                                .beams(3, 1, true)
                                .maxTokens(4)
                                .choices(3)
                                .logprobs(2));
        for (int choice = 0; choice < 3; choice++) {
            int[] ids = heard.ids(choice).stream().mapToInt(Integer::intValue).toArray();
            int[] all = IntStream.concat(Arrays.stream(PROMPT), Arrays.stream(ids)).toArray();
            List<GeneratedToken> scored =
                    bench.run(new Ask("score " + choice, all).maxTokens(1).promptLogprobs(2))
                            .promptDone()
                            .promptTokens();
            for (int i = 0; i < ids.length; i++) {
                GeneratedToken own = heard.tokens(choice).get(i);
                GeneratedToken other = scored.get(PROMPT.length + i);
                assertThat(own.id()).isEqualTo(other.id());
                assertThat(own.logprob()).isEqualTo(other.logprob());
                assertThat(own.rank()).isEqualTo(other.rank());
                assertThat(own.topIds()).isEqualTo(other.topIds());
                assertThat(own.topLogprobs()).isEqualTo(other.topLogprobs());
            }
        }
    }

    @Test
    void stopTokensEndAnAnswerAndAreNamed() {
        Bench bench = Bench.roomy();
        int second =
                bench.run(new Ask("free", PROMPT).beams(2, 0, true).maxTokens(6)).ids(0).get(1);
        Heard heard =
                bench.run(
                        new Ask("stopped", PROMPT).beams(2, 0, true).maxTokens(6).stopIds(second));
        assertThat(heard.ids(0)).hasSize(2).endsWith(second);
        assertThat(heard.end(0).cause()).isEqualTo(new StopCause.StopToken(second));
    }

    @Test
    void anAbortGivesEveryBeamsBlocksBack() {
        for (int after = 1; after < 12; after++) {
            Bench bench = Bench.roomy();
            Heard heard =
                    new Heard(new Ask("gone", PROMPT).beams(4, 1, false).maxTokens(50).request());
            Cancellation abort = bench.begin(heard);
            for (int events = 0; events < after; events++) {
                bench.driver.runOne();
            }
            abort.cancel();
            bench.finish();
            assertThat(heard.problem().code()).isEqualTo("request_cancelled");
        }
    }

    @Test
    void aFailedStepLosesNothing() {
        Bench bench = Bench.roomy();
        Ask ask = new Ask("beams", PROMPT).beams(4, 1, false).maxTokens(20).choices(4);
        List<List<Integer>> undisturbed = Bench.roomy().run(ask).ids();
        bench.runner.failSteps(step -> step % 5 == 3);
        assertThat(bench.run(ask).ids()).isEqualTo(undisturbed);
    }

    @Test
    void moreBeamsThanTheVocabularyCanFeedAreRefused() {
        Bench bench = new Bench(toy -> toy.vocabulary(VOCABULARY).fullAttention(16, 100));
        Heard heard = bench.run(new Ask("wide", PROMPT).beams(21, 1, false));
        assertThat(heard.problem().parameter()).contains("n");
        assertThat(heard.problem().message()).contains("at most 20");
        assertThat(bench.run(new Ask("fits", PROMPT).beams(20, 1, false)).problem()).isNull();
    }
}
