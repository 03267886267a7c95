package dev.cairn.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.block.PrefixCaching;
import dev.cairn.core.cache.FetchPolicy;
import dev.cairn.core.cache.StorePolicy;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.core.testing.ThrottledTier.Fate;
import dev.cairn.core.testing.ToyRunner;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.CacheControl;
import dev.cairn.ports.cache.ClearOrder;
import dev.cairn.ports.engine.LayerGate;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.Timers.Cancellation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Conversations that share system prompts and grow turn by turn get the answers that each turn gets
 * alone without any cache, whatever kinds of layer groups, small pools, cancellations, failing
 * steps, restarts and faulty tiers do to the cache; and no block is lost.
 */
class PrefixInvarianceTest {

    private static final int LENGTH = 110;
    private static final int CONVERSATIONS = 6;
    private static final int TURNS = 4;

    private static final Coverage COVERAGE = new Coverage();

    private static long evictions;
    private static long fetched;
    private static long damaged;
    private static long gated;
    private static long broken;
    private static long pulled;
    private static long damagedOnTheWay;
    private static long asked;
    private static long answered;

    @RepeatedTest(250)
    void everyTurnGetsTheAnswerThatItGetsCold(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        Groups groups = Groups.any(random);
        Tiers tiers = Tiers.any(random);
        long shape = random.nextLong();
        Oracle oracle = new Oracle(new Random(seed + 2), 0.2);
        Bench bench = groups.narrow(new Random(shape), tiers, oracle);
        if (random.nextInt(3) == 0) {
            double share = 0.15 * random.nextDouble();
            Random fate = new Random(seed + 1);
            bench.runner.failSteps(_ -> fate.nextDouble() < share);
        }
        List<int[]> prompts = openings(random);
        List<Heard> all = new ArrayList<>();
        for (int turn = 0; turn < TURNS; turn++) {
            if (random.nextInt(3) == 0) {
                COVERAGE.add(bench, List.of());
                countGates(bench);
                evictions += bench.cache.removed();
                bench = groups.narrow(new Random(shape), tiers, oracle);
            }
            List<Heard> round = submit(bench, tiers, prompts, turn, random, groups, oracle);
            bench.finish();
            all.addAll(round);
            assertThat(tiers.staging.lent()).as("staging memory that never came back").isZero();
            assertThat(tiers.tiers).allMatch(tier -> tier.lent() == 0, "has its loans back");
            assertThat(tiers.peers.lent()).as("memory lent to peers for ever").isZero();
            tiers.peers.exchange(tiers.tiers, bench.driver);
            assertHeldIsWhatEventsTell(bench, groups);
            for (int i = 0; i < CONVERSATIONS; i++) {
                Heard heard = round.get(i);
                if (heard.problem() != null) {
                    assertHonest(heard);
                    continue;
                }
                assertThat(heard.answer())
                        .as("seed %d, %s, %s", seed, groups, heard.request().id())
                        .isEqualTo(groups.cold(heard.request()).answer());
                prompts.set(i, continued(heard, random));
            }
        }
        COVERAGE.add(bench, all);
        countGates(bench);
        evictions += bench.cache.removed();
        fetched += tiers.hits();
        damaged += tiers.damaged();
        pulled += tiers.peers.found();
        damagedOnTheWay += tiers.peers.damaged();
    }

