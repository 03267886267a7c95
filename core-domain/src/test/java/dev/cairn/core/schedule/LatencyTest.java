package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.schedule.SimulatedWorker.Timed;
import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.engine.simulated.CostModel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How requests slow each other down, in virtual time. */
class LatencyTest {

    private static final int LONG_PROMPT = 4096;
    private static final long ARRIVES = 120_000_000_000L;

    static Stream<CostModel> engines() {
        return Stream.of(SimulatedWorker.CPU, SimulatedWorker.GPU);
    }

    static Stream<Arguments> enginesAndDecodes() {
        return engines()
                .flatMap(
                        costs ->
                                IntStream.of(1, 4, 8, 16, 32)
                                        .mapToObj(answers -> Arguments.of(costs, answers)));
    }

    /**
     * Beside eight answers and more the CPU's arithmetic leaves no more than one part in a hundred:
     * both ratios are the same at 1 + e / u, where e is what a token of the prompt costs beside
     * answers and u what it costs alone; see {@link StepPace}.
     */
    @ParameterizedTest(name = "{1} answers beside the prompt")
    @MethodSource("enginesAndDecodes")
    void aLongPromptAndTheAnswersBesideItTakeAtMostTwiceAsLong(CostModel costs, int answers) {
        for (long seed = 1; seed <= 4; seed++) {
            Ratios ratios = beside(costs, seed, answers);
            assertThat(ratios.firstToken()).as("prompt, seed %d", seed).isLessThanOrEqualTo(2);
            assertThat(ratios.perToken()).as("answers, seed %d", seed).isLessThanOrEqualTo(2);
        }
    }

    /** How many times longer the prompt's first token took, and the slowest answer's tokens. */
    private record Ratios(double firstToken, double perToken) {}

    private static Ratios beside(CostModel costs, long seed, int answers) {
        long arrives = ARRIVES + new SeededRandom(seed).nextInt(1_000_000_000);
        long alone = unloaded(costs, seed, arrives);
        SimulatedWorker worker = new SimulatedWorker(costs, 8000);
        List<Timed> running = running(worker, seed, answers, arrives - alone);
        Timed reading = worker.submit(arrives, ask("long " + seed, LONG_PROMPT, 2));
        worker.driver.runUntil(arrives + 4 * alone);
        SimulatedWorker twin = new SimulatedWorker(costs, 8000);
        List<Timed> undisturbed = running(twin, seed, answers, arrives - alone);
        twin.driver.runUntil(arrives + 4 * alone);
        double slowest = 0;
        for (int i = 0; i < answers; i++) {
            long first = reading.times().getFirst();
            double slower = slowerThan(undisturbed.get(i), running.get(i), arrives, first);
            slowest = Math.max(slowest, slower);
        }
        return new Ratios((double) reading.firstToken() / alone, slowest);
    }

    /**
     * Where a token costs the same alone and beside answers, 1 + e / u is two: half of the time is
     * a prompt's, which then takes twice as long and what it waits for a step to begin and to end.
     */
    @ParameterizedTest
    @ValueSource(ints = {4, 8, 32})
    void whereATokenAlwaysCostsTheSameBothTakeTwiceAsLong(int answers) {
        CostModel linear = CostModel.affine("linear", 0, 4_000_000);
        Ratios ratios = beside(linear, 1, answers);
        assertThat(ratios.perToken()).isLessThanOrEqualTo(2);
        assertThat(ratios.firstToken()).isBetween(2.0, 2.03);
    }

    private static List<Timed> running(
            SimulatedWorker worker, long seed, int answers, long startNanos) {
        warm(worker, seed);
        SeededRandom random = new SeededRandom(seed);
        List<Timed> running = new ArrayList<>();
        for (int i = 0; i < answers; i++) {
            int prompt = 32 + random.nextInt(64);
            running.add(worker.submit(startNanos, ask("answer " + i, prompt, 6000)));
        }
        return running;
    }

    /** How many times longer the same tokens took that came in this time. */
    private static double slowerThan(Timed undisturbed, Timed timed, long from, long to) {
        int first = (int) timed.tokensUntil(from);
        int last = (int) timed.tokensUntil(to) - 1;
        return (double) (timed.times().get(last) - timed.times().get(first))
                / (undisturbed.times().get(last) - undisturbed.times().get(first));
    }

