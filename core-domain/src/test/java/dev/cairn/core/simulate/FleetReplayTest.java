package dev.cairn.core.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.route.policy.RoundRobin;
import dev.cairn.core.route.policy.RoutingPolicies;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.engine.simulated.CostModel;
import dev.cairn.engine.simulated.TimeOnlyRunner;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockHasher;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.model.ModelFingerprint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A small fleet serves conversations. */
class FleetReplayTest {

    private static final int BLOCK = 64;
    private static final int WORKERS = 6;
    private static final int MANY = 24;

    @Test
    void everyPolicyAnswersAllAndReleasesAllBookings() {
        for (RoutingPolicy policy : RoutingPolicies.all()) {
            List<TraceRequest> requests = conversations(5, 200);
            Replayed replayed = replay(policy, requests, 1000, 1);
            assertThat(replayed.outcomes).as(policy.name()).hasSameSizeAs(requests);
            assertThat(replayed.outcomes)
                    .as(policy.name())
                    .allMatch(outcome -> outcome.problem() == null)
                    .allMatch(o -> o.outputTokens() == o.request().outputTokens());
            assertThat(replayed.bookings).as(policy.name()).isZero();
        }
    }

    @Test
    void theSameSeedGivesTheSameRun() {
        List<TraceRequest> requests = conversations(6, 200);
        Replayed first = replay(new KvAware(), requests, 100, 3);
        assertThat(replay(new KvAware(), requests, 100, 3).digest).isEqualTo(first.digest);
        assertThat(replay(new KvAware(), requests, 100, 4).digest).isNotEqualTo(first.digest);
    }

    @Test
    void kvAwareFindsWhatAnInfiniteCacheWouldAndRoundRobinDoesNot() {
        List<TraceRequest> requests = conversations(7, 400);
        long bound = InfiniteCache.hits(requests, BLOCK);
        assertThat(hits(replay(new KvAware(), requests, 4000, 1))).isBetween(bound * 9 / 10, bound);
        assertThat(hits(replay(new RoundRobin(), requests, 4000, 1))).isLessThan(bound / 2);
    }

    @Test
    void decisionsAreKeptWhenAskedFor() {
        ReplayOutcome outcome =
                replay(new KvAware(), conversations(8, 20), 100, 1).outcomes.getLast();
        assertThat(outcome.decision().worker()).isEqualTo("worker-" + outcome.worker());
        assertThat(outcome.decision().candidates()).hasSize(WORKERS);
    }

    @Test
    void promptsAreEqualExactlyAsFarAsTheirIds() {
        var one = new TraceRequest(0, 3 * BLOCK + 7, 1, new long[] {5, 70_000, 1L << 40, 9});
        var other = new TraceRequest(0, 3 * BLOCK + 7, 1, new long[] {5, 70_000, 1L << 41, 9});
        Map<Long, BlockHash> known = new HashMap<>();
        List<BlockHash> ones = one.hashes(one.prompt(BLOCK), BLOCK, new BlockHasher(), known);
        List<BlockHash> others =
                other.hashes(other.prompt(BLOCK), BLOCK, new BlockHasher(), new HashMap<>());
        assertThat(ones).hasSize(3);
        assertThat(others.subList(0, 2)).isEqualTo(ones.subList(0, 2));
        assertThat(others.get(2)).isNotEqualTo(ones.get(2));
    }

    @Test
    void anInfiniteCacheFindsFullBlocksThatCameBefore() {
        List<TraceRequest> requests =
                List.of(
                        new TraceRequest(0, 2 * BLOCK + 1, 1, new long[] {1, 2, 3}),
                        new TraceRequest(1, 2 * BLOCK + 1, 1, new long[] {1, 2, 3}),
                        new TraceRequest(2, 2 * BLOCK, 1, new long[] {1, 2}),
                        new TraceRequest(3, 2 * BLOCK, 1, new long[] {1, 4}));
        assertThat(InfiniteCache.hits(requests, BLOCK))
                .isEqualTo(2 * BLOCK + (2 * BLOCK - 1) + BLOCK);
    }

    private static long hits(Replayed replayed) {
        return replayed.outcomes.stream().mapToLong(ReplayOutcome::cachedTokens).sum();
    }

    /**
     * @param imbalance the busiest worker's time over the mean
     */
    private record Replayed(
            List<ReplayOutcome> outcomes, int bookings, long digest, double imbalance) {}

    @Test
    void twoRoutersTogetherFindWhatOneFindsAndLoadWorkersAsEvenly() {
        twoRouters(1);
    }

    /**
     * What comes in the same moment neither can tell the other of: both would take the same idlest
     * workers. Without workers that each prefers the busiest has 1.05 times as much to do as with
     * one router, instead of 0.97.
     */
    @Test
    void twoRoutersThatCannotHearOfEachOtherInTimeDoSoToo() {
        twoRouters(12);
    }