    /** Where nothing was ever shared, evicted or preempted, the tests above show nothing. */
    @AfterAll
    static void theCacheWasUsedAndPressed() {
        COVERAGE.report("PrefixInvarianceTest");
        System.out.printf("%d steps behind gates, %d of them broken%n", gated, broken);
        assertThat(COVERAGE.cachedTokens()).isGreaterThan(10_000);
        assertThat(COVERAGE.preemptions()).isGreaterThan(100);
        assertThat(COVERAGE.accepted()).isGreaterThan(1_000);
        assertThat(COVERAGE.ofFormats()).isGreaterThan(500);
        assertThat(evictions).isGreaterThan(1_000);
        assertThat(fetched).isGreaterThan(1_000);
        assertThat(damaged).isGreaterThan(20);
        System.out.printf(
                "PrefixInvarianceTest: %d blocks from tiers, %d from peers, %d damaged on their way%n",
                fetched, pulled, damagedOnTheWay);
        assertThat(pulled).isGreaterThan(1_000);
        assertThat(damagedOnTheWay).isGreaterThan(10);
        assertThat(gated).as("steps that began before all had come").isGreaterThan(30);
        assertThat(broken).as("of those, where not all came").isGreaterThan(4);
        assertThat(asked).isGreaterThan(300);
        assertThat(answered).as("verbs that were answered").isEqualTo(asked);
    }

    private static void countGates(Bench bench) {
        for (StepBatch batch : bench.runner.batches()) {
            for (SequenceStep step : batch.sequences()) {
                if (step.gate() != LayerGate.OPEN) {
                    gated++;
                    broken += step.gate().isBroken() ? 1 : 0;
                }
            }
        }
    }

