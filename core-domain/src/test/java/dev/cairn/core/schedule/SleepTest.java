package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.engine.Sleeper;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An engine that sleeps holds nothing, and answers the same once it is awake. */
class SleepTest {

    private static final int[] PROMPT = Ask.prompt(1, 40);

    private final Bench bench = Bench.roomy();
    private final Sleeper sleeper = bench.backend.sleeper().orElseThrow();
    private final List<String> heard = new ArrayList<>();

    private Completion<Void> hear(String what) {
        return new Completion<>() {
            @Override
            public void completed(Void nothing) {
                heard.add(what);
            }

            @Override
            public void failed(Throwable failure) {
                RequestProblem problem = ((RequestRefused) failure).problem();
                assertThat(problem.category()).isEqualTo(Category.UNAVAILABLE);
                heard.add(what + ": " + problem.code());
            }
        };
    }

    @Test
    void tokensAfterWakingAreTheSameAndNothingIsCached() {
        Heard before = bench.run(new Ask("before", PROMPT));
        assertThat(bench.run(new Ask("warm", PROMPT)).usage().cachedTokens()).isPositive();
        sleeper.sleep(SleepMode.ABORT, hear("slept"));
        bench.driver.runUntilIdle();
        assertThat(heard).containsExactly("slept");
        assertThat(bench.runner.isAsleep()).isTrue();
        assertThat(sleeper.isAsleep()).isTrue();
        assertThat(bench.backend.cachedBlocks(0)).isEmpty();
        assertThat(bench.cache.of(0)).isEmpty();
        RequestProblem refused = bench.run(new Ask("asleep", PROMPT)).problem();
        assertThat(refused.code()).isEqualTo("asleep");
        assertThat(refused.retryAfterMillis()).isPresent();
        sleeper.wake(hear("woken"));
        bench.driver.runUntilIdle();
        assertThat(heard).containsExactly("slept", "woken");
        assertThat(sleeper.isAsleep()).isFalse();
        Heard after = bench.run(new Ask("after", PROMPT));
        assertThat(after.ids()).isEqualTo(before.ids());
        assertThat(after.usage().cachedTokens()).isZero();
    }

    @ParameterizedTest
    @EnumSource(SleepMode.class)
    void runningRequestsEndAsTheModeSays(SleepMode mode) {
        Heard alone = Bench.roomy().run(new Ask("alone", PROMPT).maxTokens(30).choices(2));
        Heard beams = Bench.roomy().run(new Ask("alone", PROMPT).maxTokens(9).beams(3, 1, false));
        Heard running = bench.submit(new Ask("running", PROMPT).maxTokens(30).choices(2));
        Heard searching = bench.submit(new Ask("search", PROMPT).maxTokens(9).beams(3, 1, false));
        while (bench.runner.batches().size() < 6) {
            bench.driver.runOne();
        }
        sleeper.sleep(mode, hear("slept"));
        bench.driver.runUntilIdle();
        assertThat(heard).containsExactly("slept");
        assertThat(running.isOver()).isEqualTo(mode != SleepMode.KEEP);
        assertThat(bench.backend.load().usedBlocks()).isZero();
        sleeper.wake(hear("woken"));
        bench.finish();
        if (mode == SleepMode.ABORT) {
            assertThat(running.problem().code()).isEqualTo("asleep");
            assertThat(searching.problem().code()).isEqualTo("asleep");
        } else {
            assertThat(running.ids()).isEqualTo(alone.ids());
            assertThat(searching.ids()).isEqualTo(beams.ids());
        }
    }

    @Test
    void aRunnerThatCannotWakeSleepsOnAndCanBeWokenLater() {
        sleeper.sleep(SleepMode.ABORT, hear("slept"));
        bench.driver.runUntilIdle();
        bench.runner.failWakes(1);
        sleeper.wake(hear("woken"));
        Heard hopeful = bench.submit(new Ask("hopeful", PROMPT));
        bench.finish();
        assertThat(heard).containsExactly("slept", "woken: wake_failed");
        assertThat(hopeful.problem().code()).isEqualTo("wake_failed");
        assertThat(hopeful.problem().message()).contains("the weights are gone");
        assertThat(sleeper.isAsleep()).isTrue();
        sleeper.wake(hear("woken"));
        Heard served = bench.submit(new Ask("served", PROMPT));
        bench.finish();
        assertThat(heard).endsWith("woken");
        assertThat(served.problem()).isNull();
    }

    @Test
    void sleepAndWakeMayCrossEachOther() {
        bench.submit(new Ask("running", PROMPT).maxTokens(30));
        bench.driver.runOne();
        sleeper.sleep(SleepMode.WAIT, hear("waits"));
        bench.driver.runOne();
        sleeper.wake(hear("awake"));
        bench.driver.runOne();
        assertThat(heard).containsExactly("waits: woken", "awake");
        sleeper.sleep(SleepMode.WAIT, hear("waits"));
        sleeper.sleep(SleepMode.ABORT, hear("aborts"));
        bench.finish();
        sleeper.sleep(SleepMode.ABORT, hear("again"));
        bench.driver.runUntilIdle();
        assertThat(heard.subList(2, 5)).containsExactly("waits", "aborts", "again");
        sleeper.wake(hear("one"));
        sleeper.sleep(SleepMode.ABORT, hear("late"));
        sleeper.wake(hear("two"));
        bench.driver.runUntilIdle();
        assertThat(heard.subList(5, 8)).containsExactly("late: waking", "one", "two");
    }

    @Test
    void whoWaitsForSleepHearsOfTheEnd() {
        bench.submit(new Ask("running", PROMPT).maxTokens(30));
        bench.driver.runOne();
        sleeper.sleep(SleepMode.WAIT, hear("slept"));
        bench.driver.runOne();
        bench.backend.close();
        bench.driver.runUntilIdle();
        assertThat(heard).containsExactly("slept: shutting_down");
    }
}
