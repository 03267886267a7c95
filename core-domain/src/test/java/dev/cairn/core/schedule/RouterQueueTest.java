package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.fleet.FleetWorker;
import dev.cairn.core.fleet.FleetWorker.Condition;
import dev.cairn.core.fleet.RoutedBackend;
import dev.cairn.core.fleet.WorkerLimits;
import dev.cairn.core.route.policy.LeastLoad;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.ports.engine.GenerationBackend.BackendDescription;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * While all workers have enough to do, requests wait at the router: who is next is decided there,
 * over engines that serve whoever came first.
 */
class RouterQueueTest {

    private static final long MILLI = 1_000_000;
    private static final int WORKERS = 2;

    /** Each takes as long as this at an engine. */
    private static final int PROMPT = 90;

    private static final int ANSWER = 10;
    private static final long SERVICE = MILLI;

    private final VirtualDriver driver = new VirtualDriver(7);
    private final RecordedTelemetry telemetry = new RecordedTelemetry();
    private final List<FirstComeWorker> engines = new ArrayList<>();
    private final List<Heard> all = new ArrayList<>();
    private final List<JsonObject> told = new ArrayList<>();
    private RoutedBackend router = router(usual());

    private static FleetSettings usual() {
        return FleetSettings.usual(16).withPerWorker(new WorkerLimits(2, 1 << 20));
    }

    private RoutedBackend router(FleetSettings settings) {
        engines.clear();
        RoutedBackend made =
                new RoutedBackend(
                        new BackendDescription("fleet", "toy", 1 << 20, "simulated"),
                        settings,
                        new LeastLoad(),
                        driver,
                        driver,
                        driver.random("routing"),
                        telemetry);
        for (int i = 0; i < WORKERS; i++) {
            engines.add(new FirstComeWorker(driver, name(i)));
            made.join(facts(i, Condition.READY), engines.get(i));
        }
        return made;
    }

    private static FleetWorker facts(int worker, Condition condition) {
        return new FleetWorker(name(worker), name(worker), Role.ALL, condition, 5000, "");
    }

    private static String name(int worker) {
        return "worker " + worker;
    }

    private static Ask ask(String id) {
        return new Ask(id, Ask.prompt(id.hashCode(), PROMPT)).maxTokens(ANSWER);
    }

    private Heard submit(Ask ask) {
        Heard heard = new Heard(ask.arrival(driver.nanos()).request());
        begin(heard);
        return heard;
    }

    private Cancellation begin(Heard heard) {
        all.add(heard);
        return router.generate(heard.request(), heard);
    }

    private void submit(int count, String name, int priority) {
        for (int i = 0; i < count; i++) {
            submit(ask(name + i).priority(priority));
        }
    }

    private List<String> asked() {
        return engines.stream().flatMap(engine -> engine.asked().stream()).toList();
    }

    private void finish() {
        driver.runUntilIdle();
        assertThat(all).allMatch(Heard::isOver);
        assertThat(router.bookings()).isZero();
        assertThat(router.load().waiting()).isZero();
        assertThat(router.load().waitingPrefillTokens()).isZero();
    }

    @Test
    void noWorkerGetsMoreThanItsLimitAndAllAreServed() {
        submit(100, "request ", 0);
        driver.runUntil(SERVICE / 2);
        assertThat(asked()).hasSize(2 * WORKERS);
        assertThat(router.load().waiting()).isEqualTo(100 - 2 * WORKERS);
        finish();
        // One whose prompt is read makes room for another; it may answer meanwhile.
        assertThat(engines).allMatch(engine -> engine.longestQueue() <= 3);
        assertThat(all).allMatch(heard -> heard.usage() != null);
        // Not a moment was lost: both were at work until the last had ended.
        assertThat(driver.nanos()).isBetween(50 * SERVICE, 51 * SERVICE + 100 * MILLI);
    }