    private static List<int[]> openings(Random random) {
        List<int[]> systems = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            systems.add(Ask.prompt(random.nextLong(), random.nextInt(36)));
        }
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < CONVERSATIONS; i++) {
            prompts.add(joined(systems.get(random.nextInt(2)), said(random)));
        }
        return prompts;
    }

    private static List<Heard> submit(
            Bench bench,
            Tiers tiers,
            List<int[]> prompts,
            int turn,
            Random random,
            Groups groups,
            Oracle oracle) {
        List<Heard> round = new ArrayList<>();
        for (int i = 0; i < CONVERSATIONS; i++) {
            Ask ask =
                    new Ask("turn " + turn + " of " + i, prompts.get(i))
                            .maxTokens(1 + random.nextInt(15))
                            .choices(random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1)
                            .temperature(random.nextInt(2))
                            .seed(random.nextLong())
                            .logprobs(random.nextInt(3) - 1)
                            .promptLogprobs(random.nextInt(5) == 0 ? random.nextInt(2) : -1)
                            .tenant(random.nextInt(6) == 0 ? "another" : "")
                            .priority(random.nextInt(2))
                            .arrival(bench.driver.nanos());
            if (random.nextInt(4) == 0) {
                // Few formats have no answer of less than 15 tokens: more than those would be
                // refused.
                ask.format(Form.any(random).format()).maxTokens(40);
            }
            Heard heard = new Heard(ask.request());
            round.add(heard);
            if (heard.request().format().isEmpty()) {
                oracle.learn(groups.cold(heard.request()));
            }
            if (random.nextInt(3) == 0) {
                // Whoever finds the engine idle begins before all that it fetches has come.
                bench.driver.runUntilIdle();
            }
            Cancellation abort = bench.begin(heard);
            if (random.nextInt(5) == 0) {
                long when = bench.driver.nanos() + random.nextInt(20_000_000);
                bench.driver.schedule(when, abort::cancel);
            }
            if (random.nextInt(12) == 0) {
                tiers.administer(bench, prompts.get(random.nextInt(CONVERSATIONS)), random);
            }
            for (int events = random.nextInt(10); events > 0; events--) {
                bench.driver.runOne();
            }
        }
        return round;
    }

    private static int[] continued(Heard heard, Random random) {
        int[] answer = heard.ids(0).stream().limit(15).mapToInt(Integer::intValue).toArray();
        return joined(joined(heard.request().prompt(), answer), said(random));
    }

    private static int[] said(Random random) {
        return Ask.prompt(random.nextLong(), 1 + random.nextInt(7));
    }

    private static int[] joined(int[] first, int[] second) {
        return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
    }

    /** What went wrong is the test's doing, or an answer that cannot be as short as was asked. */
    private static void assertHonest(Heard heard) {
        if (heard.request().format().isPresent()) {
            assertThat(heard.problem().code())
                    .isIn("request_cancelled", "engine_failure", "invalid_value");
        } else {
            assertThat(heard.problem().code()).isIn("request_cancelled", "engine_failure");
        }
    }

    private static void assertHeldIsWhatEventsTell(Bench bench, Groups groups) {
        for (int group = 0; group < groups.windows.size(); group++) {
            assertThat(bench.backend.cachedBlocks(group)).isEqualTo(bench.cache.of(group));
        }
    }

    /** Hears that something was done, or refused. */
    private static final class Counted<T> implements Completion<T> {

        Counted() {
            asked++;
        }

        @Override
        public void completed(T result) {
            answered++;
        }

        @Override
        public void failed(Throwable failure) {
            assertThat(failure).isInstanceOf(RequestRefused.class);
            answered++;
        }
    }

    /** Tiers and peers that outlive the engine, and what goes wrong in them. */
    private static final class Tiers {

        private final List<ThrottledTier> tiers = new ArrayList<>();
        private final CountedLeases staging;
        private final int maxReads;
        private final int leastReadBytes;
        private final FetchPolicy policy;
        private SimulatedPeers peers;
        private final Map<String, StorePolicy> stores = new HashMap<>();

        private Tiers(int stagingBytes, int maxReads, int leastReadBytes, FetchPolicy policy) {
            this.leastReadBytes = leastReadBytes;
            this.policy = policy;
            this.staging = new CountedLeases(stagingBytes);
            this.maxReads = maxReads;
        }

        static Tiers any(Random random) {
            Tiers any =
                    new Tiers(
                            300 + random.nextInt(3000),
                            1 + random.nextInt(6),
                            1 << random.nextInt(8),
                            FetchPolicy.values()[random.nextInt(2)]);
            any.peers = SimulatedPeers.any(random);
            for (int i = any.peers.fewestTiers() + random.nextInt(2); i > 0; i--) {
                ThrottledTier tier = new ThrottledTier("tier " + i, 5 + random.nextInt(100));
                tier.pace(List.of(10, 300, 1_000, 10_000).get(random.nextInt(4)));
                double share = random.nextInt(2) * random.nextDouble() * 0.4;
                Random fate = new Random(random.nextLong());
                tier.fate(
                        _ ->
                                fate.nextDouble() > share
                                        ? Fate.GOOD
                                        : Fate.values()[fate.nextInt(Fate.values().length)]);
                if (random.nextBoolean()) {
                    tier.lendingToReaders();
                }
                any.tiers.add(tier);
                any.stores.put(tier.name(), anyStore(random));
            }
            return any;
        }

        private static StorePolicy anyStore(Random random) {
            return switch (random.nextInt(4)) {
                case 0 -> new StorePolicy.Selective(1 + random.nextInt(3));
                case 1 -> new StorePolicy.WriteBack();
                default -> StorePolicy.AT_ONCE;
            };
        }

        /** Somebody looks up, pins, moves or clears, whatever else goes on. */
        void administer(Bench bench, int[] prompt, Random random) {
            CacheControl control = bench.backend.cache().orElseThrow();
            String tier = tiers.isEmpty() ? "none" : tiers.getFirst().name();
            switch (random.nextInt(6)) {
                case 0 -> control.lookup(prompt, "", new Counted<>());
                case 1 -> control.status(new Counted<>());
                case 2 ->
                        control.pin(
                                prompt,
                                "",
                                Optional.empty(),
                                random.nextBoolean(),
                                new Counted<>());
                case 3 -> control.move(prompt, "", CacheControl.DEVICE, tier, new Counted<>());
                case 4 ->
                        control.move(
                                prompt,
                                "",
                                tiers.isEmpty() ? "" : tiers.getLast().name(),
                                tier,
                                new Counted<>());
                default ->
                        control.clear(
                                new ClearOrder(
                                        random.nextBoolean(),
                                        random.nextBoolean()
                                                ? Optional.of("another")
                                                : Optional.empty(),
                                        OptionalLong.empty(),
                                        random.nextBoolean() ? Set.of() : Set.of("device")),
                                new Counted<>());
            }
        }

        TierChain chain(VirtualDriver driver) {
            TierChain own =
                    new TierChain(
                                    tiers.stream()
                                            .<BlockTier>map(tier -> tier.attach(driver))
                                            .toList(),
                                    staging,
                                    driver,
                                    20,
                                    maxReads,
                                    policy,
                                    5_000_000)
                            .withLeastReadBytes(leastReadBytes)
                            .with(stores);
            return peers.join(own, driver);
        }

        long hits() {
            return tiers.stream().mapToLong(tier -> tier.counts().hits()).sum();
        }

        long damaged() {
            return tiers.stream().mapToLong(tier -> tier.counts().damaged()).sum();
        }
    }

    /**
     * Layer groups of a model.
     *
     * @param windows of each group; 0 = full attention
     * @param layers of each group
     */
    private record Groups(List<Integer> windows, int layers) {

        static Groups any(Random random) {
            return new Groups(
                    switch (random.nextInt(5)) {
                        case 0 -> List.of(0);
                        case 1 -> List.of(0, window(random));
                        case 2 -> List.of(window(random));
                        case 3 -> List.of(window(random), window(random));
                        default -> List.of(0, window(random), 0);
                    },
                    1 + random.nextInt(4));
        }

        private static int window(Random random) {
            return 1 + random.nextInt(random.nextBoolean() ? 8 : 50);
        }

        Bench narrow(Random random, Tiers tiers, Oracle oracle) {
            boolean sameSize = random.nextBoolean();
            int size = 1 + random.nextInt(8);
            int[] sizes = new int[windows.size()];
            int[] blocks = new int[windows.size()];
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = sameSize ? size : 1 + random.nextInt(8);
                int seen = windows.get(i) == 0 ? LENGTH : windows.get(i);
                int enough = Math.ceilDiv(seen, sizes[i]) + 1;
                blocks[i] = enough + random.nextInt(random.nextBoolean() ? 2 : 3 * enough);
            }
            SchedulerSettings settings =
                    new SchedulerSettings(
                                    LENGTH,
                                    1 + random.nextInt(8),
                                    1 + random.nextInt(30),
                                    100,
                                    1 << 20)
                            .with(oracle.settings(1 + random.nextInt(6)));
            return new Bench(
                    toy ->
                            groups(toy, sizes, blocks)
                                    .perStep(
                                            4 + random.nextInt(40),
                                            1 + random.nextInt(10),
                                            1 + random.nextInt(20)),
                    settings,
                    tiers::chain);
        }

        /** The answer of an engine with room for everything and no cache. */
        Heard cold(GenerationRequest request) {
            int[] sizes = new int[windows.size()];
            int[] blocks = new int[windows.size()];
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = 16;
                blocks[i] = 60;
            }
            Bench bench =
                    new Bench(
                            toy -> groups(toy, sizes, blocks).perStep(1024, 64, 1024),
                            SchedulerSettings.forModelLength(LENGTH).with(PrefixCaching.OFF));
            Heard heard = bench.submit(request);
            bench.finish();
            assertThat(heard.usage().cachedTokens()).isZero();
            return heard;
        }

        private ToyRunner.Builder groups(ToyRunner.Builder toy, int[] sizes, int[] blocks) {
            toy.layers(layers);
            for (int i = 0; i < sizes.length; i++) {
                if (windows.get(i) == 0) {
                    toy.fullAttention(sizes[i], blocks[i]);
                } else {
                    toy.window(windows.get(i), sizes[i], blocks[i]);
                }
            }
            return toy;
        }
    }
}