    @Test
    void withoutABoundAnAnswerStandsStillBesideALongPrompt() {
        SimulatedWorker worker =
                new SimulatedWorker(
                        new VirtualDriver(),
                        "unbounded",
                        SimulatedWorker.CPU,
                        8000,
                        SchedulerSettings.forModelLength(8192).withStepStretch(0));
        Timed answer = worker.submit(0, ask("answer", 64, 6000));
        Timed reading = worker.submit(ARRIVES, ask("long", LONG_PROMPT, 2));
        worker.finish();
        double before = answer.betweenTokens(0, ARRIVES);
        double beside = answer.betweenTokens(ARRIVES, reading.times().getFirst());
        assertThat(beside / before).as("the test above can fail").isGreaterThan(10);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void manyPromptsTogetherAreReadAboutAsFastAsWithoutABound(CostModel costs) {
        double bounded = timeForMany(costs, SchedulerSettings.USUAL_STRETCH);
        assertThat(bounded / timeForMany(costs, 0)).isLessThan(1.1);
    }

    private static long timeForMany(CostModel costs, double stretch) {
        SimulatedWorker worker =
                new SimulatedWorker(
                        new VirtualDriver(),
                        "many",
                        costs,
                        8000,
                        SchedulerSettings.forModelLength(8192).withStepStretch(stretch));
        for (int i = 0; i < 200; i++) {
            worker.submit(0, ask("prompt " + i, 200, 20));
        }
        return worker.finish().driver.nanos();
    }

    @Test
    void whoIsAbortedIsInNoFurtherStep() {
        SimulatedWorker worker = new SimulatedWorker(SimulatedWorker.GPU, 8000);
        Timed gone = worker.submit(0, ask("gone", LONG_PROMPT, 2));
        Timed stays = worker.submit(0, ask("stays", 10, 100));
        worker.driver.schedule(30_000_000, gone::abort);
        worker.finish();
        long step = worker.log.steps().stream().mapToLong(StepRecord::nanos).max().orElseThrow();
        assertThat(gone.endNanos()).isBetween(30_000_000L, 30_000_000 + step);
        assertThat(stays.heard().problem()).isNull();
        assertThat(worker.backend.load().usedBlocks()).isZero();
    }

    @Test
    void whoWaitsBeyondHisDeadlineIsRefusedAtTheNextStep() {
        SimulatedWorker worker = new SimulatedWorker(SimulatedWorker.GPU, 300);
        worker.submit(0, ask("running", 4000, 200));
        Timed late = worker.submit(1, ask("late", 4000, 2).deadline(200_000_000));
        Timed patient = worker.submit(2, ask("patient", 4000, 2).deadline(60_000_000_000L));
        worker.finish();
        assertThat(late.heard().problem().code()).isEqualTo("deadline_exceeded");
        long step = worker.log.steps().stream().mapToLong(StepRecord::nanos).max().orElseThrow();
        assertThat(late.endNanos()).isBetween(200_000_000L, 200_000_000 + step);
        assertThat(patient.heard().problem()).isNull();
    }

    @Test
    void nobodyStarvesAndNobodyIsPreemptedForEver() {
        for (long seed = 1; seed <= 5; seed++) {
            var random = new SeededRandom(seed);
            // Blocks for five or so of the sixty that would like to run.
            SimulatedWorker worker = new SimulatedWorker(SimulatedWorker.GPU, 300);
            int asked = 0;
            for (int i = 0; i < 200; i++) {
                int prompt = 20 + random.nextInt(1000);
                int answer = 20 + random.nextInt(1000);
                asked += prompt + answer;
                worker.submit(
                        i * 10_000_000L,
                        ask("request " + i, prompt, answer).tenant("tenant " + i % 3));
            }
            worker.finish();
            assertThat(worker.all())
                    .as("seed %d", seed)
                    .allMatch(timed -> timed.heard().problem() == null);
            double computed =
                    worker.log.steps().stream()
                            .mapToLong(step -> step.prefillTokens() + step.decodeTokens())
                            .sum();
            double preemptions = worker.telemetry.counter("vllm:num_preemptions_total{toy}");
            assertThat(preemptions).as("seed %d: it has to preempt", seed).isPositive();
            assertThat(preemptions / 200).as("seed %d: preemptions", seed).isLessThan(3);
            assertThat(computed / asked).as("seed %d: computed again", seed).isLessThan(2);
        }
    }

    /** Time to the first token of the long prompt on an engine that does nothing else. */
    private static long unloaded(CostModel costs, long seed, long arrives) {
        SimulatedWorker worker = new SimulatedWorker(costs, 8000);
        warm(worker, seed);
        Timed alone = worker.submit(arrives, ask("alone", LONG_PROMPT, 2));
        worker.finish();
        return alone.firstToken();
    }

    /** An engine that has served before. */
    private static void warm(SimulatedWorker worker, long seed) {
        SeededRandom random = new SeededRandom(seed);
        for (int i = 0; i < 20; i++) {
            int prompt = 200 + random.nextInt(200);
            worker.submit(i * 50_000_000L, ask("warm " + i, prompt, 20));
        }
    }

    private static Ask ask(String id, int prompt, int answer) {
        return new Ask(id, Ask.prompt(id.hashCode(), prompt)).maxTokens(answer);
    }
}