    @Test
    void tokensAreALimitToo() {
        router = router(FleetSettings.usual(16).withPerWorker(new WorkerLimits(100, 2 * PROMPT)));
        submit(20, "request ", 0);
        driver.runUntil(SERVICE / 2);
        assertThat(asked()).hasSize(2 * WORKERS);
        finish();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void tenTimesTheLoadIsNoLargerShareOverEnginesThatServeWhoeverCameFirst(long seed) {
        Map<String, Integer> served = served(seed, Map.of());
        assertThat(served.get("much") / (double) served.get("little"))
                .as("seed %d: %s", seed, served)
                .isCloseTo(1, within(0.1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sharesFollowTheWeights(long seed) {
        Map<String, Integer> served = served(seed, Map.of("much", 3.0));
        assertThat(served.get("much") / (double) served.get("little"))
                .as("seed %d: %s", seed, served)
                .isCloseTo(3, within(0.3));
    }

    /**
     * Tokens by tenant, while both had requests that waited: one asks for ten times what there is,
     * the other for all of it.
     */
    private Map<String, Integer> served(long seed, Map<String, Double> weights) {
        router = router(usual().withTenantWeights(weights).withWaiting(100_000, MILLI));
        Random random = new Random(seed);
        long until = 300 * MILLI;
        double each = SERVICE / (double) WORKERS;
        for (double at = 0; at < until; at += each / 11) {
            String tenant = random.nextInt(11) == 0 ? "little" : "much";
            long now = (long) at;
            driver.schedule(now, () -> submit(ask(tenant + " " + now).tenant(tenant)));
        }
        driver.runUntil(until);
        Map<String, Integer> served = new HashMap<>();
        for (Heard heard : all) {
            if (heard.usage() != null) {
                served.merge(heard.request().tenant(), PROMPT + 2 * ANSWER, Integer::sum);
            }
        }
        finish();
        return served;
    }

    @Test
    void betterPrioritiesOvertakeAndAreNotHeldBackByWorse() {
        submit(50, "worse ", 1);
        driver.runUntil(SERVICE / 2);
        assertThat(asked()).hasSize(2 * WORKERS);
        // What workers have is of worse priority: it counts for nobody who is better.
        submit(3, "better ", -1);
        driver.runUntil(SERVICE / 2 + MILLI / 100);
        assertThat(asked()).contains("better 0", "better 1", "better 2");
        submit(10, "best ", -2);
        submit(10, "better still ", -1);
        finish();
        assertThat(asked()).hasSize(73);
        for (FirstComeWorker engine : engines) {
            List<String> kinds =
                    engine.asked().stream()
                            .skip(2)
                            .map(id -> id.substring(0, id.lastIndexOf(' ')))
                            .filter(kind -> !kind.equals("better"))
                            .distinct()
                            .toList();
            assertThat(kinds).containsExactly("best", "better still", "worse");
            List<String> order = engine.asked();
            assertThat(order.stream().skip(2).filter(id -> id.startsWith("worse")).findFirst())
                    .hasValueSatisfying(
                            worse ->
                                    assertThat(order.subList(order.indexOf(worse), order.size()))
                                            .allMatch(id -> id.startsWith("worse")));
        }
    }

    @Test
    void whoWaitsBeyondItsDeadlineIsToldThenAndNoWorkerIsAsked() {
        submit(50, "request ", 0);
        driver.runUntil(SERVICE / 2);
        Heard late = submit(ask("late").deadline(3 * MILLI));
        driver.runUntil(3 * MILLI - 1);
        assertThat(late.isOver()).isFalse();
        driver.runUntil(3 * MILLI);
        assertThat(late.problem().category()).isEqualTo(Category.OVERLOADED);
        assertThat(late.problem().code()).isEqualTo("deadline_exceeded");
        assertThat(late.problem().retryAfterMillis().getAsLong()).isBetween(1L, 60_000L);
        finish();
        assertThat(asked()).doesNotContain("late");
    }

    @Test
    void whoCannotBeServedInTimeIsToldAtOnceAndWhen() {
        // How long prompts take is learned first.
        submit(40, "before ", 0);
        driver.runUntilIdle();
        submit(200, "request ", 0);
        long now = driver.nanos();
        Heard hopeless = submit(ask("hopeless").deadline(now + 10 * MILLI));
        Heard patient = submit(ask("patient").deadline(now + 1000 * MILLI));
        driver.runUntil(now + MILLI / 10);
        assertThat(hopeless.problem().code()).isEqualTo("deadline_unreachable");
        // 200 requests before it take two engines 100 ms.
        assertThat(hopeless.problem().retryAfterMillis().getAsLong()).isBetween(60L, 200L);
        assertThat(patient.isOver()).isFalse();
        finish();
        assertThat(patient.usage()).isNotNull();
    }

    @Test
    void cancelledWhileTheyWaitTheyLeaveNoTrace() {
        submit(20, "request ", 0);
        List<Cancellation> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(begin(new Heard(ask("gone " + i).request())));
        }
        driver.runUntil(SERVICE / 2);
        assertThat(router.load().waiting()).isEqualTo(40 - 2 * WORKERS);
        waiting.forEach(Cancellation::cancel);
        driver.runUntil(SERVICE / 2 + 1);
        assertThat(router.load().waiting()).isEqualTo(20 - 2 * WORKERS);
        finish();
        assertThat(asked()).hasSize(20).noneMatch(id -> id.startsWith("gone"));
    }

    @Test
    void inAFullRoomTheWorseAndTheGreedyGiveWay() {
        router = router(usual().withWaiting(6, MILLI));
        for (int i = 0; i < 15; i++) {
            submit(ask("greedy " + i).tenant("greedy"));
        }
        driver.runUntil(SERVICE / 2);
        // Four are at workers and six wait.
        assertThat(all.stream().filter(Heard::isOver)).hasSize(5);
        Heard refused = all.getLast();
        assertThat(refused.problem().code()).isEqualTo("queue_full");
        assertThat(refused.problem().category()).isEqualTo(Category.OVERLOADED);
        assertThat(refused.problem().retryAfterMillis()).isPresent();
        List<Heard> modest = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            modest.add(submit(ask("modest " + i).tenant("modest")));
        }
        Heard worse = submit(ask("worse").priority(5));
        Heard better = submit(ask("better").priority(-5).tenant("greedy"));
        finish();
        assertThat(modest).allMatch(heard -> heard.usage() != null);
        assertThat(better.usage()).isNotNull();
        assertThat(worse.problem().code()).isEqualTo("queue_full");
    }

    @Test
    void explainAndMetricsTellOfTheWait() {
        submit(10, "request ", 0);
        driver.runUntil(SERVICE / 2);
        explain("request 9");
        driver.runUntil(SERVICE / 2 + 1);
        assertThat(JsonWriter.write(told.getFirst()))
                .contains("\"waits\":[{\"for\":\"workers_busy\",\"prompt_tokens_before\":450}]");
        finish();
        explain("request 9");
        driver.runUntilIdle();
        assertThat(JsonWriter.write(told.getLast()))
                .contains("\"prompt_tokens_before\":450,\"ms\":");
        assertThat(telemetry.histogram("cairn:routing_wait_seconds{toy,workers_busy}"))
                .hasSize(10 - 2 * WORKERS);
    }

    private void explain(String request) {
        router.explain(
                request,
                new Completion<>() {
                    @Override
                    public void completed(Optional<JsonObject> story) {
                        told.add(story.orElseThrow());
                    }

                    @Override
                    public void failed(Throwable why) {
                        throw new AssertionError(why);
                    }
                });
    }

    @Test
    void whoWaitsWhenAllWorkersGoIsToldSo() {
        submit(10, "request ", 0);
        driver.runUntil(SERVICE / 2);
        for (int i = 0; i < WORKERS; i++) {
            router.change(facts(i, Condition.DRAINING));
        }
        driver.runUntil(SERVICE / 2 + 1);
        assertThat(all.stream().filter(Heard::isOver)).hasSize(10 - 2 * WORKERS);
        assertThat(all.getLast().problem().code()).isEqualTo("no_worker_ready");
        finish();
    }

    @Test
    void andOneThatComesTakesThem() {
        submit(20, "request ", 0);
        driver.runUntil(SERVICE / 2);
        FirstComeWorker another = new FirstComeWorker(driver, name(2));
        router.join(facts(2, Condition.READY), another);
        driver.runUntil(SERVICE / 2 + 1);
        assertThat(another.asked()).hasSize(2);
        finish();
        assertThat(all).allMatch(heard -> heard.usage() != null);
    }

    /** Requests of any kind, cancelled at any moment, over workers that come and go. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverHappensNothingIsLeft(long seed) {
        Random random = new Random(seed);
        router =
                router(
                        FleetSettings.usual(16)
                                .withPerWorker(
                                        new WorkerLimits(
                                                1 + random.nextInt(4), 1 + random.nextInt(500)))
                                .withWaiting(1 + random.nextInt(60), 20 * MILLI));
        for (int i = 0; i < 400; i++) {
            Ask ask =
                    ask("request " + i).priority(random.nextInt(3)).tenant("t" + random.nextInt(4));
            long at = (long) (random.nextDouble() * 100 * MILLI);
            boolean hasDeadline = random.nextInt(3) == 0;
            long patience = random.nextInt(50) * MILLI;
            long cancelled = random.nextInt(4) == 0 ? random.nextInt(30) * MILLI : -1;
            driver.schedule(
                    at,
                    () -> {
                        Ask arrived = ask.arrival(at);
                        Heard heard =
                                new Heard(
                                        (hasDeadline ? arrived.deadline(at + patience) : arrived)
                                                .request());
                        Cancellation cancel = begin(heard);
                        if (cancelled >= 0) {
                            driver.schedule(at + cancelled, cancel::cancel);
                        }
                    });
        }
        Condition[] conditions = {Condition.READY, Condition.DRAINING, Condition.AWAY};
        for (int i = 0; i < 20; i++) {
            FleetWorker news = facts(random.nextInt(WORKERS), conditions[random.nextInt(3)]);
            driver.schedule((long) (random.nextDouble() * 100 * MILLI), () -> router.change(news));
        }
        finish();
        assertThat(all).hasSize(400);
    }
}
