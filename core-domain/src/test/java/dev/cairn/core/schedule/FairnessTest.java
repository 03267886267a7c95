package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cairn.core.schedule.SimulatedWorker.Timed;
import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.ports.request.RequestProblem.Category;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tenants get of an engine that has not enough for all, in virtual time. */
class FairnessTest {

    private static final long SECOND = 1_000_000_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void tenTimesTheLoadGivesNoMoreThanAnEqualShare(long seed) {
        Map<String, Double> served = share(seed, Map.of(), Map.of("greedy", 3000, "modest", 300));
        assertThat(served.get("greedy") / served.get("modest"))
                .as("seed %d", seed)
                .isCloseTo(1, within(0.1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sharesFollowTheWeights(long seed) {
        Map<String, Double> served =
                share(
                        seed,
                        Map.of("double", 2.0),
                        Map.of("double", 400, "single", 400, "other", 400));
        assertThat(served.get("double") / served.get("single"))
                .as("seed %d", seed)
                .isCloseTo(2, within(0.2));
        assertThat(served.get("other") / served.get("single"))
                .as("seed %d", seed)
                .isCloseTo(1, within(0.1));
    }

    @Test
    void saltsOfOneKeyAreOneTenant() {
        SimulatedWorker worker = worker(new VirtualDriver(), Map.of());
        Map<String, Integer> loads = new HashMap<>();
        for (int salt = 0; salt < 9; salt++) {
            loads.put("salted:" + salt, 100);
        }
        loads.put("plain", 400);
        load(worker, loads, 2 * SECOND);
        Map<String, Double> served = served(worker, SECOND, 2 * SECOND);
        assertThat(served.get("salted") / served.get("plain")).isCloseTo(1, within(0.1));
    }

    @Test
    void whoWasIdleHasSavedNothing() {
        SimulatedWorker worker = worker(new VirtualDriver(), Map.of());
        // One tenant alone for two seconds, then both: from then on they share.
        load(worker, Map.of("early", 500), 0, 4 * SECOND);
        load(worker, Map.of("late", 500), 2 * SECOND, 4 * SECOND);
        worker.finish();
        Map<String, Double> served = served(worker, 2 * SECOND + SECOND / 2, 4 * SECOND);
        assertThat(served.get("late") / served.get("early")).isCloseTo(1, within(0.15));
    }

    @Test
    void whoAsksLittleDoesNotWaitBehindWhoAsksMuch() {
        SimulatedWorker worker = worker(new VirtualDriver(), Map.of());
        for (int i = 0; i < 500; i++) {
            worker.submit(i, ask("much " + i, 100, 100).tenant("much"));
        }
        Timed little = worker.submit(SECOND, ask("little", 100, 10).tenant("little"));
        worker.finish();
        long ahead =
                worker.all().stream()
                        .filter(timed -> timed != little && timed.times().getFirst() > SECOND)
                        .filter(timed -> timed.times().getFirst() < little.times().getFirst())
                        .count();
        assertThat(ahead).isLessThanOrEqualTo(64);
    }

    @Test
    void prioritiesComeBeforeShares() {
        SimulatedWorker worker = worker(new VirtualDriver(), Map.of());
        List<Timed> urgent = new ArrayList<>();
        List<Timed> normal = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            normal.add(worker.submit(0, ask("n" + i, 100, 50).tenant("a" + i % 5)));
            urgent.add(worker.submit(1, ask("u" + i, 100, 50).tenant("b").priority(-1)));
        }
        worker.finish();
        long lastUrgent = urgent.stream().mapToLong(t -> t.times().getFirst()).max().orElseThrow();
        long begunBefore = normal.stream().filter(t -> t.times().getFirst() < lastUrgent).count();
        assertThat(begunBefore)
                .as("those that ran before any urgent one came")
                .isLessThanOrEqualTo(64);
    }

    @Test
    void inAFullQueueTheTenantThatFillsItGivesWay() {
        SchedulerSettings narrow = new SchedulerSettings(8192, 4, Integer.MAX_VALUE, 20, 1 << 20);
        SimulatedWorker worker =
                new SimulatedWorker(
                        new VirtualDriver(), "narrow", SimulatedWorker.GPU, 5000, narrow);
        List<Timed> much = new ArrayList<>();
        List<Timed> little = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            much.add(worker.submit(i, ask("much " + i, 50, 100).tenant("much")));
        }
        for (int i = 0; i < 8; i++) {
            little.add(worker.submit(1000 + i, ask("little " + i, 50, 100).tenant("little")));
        }
        worker.finish();
        assertThat(little).allMatch(timed -> timed.heard().problem() == null);
        assertThat(much)
                .filteredOn(timed -> timed.heard().problem() != null)
                .hasSize(100 - 1 - 20 + 8)
                .allMatch(t -> t.heard().problem().category() == Category.OVERLOADED);
    }

    /** Tokens served to each tenant while all of them had requests in the queue. */
    private static Map<String, Double> share(
            long seed, Map<String, Double> weights, Map<String, Integer> perSecond) {
        SimulatedWorker worker = worker(new VirtualDriver(seed), weights);
        load(worker, perSecond, 3 * SECOND);
        return served(worker, SECOND, 3 * SECOND);
    }

    private static void load(SimulatedWorker worker, Map<String, Integer> perSecond, long until) {
        load(worker, perSecond, 0, until);
        worker.finish();
    }

    /** Poisson arrivals of requests of 20 to 120 tokens in, 10 to 60 out. */
    private static void load(
            SimulatedWorker worker, Map<String, Integer> perSecond, long from, long until) {
        for (Map.Entry<String, Integer> tenant : perSecond.entrySet()) {
            SeededRandom random = worker.driver.random(tenant.getKey());
            double mean = (double) SECOND / tenant.getValue();
            double at = from + random.nextExponential(mean);
            for (int i = 0; at < until; i++) {
                Ask ask =
                        ask(tenant.getKey() + i, 20 + random.nextInt(101), 10 + random.nextInt(51));
                worker.submit((long) at, ask.tenant(tenant.getKey()));
                at += random.nextExponential(mean);
            }
        }
    }

    /** Prompt tokens count when the first token comes. */
    private static Map<String, Double> served(SimulatedWorker worker, long from, long until) {
        Map<String, Double> served = new HashMap<>();
        for (Timed timed : worker.all()) {
            if (timed.times().isEmpty()) {
                continue;
            }
            long first = timed.times().getFirst();
            double tokens = 2.0 * (timed.tokensUntil(until) - timed.tokensUntil(from));
            if (first > from && first <= until) {
                tokens += timed.request().prompt().length;
            }
            served.merge(timed.request().tenant().split(":")[0], tokens, Double::sum);
        }
        return served;
    }

    private static Ask ask(String id, int prompt, int answer) {
        return new Ask(id, Ask.prompt(id.hashCode(), prompt)).maxTokens(answer);
    }

    private static SimulatedWorker worker(VirtualDriver driver, Map<String, Double> weights) {
        SchedulerSettings settings =
                new SchedulerSettings(8192, 64, Integer.MAX_VALUE, 100_000, 1L << 40)
                        .withTenantWeights(weights);
        return new SimulatedWorker(driver, "worker", SimulatedWorker.GPU, 5000, settings);
    }
}
