package dev.cairn.core.route.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.SeededRandom;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.engine.GenerationBackend.LoadReport;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.fleet.RoutingPolicy.Candidate;
import dev.cairn.ports.fleet.RoutingPolicy.RouteQuestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whom each policy picks. */
class PolicyChoiceTest {

    @Test
    void roundRobinTakesEverybodyInTurn() {
        List<Candidate> workers = List.of(idle("a"), idle("b"), idle("c"));
        List<String> picked = new ArrayList<>();
        for (int turn = 0; turn < 6; turn++) {
            picked.add(pick(new RoundRobin(), question(turn, "", 7), workers));
        }
        assertThat(picked).containsExactly("a", "b", "c", "a", "b", "c");
    }

    @Test
    void leastLoadTakesTheIdlest() {
        assertThat(
                        pick(
                                new LeastLoad(),
                                question(0, "", 1),
                                List.of(busy("a", 3, 0), busy("b", 2, 0))))
                .isEqualTo("b");
        assertThat(
                        pick(
                                new LeastLoad(),
                                question(0, "", 1),
                                List.of(busy("a", 2, 900), busy("b", 2, 100))))
                .isEqualTo("b");
    }

    @Test
    void powerOfTwoNeverTakesTheBusiestOfAllAndSpreads() {
        List<Candidate> workers = List.of(busy("a", 9, 0), idle("b"), idle("c"), idle("d"));
        Map<String, Integer> picked = new HashMap<>();
        SeededRandom random = new SeededRandom(3);
        for (int i = 0; i < 300; i++) {
            picked.merge(
                    pick(new PowerOfTwo(), question(i, "", random.nextLong()), workers),
                    1,
                    Integer::sum);
        }
        assertThat(picked).containsOnlyKeys("b", "c", "d");
        assertThat(picked.values()).allMatch(count -> count > 25);
    }

    @Test
    void aSessionStaysAndOthersDoNotMoveWhenAWorkerLeaves() {
        List<Candidate> four = List.of(idle("a"), idle("b"), idle("c"), idle("d"));
        List<Candidate> three = four.subList(0, 3);
        int stayed = 0;
        for (int session = 0; session < 100; session++) {
            RouteQuestion question = question(session, "session " + session, session * 31);
            String before = pick(new SessionAffinity(), question, four);
            assertThat(pick(new SessionAffinity(), question(0, "session " + session, 5), four))
                    .isEqualTo(before);
            if (!before.equals("d")) {
                assertThat(pick(new SessionAffinity(), question, three)).isEqualTo(before);
                stayed++;
            }
        }
        assertThat(stayed).isBetween(55, 95);
    }

    @Test
    void promptsThatBeginAlikeGoTogetherUnlessTheWorkerIsFull() {
        RouteQuestion question = question(0, "", 1);
        List<Candidate> workers = List.of(idle("a"), idle("b"), idle("c"));
        String home = pick(new ConsistentHash(), question, workers);
        List<Candidate> crowded =
                workers.stream()
                        .map(each -> each.worker().equals(home) ? busy(home, 9, 0) : each)
                        .toList();
        assertThat(pick(new ConsistentHash(), question(5, "", 99), workers)).isEqualTo(home);
        assertThat(pick(new ConsistentHash(), question, crowded)).isNotEqualTo(home);
    }

    @Test
    void approximatePrefixTakesTheMatchOrTheIdlest() {
        List<Candidate> workers = List.of(busy("a", 3, 0), holding("b", 5, 6, 0), idle("c"));
        assertThat(pick(new ApproximatePrefix(), question(0, "", 1), workers)).isEqualTo("b");
        List<Candidate> little = List.of(busy("a", 3, 0), holding("b", 5, 1, 0), idle("c"));
        assertThat(pick(new ApproximatePrefix(), question(0, "", 1), little)).isEqualTo("c");
        List<Candidate> crowded = List.of(busy("a", 3, 0), holding("b", 90, 6, 0), idle("c"));
        assertThat(pick(new ApproximatePrefix(), question(0, "", 1), crowded)).isEqualTo("c");
    }

    @Test
    void kvAwareWeighsThePrefixAgainstTheWork() {
        KvAware policy = new KvAware(KvAware.Settings.USUAL.withCredit(1));
        // 10 blocks of 16 tokens: b would compute 4 of them, after the 80 tokens it has to.
        assertThat(pick(policy, question(0, "", 1), List.of(idle("a"), holding("b", 1, 6, 80))))
                .isEqualTo("b");
        assertThat(pick(policy, question(0, "", 1), List.of(idle("a"), holding("b", 1, 6, 112))))
                .isEqualTo("a");
    }

    @Test
    void kvAwareCountsSlowerTiersForLess() {
        var onHost = new Candidate("a", idle("a").load(), Map.of("host", 4));
        var onDevice = new Candidate("b", idle("b").load(), Map.of("device", 4));
        var unknown = new Candidate("c", idle("c").load(), Map.of("tape", 9));
        assertThat(pick(new KvAware(), question(0, "", 1), List.of(onHost, onDevice, unknown)))
                .isEqualTo("b");
        assertThat(pick(new KvAware(), question(0, "", 1), List.of(onHost, unknown)))
                .isEqualTo("a");
    }

    @Test
    void kvAwareLeavesTheWorkerThatHasFarMoreThanOthers() {
        List<Candidate> workers = List.of(holding("a", 60, 9, 0), idle("b"), idle("c"), idle("d"));
        assertThat(pick(new KvAware(), question(0, "", 1), workers)).isNotEqualTo("a");
    }

    @Test
    void namesAreFoundAgain() {
        for (RoutingPolicy policy : RoutingPolicies.all()) {
            assertThat(RoutingPolicies.named(policy.name())).contains(policy);
        }
        assertThat(RoutingPolicies.named("fastest")).isEmpty();
    }

    private static String pick(
            RoutingPolicy policy, RouteQuestion question, List<Candidate> candidates) {
        double[] costs = new double[candidates.size()];
        policy.costs(question, candidates, costs);
        int best = 0;
        for (int i = 1; i < costs.length; i++) {
            best = costs[i] < costs[best] ? i : best;
        }
        return candidates.get(best).worker();
    }

    private static RouteQuestion question(long ordinal, String session, long noise) {
        List<BlockHash> hashes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            hashes.add(new BlockHash(1, 2, 3, 1000 + i));
        }
        return new RouteQuestion("model", 160, 16, hashes, session, ordinal, noise);
    }

    private static Candidate idle(String name) {
        return busy(name, 0, 0);
    }

    private static Candidate busy(String name, int requests, long prefillTokens) {
        return new Candidate(name, new LoadReport(requests, 0, 0, 100, prefillTokens), Map.of());
    }

    private static Candidate holding(String name, int requests, int blocks, long prefillTokens) {
        return new Candidate(
                name, new LoadReport(requests, 0, 0, 100, prefillTokens), Map.of("device", blocks));
    }
}
