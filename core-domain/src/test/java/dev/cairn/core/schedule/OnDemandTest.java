package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.cache.TierChain;
import dev.cairn.core.demand.DemandDesk;
import dev.cairn.core.demand.DemandSettings;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers.Cancellation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/**
 * Models that share one memory: a request finds its model, and never more are awake than may be.
 */
class OnDemandTest {

    private static final int[] PROMPT = Ask.prompt(1, 40);
    private static final Completion<Void> NOBODY =
            new Completion<>() {
                @Override
                public void completed(Void nothing) {}

                @Override
                public void failed(Throwable failure) {}
            };

    private final VirtualDriver driver = new VirtualDriver();
    private final RecordedTelemetry telemetry = new RecordedTelemetry();
    private final List<Bench> benches = new ArrayList<>();
    private final List<GenerationBackend> models = new ArrayList<>();
    private DemandDesk desk;

    private void serve(int count, int mostAwake, Duration idle) {
        desk = new DemandDesk(new DemandSettings(mostAwake, idle, 100), driver, driver, telemetry);
        for (int i = 0; i < count; i++) {
            Bench bench =
                    new Bench(
                            toy -> toy.fullAttention(16, 1000),
                            SchedulerSettings.forModelLength(1 << 20),
                            driver,
                            _ -> TierChain.NONE);
            if (i >= mostAwake) {
                bench.backend.sleeper().orElseThrow().sleep(SleepMode.ABORT, NOBODY);
            }
            benches.add(bench);
            driver.runUntilIdle();
            models.add(desk.add(bench.backend));
        }
        driver.runUntilIdle();
    }

    private Heard submit(int model, Ask ask) {
        Heard heard = new Heard(ask.request());
        models.get(model).generate(heard.request(), heard);
        return heard;
    }

    private long awake() {
        return benches.stream().filter(bench -> !bench.runner.isAsleep()).count();
    }

    @Test
    void aRequestWakesItsModelAndTheOneUsedLongestAgoGivesWay() {
        List<List<Integer>> alone = Bench.roomy().run(new Ask("alone", PROMPT)).ids();
        serve(3, 2, Duration.ZERO);
        for (int model : List.of(0, 1, 2)) {
            Heard heard = submit(model, new Ask("r" + model, PROMPT));
            driver.runUntilIdle();
            assertThat(heard.ids()).isEqualTo(alone);
        }
        assertThat(benches.get(0).runner.isAsleep()).isTrue();
        assertThat(benches.get(1).runner.isAsleep()).isFalse();
        assertThat(telemetry.counter("cairn:model_wakings_total{toy,awake}")).isEqualTo(1);
    }

    @Test
    void twoBusyModelsTakeTurns() {
        serve(2, 1, Duration.ZERO);
        List<Heard> heard = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            heard.add(submit(i % 2, new Ask("r" + i, PROMPT).maxTokens(30)));
            for (int step = 0; step < 40; step++) {
                driver.runOne();
                assertThat(awake()).isLessThanOrEqualTo(1);
            }
        }
        driver.runUntilIdle();
        assertThat(heard).allMatch(request -> request.usage() != null);
        benches.forEach(Bench::assertNothingHeld);
    }

    @Test
    void whoeverIsIdleLongEnoughSleeps() {
        serve(1, 1, Duration.ofMinutes(5));
        Heard first = submit(0, new Ask("first", PROMPT));
        driver.runUntil(driver.nanos() + Duration.ofMinutes(4).toNanos());
        assertThat(first.isOver()).isTrue();
        submit(0, new Ask("second", PROMPT));
        driver.runUntil(driver.nanos() + Duration.ofMinutes(4).toNanos());
        assertThat(awake()).isEqualTo(1);
        driver.runUntil(driver.nanos() + Duration.ofMinutes(2).toNanos());
        assertThat(awake()).isZero();
        Heard third = submit(0, new Ask("third", PROMPT));
        driver.runUntilIdle();
        assertThat(third.ids()).isEqualTo(first.ids());
    }

    @Test
    void anAdministratorsSleepEndsWithTheNextRequest() {
        serve(1, 1, Duration.ZERO);
        models.getFirst().sleeper().orElseThrow().sleep(SleepMode.ABORT, NOBODY);
        driver.runUntilIdle();
        assertThat(awake()).isZero();
        assertThat(models.getFirst().unreadyBecause()).isEmpty();
        Heard heard = submit(0, new Ask("r", PROMPT));
        driver.runUntilIdle();
        assertThat(heard.usage()).isNotNull();
    }

    @Test
    void whoWaitsCanGoAndIsRefusedAtItsDeadlineAndAtTheEnd() {
        serve(2, 1, Duration.ZERO);
        submit(0, new Ask("long", PROMPT).maxTokens(500));
        driver.runOne();
        driver.runOne();
        Heard gone = new Heard(new Ask("gone", PROMPT).request());
        Cancellation cancellation = models.get(1).generate(gone.request(), gone);
        Heard late = submit(1, new Ask("late", PROMPT).deadline(driver.nanos() + 5_000_000));
        Heard patient = submit(1, new Ask("patient", PROMPT));
        cancellation.cancel();
        driver.runUntil(driver.nanos() + 10_000_000);
        assertThat(gone.problem().category()).isEqualTo(Category.CANCELLED);
        assertThat(late.problem().code()).isEqualTo("deadline_exceeded");
        assertThat(patient.isOver()).isFalse();
        desk.close();
        driver.runUntilIdle();
        assertThat(patient.problem().code()).isEqualTo("shutting_down");
    }

    @RepeatedTest(50)
    void whateverIsAskedEveryRequestEndsOnceAndMemoryIsNeverExceeded(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        int most = 1 + random.nextInt(2);
        serve(4, most, random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(20));
        List<Heard> heard = new ArrayList<>();
        List<Cancellation> open = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            Heard request =
                    new Heard(
                            new Ask("r" + i, Ask.prompt(i, 1 + random.nextInt(60)))
                                    .maxTokens(1 + random.nextInt(20))
                                    .request());
            heard.add(request);
            open.add(models.get(random.nextInt(4)).generate(request.request(), request));
            if (random.nextInt(5) == 0) {
                open.get(random.nextInt(open.size())).cancel();
            }
            for (int step = random.nextInt(30); step > 0; step--) {
                driver.runOne();
                assertThat(awake()).as("seed %d", seed).isLessThanOrEqualTo(most);
            }
        }
        driver.runUntilIdle();
        assertThat(heard).as("seed %d", seed).allMatch(Heard::isOver);
        benches.forEach(Bench::assertNothingHeld);
    }
}
