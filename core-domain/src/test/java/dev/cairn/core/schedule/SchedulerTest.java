package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SchedulerTest {

    @Test
    void anAnswerEndsWithItsBudget() {
        Heard heard = Bench.roomy().run(new Ask("a", 10, 11, 12).maxTokens(7));
        assertThat(heard.ids(0)).hasSize(7);
        assertThat(heard.end(0).reason()).isEqualTo(FinishReason.LENGTH);
        assertThat(heard.usage()).isEqualTo(new Usage(3, 7, 0, 0));
    }

    @Test
    void anAnswerEndsWithTheContext() {
        Bench bench = new Bench(toy -> toy.fullAttention(4, 100).maxPositions(12));
        Heard heard = bench.run(new Ask("a", 10, 11, 12).maxTokens(100));
        assertThat(heard.ids(0)).hasSize(9);
        assertThat(heard.end(0).cause()).isEqualTo(new StopCause.Budget());
    }

    @Test
    void stopTokensAndEndsStopAndAreCounted() {
        List<Integer> ids = Bench.roomy().run(new Ask("a", 10, 11)).ids(0);
        Heard stopped = Bench.roomy().run(new Ask("a", 10, 11).stopIds(ids.get(3)));
        assertThat(stopped.ids(0)).isEqualTo(ids.subList(0, 4));
        assertThat(stopped.end(0).cause()).isEqualTo(new StopCause.StopToken(ids.get(3)));
        Heard ended = Bench.roomy().run(new Ask("a", 10, 11).endIds(ids.get(5)));
        assertThat(ended.ids(0)).isEqualTo(ids.subList(0, 6));
        assertThat(ended.end(0).cause()).isEqualTo(new StopCause.EndOfSequence());
        assertThat(ended.end(0).reason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void aStopStringEndsWithTheTokenThatCompletesIt() {
        Ask ask =
                new Ask("a", 10, 11)
                        .temperature(1)
                        .maxTokens(100)
                        .allowed(ByteCodec.FIRST_BYTE + 'a', ByteCodec.FIRST_BYTE + 'b');
        List<Integer> ids = Bench.roomy().run(ask).ids(0);
        String text = new ByteCodec(false).decode(toArray(ids), true);
        int end = text.indexOf("abba") + 4;
        assertThat(end).isGreaterThan(4);
        Heard heard = Bench.roomy().run(ask.stop("abba"));
        assertThat(heard.ids(0)).isEqualTo(ids.subList(0, end));
        assertThat(heard.end(0).cause()).isEqualTo(new StopCause.StopString("abba"));
    }

    @Test
    void minTokensAndBadWordsAndAllowedTokensHold() {
        Bench bench = Bench.roomy();
        Heard heard =
                bench.run(
                        new Ask("a", 10)
                                .temperature(1.5f)
                                .maxTokens(60)
                                .minTokens(40)
                                .allowed(20, 21, 22, 23)
                                .stopIds(20)
                                .badWords(List.of(List.of(21), List.of(22, 23))));
        List<Integer> ids = heard.ids(0);
        assertThat(ids).doesNotContain(21).isSubsetOf(20, 22, 23);
        assertThat(ids.subList(0, 40)).doesNotContain(20).contains(22, 23);
        for (int i = 1; i < ids.size(); i++) {
            assertThat(ids.subList(i - 1, i + 1)).isNotEqualTo(List.of(22, 23));
        }
    }

    @Test
    void choicesDifferAndTheirSeedsRepeatThem() {
        Ask ask = new Ask("a", Ask.prompt(1, 30)).choices(4).temperature(1).seed(42);
        Heard first = Bench.roomy().run(ask);
        assertThat(first.ids()).doesNotHaveDuplicates();
        assertThat(Bench.roomy().run(ask).ids()).isEqualTo(first.ids());
        assertThat(first.usage().promptTokens()).isEqualTo(30);
        assertThat(first.usage().completionTokens()).isEqualTo(40);
    }

    @Test
    void choicesShareThePromptsBlocks() {
        Bench bench = Bench.roomy();
        bench.run(new Ask("a", Ask.prompt(1, 100)).choices(8).temperature(1));
        // Each further choice computes the last prompt token again, for its own first choice.
        assertThat(bench.counter("cairn:computed_tokens_total{toy,prefill}")).isEqualTo(107);
        assertThat(bench.counter("cairn:computed_tokens_total{toy,decode}")).isEqualTo(72);
        assertThat(bench.counter("vllm:prompt_tokens_total{toy}")).isEqualTo(100);
    }

    @Test
    void promptLogprobsCoverEveryTokenButTheFirst() {
        Bench bench = new Bench(toy -> toy.fullAttention(4, 100).perStep(16, 4, 5));
        int[] prompt = Ask.prompt(3, 23);
        Heard heard = bench.run(new Ask("a", prompt).promptLogprobs(2).logprobs(1));
        List<GeneratedToken> tokens = heard.promptDone().promptTokens();
        assertThat(tokens).hasSize(23);
        assertThat(tokens.getFirst()).isNull();
        for (int i = 1; i < 23; i++) {
            assertThat(tokens.get(i).id()).isEqualTo(prompt[i]);
            assertThat(tokens.get(i).logprob()).isNegative();
            assertThat(tokens.get(i).topIds()).hasSize(2);
        }
        assertThat(heard.tokens(0)).allMatch(token -> token.topIds().length == 1);
    }

    @Test
    void longPromptsAreCutAndDecodesGoOnBesideThem() {
        Bench bench = new Bench(toy -> toy.fullAttention(16, 100).perStep(20, 8, 8));
        bench.submit(new Ask("short", 10, 11).maxTokens(40));
        bench.submit(new Ask("long", Ask.prompt(1, 300)).arrival(1).maxTokens(5));
        bench.finish();
        assertThat(bench.log.steps()).allMatch(s -> s.prefillTokens() + s.decodeTokens() <= 20);
        long mixed =
                bench.log.steps().stream()
                        .filter(step -> step.prefillTokens() == 19 && step.decodeTokens() == 1)
                        .count();
        assertThat(mixed).isGreaterThanOrEqualTo(14);
    }

    @Test
    void aPromptThatFillsTheEngineIsRefusedAtOnce() {
        Bench bench = new Bench(toy -> toy.fullAttention(4, 10));
        assertThat(bench.backend.description().maxModelLength()).isEqualTo(40);
        Heard heard = bench.run(new Ask("a", Ask.prompt(1, 40)));
        assertThat(heard.problem().code()).isEqualTo("context_length_exceeded");
        assertThat(heard.problem().message()).contains("40");
        assertThat(bench.runner.batches()).isEmpty();
    }

    @Test
    void aFullQueueAnswersWithATimeToComeBack() {
        Bench bench = new Bench(toy -> toy.fullAttention(4, 10).perStep(8, 1, 1), queueOf(2));
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            heard.add(bench.submit(new Ask("request " + i, 10, 11).arrival(i)));
            bench.driver.runOne();
        }
        bench.finish();
        assertThat(heard.subList(0, 3)).allMatch(one -> one.problem() == null);
        for (Heard refused : heard.subList(3, 5)) {
            assertThat(refused.problem().category()).isEqualTo(Category.OVERLOADED);
            assertThat(refused.problem().retryAfterMillis()).isPresent();
        }
    }

    @Test
    void aBetterPriorityTakesThePlaceOfAWorseInAFullQueue() {
        Bench bench = new Bench(toy -> toy.fullAttention(4, 10).perStep(8, 1, 1), queueOf(1));
        Heard running = bench.submit(new Ask("running", 10));
        Heard worse = bench.submit(new Ask("worse", 10).priority(5));
        Heard better = bench.submit(new Ask("better", 10).priority(-1));
        Heard equal = bench.submit(new Ask("equal", 10).priority(-1).arrival(1));
        bench.finish();
        assertThat(running.problem()).isNull();
        assertThat(better.problem()).isNull();
        assertThat(worse.problem().category()).isEqualTo(Category.OVERLOADED);
        assertThat(equal.problem().category()).isEqualTo(Category.OVERLOADED);
    }

    @Test
    void prioritiesRunFirstAndEqualsInTheOrderOfArrival() {
        Bench bench = new Bench(toy -> toy.fullAttention(4, 10).perStep(8, 1, 1));
        List<String> order = new ArrayList<>();
        bench.submit(new Ask("running", 10));
        for (int i = 0; i < 6; i++) {
            Ask ask = new Ask("p" + i % 2 + " a" + i, 10).priority(i % 2).arrival(i);
            bench.backend.generate(
                    ask.request(),
                    event -> {
                        if (event instanceof TokenEvent.PromptDone) {
                            order.add(ask.request().id());
                        }
                    });
        }
        bench.finish();
        assertThat(order).containsExactly("p0 a0", "p0 a2", "p0 a4", "p1 a1", "p1 a3", "p1 a5");
    }

    @Test
    void whatWaitsBeyondItsDeadlineIsRefused() {
        Bench bench = new Bench(toy -> toy.fullAttention(4, 10).perStep(8, 1, 1));
        bench.submit(new Ask("running", 10));
        Heard late = bench.submit(new Ask("late", 10).deadline(3_000_000));
        bench.finish();
        assertThat(late.problem().code()).isEqualTo("deadline_exceeded");
    }

    @Test
    void theIdOfALiveRequestCannotBeUsedAgain() {
        Bench bench = Bench.roomy();
        Heard first = bench.submit(new Ask("same", 10));
        Heard second = bench.submit(new Ask("same", 11));
        bench.finish();
        assertThat(first.problem()).isNull();
        assertThat(second.problem().parameter()).contains("request_id");
        assertThat(bench.run(new Ask("same", 11)).problem()).isNull();
    }

    @Test
    void anAbortTakesEffectWithinOneStep() {
        Bench bench = Bench.roomy();
        Heard gone = new Heard(new Ask("gone", Ask.prompt(1, 20)).maxTokens(400).request());
        Heard stays = bench.submit(new Ask("stays", Ask.prompt(2, 21)).maxTokens(50));
        Cancellation abort = bench.begin(gone);
        while (gone.tokenCount() < 5) {
            bench.driver.runOne();
        }
        int launched = bench.runner.batches().size();
        abort.cancel();
        bench.finish();
        assertThat(gone.problem().category()).isEqualTo(Category.CANCELLED);
        assertThat(stays.problem()).isNull();
        for (int step = launched; step < bench.runner.batches().size(); step++) {
            List<SequenceStep> sequences = bench.runner.batches().get(step).sequences();
            assertThat(sequences).as("step %d after the abort", step).hasSize(1);
        }
    }

    @RepeatedTest(60)
    void aRequestThatIsCancelledAtAnyTimeGivesEveryBlockBack(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Bench bench =
                new Bench(
                        toy ->
                                toy.fullAttention(4, 20 + random.nextInt(40))
                                        .window(9, 4, 20)
                                        .perStep(16, 6, 12),
                        SchedulerSettings.forModelLength(60));
        int everySoOften = 2 + random.nextInt(12);
        bench.runner.failSteps(step -> random.nextInt(everySoOften) == 0);
        for (int i = 0; i < 15; i++) {
            Heard heard = new Heard(Ask.any(random, "request " + i, 60).arrival(i).request());
            Cancellation abort = bench.begin(heard);
            if (random.nextInt(3) > 0) {
                long when = bench.driver.nanos() + random.nextInt(60_000_000);
                bench.driver.schedule(when, abort::cancel);
            }
            for (int events = random.nextInt(8); events > 0; events--) {
                bench.driver.runOne();
            }
        }
        bench.finish();
    }

    @Test
    void aRequestThatBreaksTheEngineFailsAloneAndTheOthersGoOn() {
        Bench bench = new Bench(toy -> toy.fullAttention(4, 100).perStep(64, 8, 8));
        bench.runner.failOnToken(token -> token == 299);
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            heard.add(bench.submit(new Ask("request " + i, 10 + i, 11, 12).arrival(i)));
        }
        Heard poisoned = bench.submit(new Ask("poison", 10, 299, 12).arrival(3));
        bench.finish();
        assertThat(poisoned.problem().category()).isEqualTo(Category.INTERNAL);
        assertThat(poisoned.problem().code()).isEqualTo("engine_failure");
        assertThat(heard).allMatch(one -> one.problem() == null && one.tokenCount() == 10);
        assertThat(bench.counter("cairn:step_failures_total{toy}")).isEqualTo(2);
    }

    @Test
    void anEngineThatAlwaysFailsFailsEveryRequest() {
        Bench bench = Bench.roomy();
        bench.runner.failSteps(_ -> true);
        Heard one = bench.submit(new Ask("one", 10));
        Heard two = bench.submit(new Ask("two", 10).choices(3));
        bench.finish();
        assertThat(one.problem().message()).contains("the toy broke in step");
        assertThat(two.problem().category()).isEqualTo(Category.INTERNAL);
    }

    @Test
    void anEngineThatReportsNonsenseIsNotBelieved() {
        List<List<TokenChoice>> nonsense =
                List.of(
                        List.of(TokenChoice.bare(300)),
                        List.of(TokenChoice.bare(-1)),
                        Collections.singletonList(null),
                        List.of(),
                        List.of(TokenChoice.bare(5), TokenChoice.bare(6)));
        List<Integer> honest = Bench.roomy().run(new Ask("a", 10, 11)).ids(0);
        for (List<TokenChoice> rows : nonsense) {
            Bench bench = Bench.roomy();
            // Once in the middle of the answer.
            bench.runner.distort(
                    result ->
                            bench.runner.batches().size() == 4 ? new StepResult(rows, 0) : result);
            assertThat(bench.run(new Ask("a", 10, 11)).ids(0)).isEqualTo(honest);
            assertThat(bench.counter("cairn:step_failures_total{toy}")).isEqualTo(1);
        }
    }

    @Test
    void aListenerThatFailsLosesItsRequestAndNoOther() {
        Bench bench = Bench.roomy();
        Heard other = bench.submit(new Ask("other", 10));
        bench.backend.generate(
                new Ask("broken", 11).maxTokens(500).request(),
                _ -> {
                    throw new IllegalStateException("on purpose, by the test");
                });
        bench.finish();
        assertThat(other.problem()).isNull();
        assertThat(bench.log.steps()).hasSizeLessThan(20);
    }

    @Test
    void closingFailsWhatIsAliveAndRefusesWhatComes() {
        Bench bench = Bench.roomy();
        Heard running = bench.submit(new Ask("running", 10).maxTokens(500));
        while (running.tokenCount() == 0) {
            bench.driver.runOne();
        }
        bench.backend.close();
        bench.driver.runUntilIdle();
        assertThat(running.problem().category()).isEqualTo(Category.UNAVAILABLE);
        Heard late = bench.submit(new Ask("late", 10));
        assertThat(late.problem().category()).isEqualTo(Category.UNAVAILABLE);
    }

    @Test
    void measuresAreVllmsAndTellTheTruth() {
        Bench bench = Bench.roomy();
        Heard heard = bench.run(new Ask("a", Ask.prompt(1, 20)).maxTokens(6));
        assertThat(heard.usage().completionTokens()).isEqualTo(6);
        assertThat(bench.counter("vllm:prompt_tokens_total{toy}")).isEqualTo(20);
        assertThat(bench.counter("vllm:generation_tokens_total{toy}")).isEqualTo(6);
        assertThat(bench.counter("cairn:computed_tokens_total{toy,prefill}")).isEqualTo(20);
        assertThat(bench.counter("cairn:computed_tokens_total{toy,decode}")).isEqualTo(5);
        assertThat(bench.counter("vllm:request_success_total{toy,length}")).isEqualTo(1);
        // The toy takes 1 ms a step and 10 µs a token.
        assertThat(bench.telemetry.histogram("vllm:time_to_first_token_seconds{toy}"))
                .containsExactly(1.2e-3);
        assertThat(bench.telemetry.histogram("vllm:inter_token_latency_seconds{toy}"))
                .hasSize(5)
                .allMatch(seconds -> seconds == 1.01e-3);
        assertThat(bench.telemetry.gauge("vllm:kv_cache_usage_perc")).isZero();
        assertThat(bench.log.steps()).hasSize(6);
    }

    private static SchedulerSettings queueOf(int requests) {
        return new SchedulerSettings(1000, Integer.MAX_VALUE, Integer.MAX_VALUE, requests, 1 << 20);
    }

    private static int[] toArray(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