    /** One run's busiest worker is as busy as chance has it, so the mean over runs is judged. */
    private static void twoRouters(int burst) {
        long one = 0;
        long two = 0;
        double alone = 0;
        double together = 0;
        for (int seed = 10; seed < 16; seed++) {
            List<TraceRequest> requests = inBursts(conversations(seed, 2400, 2 * MANY, 5e6), burst);
            Replayed single = replay(new KvAware(), requests, 4000, seed, 1, MANY);
            Replayed both = replay(new KvAware(), requests, 4000, seed, 2, MANY);
            assertThat(both.bookings).isZero();
            one += hits(single);
            two += hits(both);
            alone += single.imbalance;
            together += both.imbalance;
        }
        System.out.printf(
                "FleetReplayTest: in bursts of %d two routers find %.1f %% of what one finds, at"
                        + " %.3fx the imbalance%n",
                burst, 100.0 * two / one, together / alone);
        assertThat(two).isGreaterThanOrEqualTo(one * 97 / 100);
        assertThat(together / alone).isLessThanOrEqualTo(1.02);
    }

    /** The same requests, so many of them in a moment. */
    private static List<TraceRequest> inBursts(List<TraceRequest> requests, int size) {
        List<TraceRequest> bursts = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            TraceRequest request = requests.get(i);
            bursts.add(
                    new TraceRequest(
                            requests.get(i / size * size).atNanos(),
                            request.inputTokens(),
                            request.outputTokens(),
                            request.blocks()));
        }
        return bursts;
    }

    private static Replayed replay(
            RoutingPolicy policy, List<TraceRequest> requests, int blocks, long seed) {
        return replay(policy, requests, blocks, seed, 1, WORKERS);
    }

    private static Replayed replay(
            RoutingPolicy policy,
            List<TraceRequest> requests,
            int blocks,
            long seed,
            int routers,
            int workers) {
        VirtualDriver driver = new VirtualDriver(seed);
        CostModel costs = CostModel.affine("test", 1e6, 1e5);
        List<TimeOnlyRunner> runners = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            runners.add(new TimeOnlyRunner(describe(blocks), costs, driver, driver));
        }
        FleetReplay replay =
                new FleetReplay(driver, runners, new ByteCodec(false), policy, routers);
        List<ReplayOutcome> outcomes = new ArrayList<>();
        replay.run(requests, outcomes::add);
        double[] busy = runners.stream().mapToDouble(TimeOnlyRunner::busyNanos).toArray();
        double mean = Arrays.stream(busy).average().orElseThrow();
        return new Replayed(
                outcomes,
                replay.bookings(),
                driver.digest(),
                Arrays.stream(busy).max().orElseThrow() / mean);
    }

    private static RunnerDescription describe(int blocks) {
        KvLayout layout = new KvLayout(1, BLOCK, 1, 4, KvType.FLOAT32);
        return new RunnerDescription(
                "simulated",
                "simulated",
                new ModelFingerprint("0".repeat(64)),
                new ComputeIdentity("simulated"),
                List.of(new LayerGroup(0, new StateKind.FullAttention(), List.of(0), layout)),
                List.of(blocks),
                TraceRequest.VOCABULARY,
                1 << 20,
                512,
                64,
                512,
                1,
                0,
                0);
    }

    private static List<TraceRequest> conversations(long seed, int count) {
        return conversations(seed, count, 3, 20e6);
    }

    /** Conversations whose turns repeat what was said, after one of some system prompts. */
    private static List<TraceRequest> conversations(
            long seed, int count, int systemPrompts, double meanNanosBetween) {
        SeededRandom random = new SeededRandom(seed);
        List<List<Long>> open = new ArrayList<>();
        Set<Long> ids = new HashSet<>();
        List<TraceRequest> requests = new ArrayList<>();
        double at = 0;
        for (int i = 0; i < count; i++) {
            at += random.nextExponential(meanNanosBetween);
            List<Long> blocks = new ArrayList<>();
            if (!open.isEmpty() && random.nextInt(3) > 0) {
                blocks.addAll(open.remove(random.nextInt(open.size())));
            } else {
                blocks.add((long) random.nextInt(systemPrompts));
            }
            for (int more = 1 + random.nextInt(6); more > 0; more--) {
                long id = 1000 + ids.size();
                ids.add(id);
                blocks.add(id);
            }
            open.add(blocks);
            requests.add(
                    new TraceRequest(
                            (long) at,
                            blocks.size() * BLOCK,
                            1 + random.nextInt(30),
                            blocks.stream().mapToLong(Long::longValue).toArray()));
        }
        return requests;
    }
}
