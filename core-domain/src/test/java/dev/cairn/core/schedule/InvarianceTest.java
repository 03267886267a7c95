package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.block.PrefixCaching;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.ports.request.GenerationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** A request's answer is the same alone and in any company, however it is cut and interrupted. */
class InvarianceTest {

    private static final int LENGTH = 60;

    private static final Coverage COVERAGE = new Coverage();

    /** Where no answer was forced, interrupted or held to a format, the tests here show little. */
    @AfterAll
    static void theMixesWereMixed() {
        COVERAGE.report("InvarianceTest");
        assertThat(COVERAGE.requests()).isGreaterThan(2_000);
        assertThat(COVERAGE.ofFormats()).isGreaterThan(300);
        assertThat(COVERAGE.preemptions()).isGreaterThan(1_000);
        assertThat(COVERAGE.accepted()).isGreaterThan(2_000);
        assertThat(COVERAGE.refusedGuesses()).isGreaterThan(1_000);
    }

    @RepeatedTest(150)
    void anyMixGivesEveryRequestTheAnswerThatItGetsAlone(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Model model = Model.of(random);
        List<Heard> alone = model.alone(random, 12);
        Bench bench = model.narrow(alone);
        List<Heard> heard = new ArrayList<>();
        for (Heard one : alone) {
            heard.add(bench.submit(one.request()));
            for (int events = random.nextInt(6); events > 0; events--) {
                bench.driver.runOne();
            }
        }
        bench.finish();
        for (int i = 0; i < heard.size(); i++) {
            assertThat(heard.get(i).answer())
                    .as("seed %d, request %d", seed, i)
                    .isEqualTo(alone.get(i).answer());
        }
        COVERAGE.add(bench, heard);
    }

    @Test
    void fiftyPreemptionsLoseNoToken() {
        // 12 blocks of 4 tokens for 8 sequences that grow to 40 tokens each.
        Bench bench = new Bench(toy -> toy.fullAttention(4, 12).perStep(16, 8, 8));
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            heard.add(
                    bench.submit(
                            new Ask("request " + i, Ask.prompt(i, 4)).maxTokens(36).arrival(i)));
        }
        bench.finish();
        assertThat(bench.counter("vllm:num_preemptions_total{toy}")).isGreaterThanOrEqualTo(50);
        for (Heard one : heard) {
            assertThat(one.ids()).isEqualTo(alone(one.request()).ids());
        }
    }

    @RepeatedTest(40)
    void stepsThatFailChangeNoAnswer(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Model model = Model.of(random);
        List<Heard> alone = model.alone(random, 8);
        Bench bench = model.narrow(alone);
        double share = 0.3 * random.nextDouble();
        Random fate = new Random(seed + 1);
        bench.runner.failSteps(_ -> fate.nextDouble() < share);
        List<Heard> heard = new ArrayList<>();
        for (Heard one : alone) {
            heard.add(bench.submit(one.request()));
        }
        bench.finish();
        for (int i = 0; i < heard.size(); i++) {
            if (heard.get(i).problem() == null) {
                assertThat(heard.get(i).answer())
                        .as("seed %d", seed)
                        .isEqualTo(alone.get(i).answer());
            } else {
                assertThat(heard.get(i).problem().code()).isIn("engine_failure", "invalid_value");
            }
        }
        COVERAGE.add(bench, heard);
    }

    @RepeatedTest(40)
    void oneStepThatFailsFailsNoRequest(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Model model = Model.of(random);
        List<Heard> alone = model.alone(random, 8);
        Bench bench = model.narrow(alone);
        int failing = random.nextInt(60);
        bench.runner.failSteps(step -> step == failing);
        List<Heard> heard = new ArrayList<>();
        for (Heard one : alone) {
            heard.add(bench.submit(one.request()));
        }
        bench.finish();
        for (int i = 0; i < heard.size(); i++) {
            assertThat(heard.get(i).answer()).as("seed %d", seed).isEqualTo(alone.get(i).answer());
        }
        COVERAGE.add(bench, heard);
    }

    @Test
    void thirtyTwoRequestsShareSteps() {
        Bench bench = new Bench(toy -> toy.fullAttention(16, 400).perStep(128, 64, 64));
        Random random = new Random(7);
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            heard.add(
                    bench.submit(
                            new Ask("request " + i, Ask.prompt(i, 1 + random.nextInt(40)))
                                    .maxTokens(30)
                                    .temperature(i % 2)
                                    .seed(i)
                                    .arrival(i)));
        }
        bench.finish();
        assertThat(bench.log.steps()).anyMatch(step -> step.decodeTokens() >= 32);
        assertThat(bench.log.steps())
                .anyMatch(step -> step.decodeTokens() > 0 && step.prefillTokens() > 0);
        for (Heard one : heard) {
            assertThat(one.ids()).isEqualTo(alone(one.request()).ids());
        }
    }

    private static Heard alone(GenerationRequest request) {
        Bench bench = Bench.roomy();
        Heard heard = bench.submit(request);
        bench.finish();
        return heard;
    }

    /**
     * One model, served by an engine with few blocks and small steps, and by one with room for
     * everything, which computes every prompt in one piece.
     */
    private record Model(int window, Random random) {

        static Model of(Random random) {
            return new Model(1 + random.nextInt(40), random);
        }

        /**
         * @param answers that speculation may know of
         */
        Bench narrow(List<Heard> answers) {
            VirtualDriver driver = new VirtualDriver();
            SpeculationSettings speculation =
                    switch (random.nextInt(6)) {
                        case 0 -> SpeculationSettings.OFF;
                        case 1, 2 -> Drafts.any(random, driver, window);
                        default -> Oracle.any(random, answers);
                    };
            int blockTokens = 1 + random.nextInt(8);
            int enough = LENGTH / blockTokens + 2;
            int windowTokens = 1 + random.nextInt(8);
            int enoughForWindow = Math.ceilDiv(window, windowTokens) + 1;
            return new Bench(
                    toy ->
                            toy.fullAttention(blockTokens, enough + random.nextInt(2 * enough))
                                    .window(
                                            window,
                                            windowTokens,
                                            enoughForWindow + random.nextInt(3 * enoughForWindow))
                                    .perStep(
                                            4 + random.nextInt(40),
                                            1 + random.nextInt(10),
                                            1 + random.nextInt(20)),
                    new SchedulerSettings(
                                    LENGTH,
                                    1 + random.nextInt(12),
                                    1 + random.nextInt(30),
                                    1000,
                                    1 << 20)
                            .with(random.nextBoolean() ? PrefixCaching.ON : PrefixCaching.OFF)
                            .withStepStretch(random.nextBoolean() ? 0 : 1.1 + random.nextInt(4))
                            .with(speculation),
                    driver,
                    _ -> TierChain.NONE);
        }

        /** So many requests, each with the answer that it gets alone and unguessed. */
        List<Heard> alone(Random random, int requests) {
            List<Heard> heard = new ArrayList<>();
            for (int i = 0; i < requests; i++) {
                heard.add(alone(Ask.any(random, "request " + i, LENGTH).arrival(i).request()));
            }
            return heard;
        }

        Heard alone(GenerationRequest request) {
            Bench bench =
                    new Bench(
                            toy ->
                                    toy.fullAttention(16, 100)
                                            .window(window, 16, 100)
                                            .perStep(1024, 64, 1024),
                            SchedulerSettings.forModelLength(LENGTH));
            Heard heard = bench.submit(request);
            bench.finish();
            return heard;
        }
    }
}
