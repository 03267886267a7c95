package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.core.fleet.FleetSettings;
import dev.cairn.core.fleet.PolicyChange;
import dev.cairn.core.route.IncidentReplay;
import dev.cairn.core.route.PolicyInUse;
import dev.cairn.core.route.RouterJournal;
import dev.cairn.core.route.RouterRecord;
import dev.cairn.core.route.policy.ApproximatePrefix;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.route.policy.LeastLoad;
import dev.cairn.core.route.policy.RoundRobin;
import dev.cairn.core.route.policy.RoutingPolicies;
import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a router was told is enough to make its decisions again; a policy may only look on. */
class RoutingJournalTest {

    private static final FleetSettings SETTINGS = FleetSettings.usual(4);
    private static final long MILLI = 1_000_000;

    private final Records records = new Records();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void decisionsAreMadeAgain(long seed) {
        System.out.println("RoutingJournalTest: seed " + seed);
        RoutedFleet fleet = busyFleet(seed);
        IncidentReplay replay = replay(records.all, Optional.empty());
        assertThat(replay.difference()).isEmpty();
        assertThat(replay.decisions()).isGreaterThan(200);
        assertThat(fleet.migrations()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void fromAnyStateThatWasTold(long seed) {
        System.out.println("RoutingJournalTest: seed " + seed);
        for (int at : List.of(40, 150, 400, 700)) {
            records.begin();
            records.stateAt = at;
            busyFleet(seed);
            int begin = 0;
            for (int i = 1; i < records.all.size(); i++) {
                begin = records.all.get(i) instanceof RouterRecord.Begins ? i : begin;
            }
            assertThat(begin).isGreaterThanOrEqualTo(at);
            IncidentReplay replay =
                    replay(records.all.subList(begin, records.all.size()), Optional.empty());
            assertThat(replay.difference()).isEmpty();
            assertThat(replay.decisions()).isGreaterThan(50);
        }
    }

    @Test
    void aDecisionThatCameOutOtherwiseIsNoticed() {
        busyFleet(1);
        int changed = 0;
        int noticed = 0;
        for (int i = 0; i < records.all.size(); i++) {
            if (records.all.get(i)
                            instanceof RouterRecord.Reported(int worker, var load, var others)
                    && changed < 40) {
                changed++;
                List<RouterRecord> other = new ArrayList<>(records.all);
                var more =
                        new LoadReport(
                                load.running() + 3,
                                load.waiting() + 5,
                                load.usedBlocks() + 100,
                                load.totalBlocks(),
                                load.waitingPrefillTokens() + 1000);
                other.set(i, new RouterRecord.Reported(worker, more, others));
                noticed += replay(other, Optional.empty()).difference().isPresent() ? 1 : 0;
            }
        }
        assertThat(changed).isGreaterThan(10);
        // A load that is reported anew before anybody asks changes nothing.
        assertThat(noticed).isGreaterThan(changed / 3);
        List<RouterRecord> wrong = new ArrayList<>(records.all);
        wrong.add(new RouterRecord.Released(1L << 40));
        assertThatThrownBy(() -> replay(wrong, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anotherPolicyIsComparedInTheSameSituations() {
        busyFleet(2);
        IncidentReplay same = replay(records.all, Optional.of(new KvAware()));
        IncidentReplay other = replay(records.all, Optional.of(new RoundRobin()));
        assertThat(same.difference()).isEmpty();
        assertThat(other.difference()).isEmpty();
        assertThat(same.comparison().decisions()).isEqualTo(same.decisions());
        // Not all were decided by it: the policy was swapped meanwhile.
        assertThat(same.comparison().agreed()).isGreaterThan(other.comparison().agreed());
        assertThat(same.comparison().otherCost()).isLessThanOrEqualTo(same.comparison().cost());
        assertThat(same.comparison().otherCachedTokens())
                .isGreaterThanOrEqualTo(other.comparison().otherCachedTokens());
    }

    @Test
    void aShadowLooksOn() {
        RoutedFleet plain = new RoutedFleet(3, new RoundRobin(), SETTINGS);
        RoutedFleet shadowed = new RoutedFleet(3, new RoundRobin(), SETTINGS);
        shadowed.router.change(PolicyChange.shadows(new KvAware()));
        for (RoutedFleet fleet : List.of(plain, shadowed)) {
            for (int i = 0; i < 3; i++) {
                fleet.join();
            }
            load(fleet, 3, 60);
            fleet.finish();
        }
        for (int i = 0; i < 3; i++) {
            assertThat(shadowed.workers.get(i).asked()).hasSameSizeAs(plain.workers.get(i).asked());
        }
        double agreed =
                shadowed.telemetry.counter("cairn:shadow_decisions_total{toy,kv-aware,true}");
        double not = shadowed.telemetry.counter("cairn:shadow_decisions_total{toy,kv-aware,false}");
        assertThat(agreed + not).isEqualTo(60);
        assertThat(not).isPositive();
        assertThat(
                        shadowed.telemetry.counter(
                                "cairn:shadow_cached_tokens_total{toy,kv-aware,shadow}"))
                .isGreaterThan(
                        shadowed.telemetry.counter(
                                "cairn:shadow_cached_tokens_total{toy,kv-aware,picked}"));
        assertThat(explain(shadowed, "request 50 at " + 50 * MILLI))
                .contains("\"policy\":\"round-robin\"", "\"shadow\":{\"policy\":\"kv-aware\"")
                .contains("\"cost_of_picked\":", "\"agrees\":");
        shadowed.router.change(PolicyChange.noShadow());
        shadowed.submit(ask("unseen", 1));
        shadowed.finish();
        assertThat(explain(shadowed, "unseen")).doesNotContain("shadow");
    }

    @Test
    void aPolicyThatIsUnloadedIsReferredToByNobody() {
        RoutedFleet fleet = new RoutedFleet(4, new LeastLoad(), SETTINGS);
        fleet.join();
        List<String> gone = new ArrayList<>();
        PolicyInUse passing = PolicyInUse.until(new KvAware(), () -> gone.add("kv-aware"));
        fleet.router.change(new PolicyChange(true, Optional.of(passing)));
        fleet.submit(ask("a", 1));
        fleet.finish();
        assertThat(explain(fleet, "a")).contains("for its prefix");
        assertThat(gone).isEmpty();
        fleet.router.decideBy(new LeastLoad());
        fleet.finish();
        assertThat(gone).containsExactly("kv-aware");
        assertThat(explain(fleet, "a"))
                .contains(
                        "\"policy\":\"kv-aware\"", "was replaced since", "\"worker\":\"worker 0\"");
    }

    /** Workers that come, go, drain and break off; policies that take turns. */
    private RoutedFleet busyFleet(long seed) {
        RoutedFleet fleet = new RoutedFleet(seed, new KvAware(), SETTINGS, records);
        for (int i = 0; i < 4; i++) {
            fleet.join();
        }
        List<RoutingPolicy> policies =
                List.of(new KvAware(), new ApproximatePrefix(), new LeastLoad());
        for (int round = 0; round < 12; round++) {
            load(fleet, seed * 1000 + round, 20);
            switch ((int) ((seed + round) % 4)) {
                case 0 -> fleet.router.decideBy(policies.get(round % policies.size()));
                case 1, 2 -> {
                    String name = RoutedFleet.name(fleet.workers.size() - 4);
                    fleet.join();
                    fleet.router.leave(name);
                }
                default -> {}
            }
            fleet.driver.runUntil(fleet.driver.nanos() + 20 * MILLI);
        }
        fleet.finish();
        return fleet;
    }

    private static void load(RoutedFleet fleet, long seed, int requests) {
        SeededRandom random = new SeededRandom(seed);
        for (int i = 0; i < requests; i++) {
            String id = "request " + i + " at " + fleet.driver.nanos();
            int topic = (int) Long.remainderUnsigned(random.nextLong(), 5);
            fleet.submit(ask(id, topic));
            fleet.driver.runUntil(fleet.driver.nanos() + MILLI);
        }
    }

    private static Ask ask(String id, int topic) {
        return new Ask(
                        id,
                        ByteCodec.bytes(
                                "a long common beginning of topic " + topic + ", then " + id))
                .maxTokens(40);
    }

    private static IncidentReplay replay(
            List<RouterRecord> records, Optional<RoutingPolicy> other) {
        IncidentReplay replay = new IncidentReplay(RoutingPolicies::named, other);
        records.forEach(replay::accept);
        return replay;
    }

    private static String explain(RoutedFleet fleet, String request) {
        List<String> told = new ArrayList<>();
        fleet.router.explain(
                request,
                new Completion<>() {
                    @Override
                    public void completed(Optional<JsonObject> story) {
                        told.add(story.map(JsonWriter::write).orElse("nothing"));
                    }

                    @Override
                    public void failed(Throwable failure) {
                        throw new AssertionError(failure);
                    }
                });
        fleet.driver.runUntilIdle();
        return told.getFirst();
    }

    /** All of them, with the state told at the start and once more. */
    private static final class Records implements RouterJournal {

        private final List<RouterRecord> all = new ArrayList<>();
        private int stateAt = Integer.MAX_VALUE;
        private boolean hasBegun;

        void begin() {
            all.clear();
            hasBegun = false;
        }

        @Override
        public boolean wantsState() {
            boolean isTime = !hasBegun || all.size() >= stateAt;
            stateAt = all.size() >= stateAt ? Integer.MAX_VALUE : stateAt;
            hasBegun = true;
            return isTime;
        }

        @Override
        public void note(RouterRecord record) {
            all.add(record);
        }
    }
}
