package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.schedule.SimulatedWorker.Timed;
import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.engine.simulated.CostModel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How requests slow each other down, in virtual time. */
class LatencyTest {

    private static final int LONG_PROMPT = 4096;
    private static final long ARRIVES = 120_000_000_000L;

    static Stream<CostModel> engines() {
        return Stream.of(SimulatedWorker.CPU, SimulatedWorker.GPU);
    }

    /**
     * An engine that must read its weights for every step has time for a prompt beside any number
     * of answers. Where arithmetic bounds both, as on a CPU beside eight answers and more, a prompt
     * that gets half of every step takes twice as long and what small chunks cost more.
     */
    static Stream<Arguments> enginesAndDecodes() {
        return Stream.of(
                Arguments.of(SimulatedWorker.CPU, 1, 2.0),
                Arguments.of(SimulatedWorker.CPU, 4, 2.0),
                Arguments.of(SimulatedWorker.CPU, 8, 2.3),
                Arguments.of(SimulatedWorker.CPU, 32, 2.3),
                Arguments.of(SimulatedWorker.GPU, 1, 2.0),
                Arguments.of(SimulatedWorker.GPU, 4, 2.0),
                Arguments.of(SimulatedWorker.GPU, 16, 2.0),
                Arguments.of(SimulatedWorker.GPU, 32, 2.0));
    }

    @ParameterizedTest(name = "{1} answers beside the prompt")
    @MethodSource("enginesAndDecodes")
    void aLongPromptAndTheAnswersBesideItTakeAtMostTwiceAsLong(
            CostModel costs, int answers, double bound) {
        long alone = unloaded(costs);
        SimulatedWorker worker = new SimulatedWorker(costs, 8000);
        warm(worker);
        List<Timed> running = new ArrayList<>();
        for (int i = 0; i < answers; i++) {
            running.add(worker.submit(ARRIVES - alone, ask("answer " + i, 64, 6000)));
        }
        Timed reading = worker.submit(ARRIVES, ask("long", LONG_PROMPT, 2));
        worker.driver.runUntil(ARRIVES + 4 * alone);
        long first = reading.times().getFirst();
        assertThat((double) (first - ARRIVES) / alone).as("the prompt").isLessThanOrEqualTo(bound);
        for (Timed timed : running) {
            double before = timed.betweenTokens(ARRIVES - alone / 2, ARRIVES);
            double beside = timed.betweenTokens(ARRIVES, first);
            assertThat(beside / before).as("time per token").isLessThanOrEqualTo(2);
        }
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
    private static long unloaded(CostModel costs) {
        SimulatedWorker worker = new SimulatedWorker(costs, 8000);
        warm(worker);
        Timed alone = worker.submit(ARRIVES, ask("alone", LONG_PROMPT, 2));
        worker.finish();
        return alone.firstToken();
    }

    /** An engine that has served before. */
    private static void warm(SimulatedWorker worker) {
        for (int i = 0; i < 20; i++) {
            worker.submit(i * 50_000_000L, ask("warm " + i, 300, 20));
        }
    }

    private static Ask ask(String id, int prompt, int answer) {
        return new Ask(id, Ask.prompt(id.hashCode(), prompt)).maxTokens(answer);
    }
}
