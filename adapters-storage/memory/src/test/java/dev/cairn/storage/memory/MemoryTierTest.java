package dev.cairn.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockSelection;
import dev.cairn.ports.cache.BlockTier.Departures.Reason;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.cache.TierHoldings;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.storage.slots.EvictionPolicy;
import dev.cairn.storage.slots.Retention;
import dev.cairn.tck.TierCalls;
import dev.cairn.tck.TierModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryTierTest {

    /** 16 KiB a block: a tier of 256 KiB has 4 extents of 4 slots. */
    private static final KvLayout LAYOUT = new KvLayout(2, 16, 4, 16, KvType.FLOAT32);

    /** Twice as large. */
    private static final KvLayout LARGER = new KvLayout(4, 16, 4, 16, KvType.FLOAT32);

    private static final int BLOCKS = 16;

    private final TestClock clock = new TestClock();

    @ParameterizedTest
    @EnumSource(EvictionPolicy.class)
    void doesWhatAMapSays(EvictionPolicy policy) {
        int runs = "nightly".equals(System.getProperty("cairn.test.size")) ? 500 : 6;
        long first = RandomGenerator.getDefault().nextLong();
        for (long seed = first; seed < first + runs; seed++) {
            System.out.printf("tier model: %s seed %d%n", policy, seed);
            long ttl = policy == EvictionPolicy.TTL ? 1_000_000 : 0;
            var retention = new Retention(policy, ttl, 96 << 10, Map.of("blue", 64L << 10));
            new TierModel(seed, tier(retention), same -> same).run(400).close();
        }
    }

    @Test
    void theOldestUseLeavesFirst() {
        try (MemoryTier tier = filled(Retention.of(EvictionPolicy.LRU));
                var calls = new TierCalls(tier, LAYOUT)) {
            assertThat(calls.get(0)).isEqualTo(GetOutcome.FOUND);
            calls.put(100);
            assertThat(tier.contains(TierCalls.key(0))).isTrue();
            assertThat(tier.contains(TierCalls.key(1))).isFalse();
        }
    }

    @Test
    void theHottestWereUsedLast() {
        try (MemoryTier tier = filled(Retention.of(EvictionPolicy.LRU));
                var calls = new TierCalls(tier, LAYOUT)) {
            assertThat(calls.get(5)).isEqualTo(GetOutcome.FOUND);
            assertThat(calls.get(3)).isEqualTo(GetOutcome.FOUND);
            assertThat(tier.hottest(3 * LAYOUT.blockBytes()))
                    .extracting(BlockEntry::key)
                    .containsExactly(TierCalls.key(3), TierCalls.key(5), TierCalls.key(BLOCKS - 1));
        }
    }

    @Test
    void theRarestUseLeavesFirst() {
        try (MemoryTier tier = filled(Retention.of(EvictionPolicy.LFU));
                var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = 0; id < BLOCKS; id++) {
                for (int use = 0; use < (id == 7 ? 1 : 3); use++) {
                    calls.get(id);
                }
            }
            calls.put(100);
            assertThat(tier.contains(TierCalls.key(7))).isFalse();
            assertThat(tier.counts().blocks()).isEqualTo(BLOCKS);
        }
    }

    /** A scan of blocks that are used once does not push out those that are used. */
    @Test
    void threeQueuesLetAScanPass() {
        try (MemoryTier tier = tier(Retention.of(EvictionPolicy.S3_FIFO));
                var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = 0; id < 8; id++) {
                calls.put(id);
                calls.get(id);
            }
            for (int id = 100; id < 200; id++) {
                calls.put(id);
                calls.get(id % 8);
            }
            for (int id = 0; id < 8; id++) {
                assertThat(tier.contains(TierCalls.key(id))).as("block %d", id).isTrue();
            }
        }
    }

    @Test
    void whatIsTooOldIsNotServed() {
        var retention = new Retention(EvictionPolicy.TTL, 1000, Long.MAX_VALUE, Map.of());
        List<Reason> reasons = new ArrayList<>();
        try (MemoryTier tier = tier(retention);
                var calls = new TierCalls(tier, LAYOUT)) {
            tier.listen((key, reason) -> reasons.add(reason));
            calls.put(1);
            clock.advance(999);
            assertThat(calls.get(1)).isEqualTo(GetOutcome.FOUND);
            clock.advance(1);
            assertThat(tier.contains(TierCalls.key(1))).isFalse();
            assertThat(calls.get(1)).isEqualTo(GetOutcome.ABSENT);
            assertThat(reasons).containsExactly(Reason.EXPIRED);
            assertThat(tier.usedBytes()).isZero();
        }
    }

    @Test
    void aHoldEndsByItself() {
        try (MemoryTier tier = filled(Retention.of(EvictionPolicy.LRU));
                var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = 0; id < BLOCKS; id++) {
                tier.hold(TierCalls.key(id), Duration.ofSeconds(1));
            }
            assertThat(calls.put(100)).isEqualTo(PutOutcome.FULL);
            clock.advance(1000);
            assertThat(calls.put(100)).isEqualTo(PutOutcome.STORED);
        }
    }

    @Test
    void whatIsLentStaysUntilItIsBack() {
        try (MemoryTier tier = filled(Retention.of(EvictionPolicy.LRU));
                var calls = new TierCalls(tier, LAYOUT)) {
            var lent = tier.lend(TierCalls.key(0), LAYOUT, Duration.ofSeconds(9)).orElseThrow();
            for (int id = 100; id < 140; id++) {
                calls.put(id);
            }
            assertThat(tier.contains(TierCalls.key(0))).isTrue();
            lent.bytes().close();
            assertThatThrownBy(() -> lent.bytes().close()).hasMessageContaining("twice");
            for (int id = 140; id < 180; id++) {
                calls.put(id);
            }
            assertThat(tier.contains(TierCalls.key(0))).isFalse();
        }
    }

    @Test
    void aTenantReplacesItsOwnBlocksAndNeverHoldsMore() {
        var retention = new Retention(EvictionPolicy.LRU, 0, 3 * LAYOUT.blockBytes(), Map.of());
        try (MemoryTier tier = tier(retention);
                var calls = new TierCalls(tier, LAYOUT)) {
            calls.put(0, "blue");
            for (int id = 1; id < 10; id++) {
                assertThat(calls.put(id, "red")).isEqualTo(PutOutcome.STORED);
                assertThat(tier.usedBy("red")).isLessThanOrEqualTo(3 * LAYOUT.blockBytes());
            }
            assertThat(tier.contains(TierCalls.key(0))).isTrue();
            assertThat(tier.contains(TierCalls.key(9))).isTrue();
            for (int id = 7; id < 10; id++) {
                tier.pin(TierCalls.key(id), true);
            }
            assertThat(calls.put(10, "red")).isEqualTo(PutOutcome.QUOTA);
        }
    }

    @Test
    void tellsWhatIsPinnedAndWhoseBlocksLieThere() {
        try (MemoryTier tier = tier(Retention.of(EvictionPolicy.LRU));
                var calls = new TierCalls(tier, LAYOUT)) {
            calls.put(0, "red");
            calls.put(1, "red");
            calls.put(2, "blue");
            tier.pin(TierCalls.key(0), true);
            tier.pin(TierCalls.key(2), true);
            tier.pin(TierCalls.key(0), true);
            assertThat(tier.holdings())
                    .isEqualTo(
                            new TierHoldings(
                                    2,
                                    Map.of(
                                            "red",
                                            2 * LAYOUT.blockBytes(),
                                            "blue",
                                            LAYOUT.blockBytes())));
            tier.pin(TierCalls.key(0), false);
            assertThat(calls.clear(BlockSelection.ofTenant("blue"))).isEqualTo(1);
            assertThat(tier.holdings())
                    .isEqualTo(new TierHoldings(0, Map.of("red", 2 * LAYOUT.blockBytes())));
        }
    }

    @Test
    void quotasThatExceedTheTierAreRefused() {
        var retention =
                new Retention(
                        EvictionPolicy.LRU, 0, 0, Map.of("red", 200L << 10, "blue", 100L << 10));
        assertThatThrownBy(() -> tier(retention)).hasMessageContaining("quotas add up to");
    }

    @Test
    void roomFollowsUseFromOneSizeToAnother() {
        try (MemoryTier tier = filled(Retention.of(EvictionPolicy.LRU));
                var calls = new TierCalls(tier, LARGER)) {
            for (int id = 100; id < 108; id++) {
                assertThat(calls.put(id)).isEqualTo(PutOutcome.STORED);
            }
            for (int id = 100; id < 108; id++) {
                assertThat(calls.get(id)).isEqualTo(GetOutcome.FOUND);
            }
            assertThat(tier.usedBytes()).isEqualTo(tier.capacityBytes());
        }
    }

    @Test
    void aBlockThatNeverFitsIsRefused() {
        var huge = new KvLayout(64, 16, 4, 16, KvType.FLOAT32);
        try (MemoryTier tier = tier(Retention.of(EvictionPolicy.LRU));
                var calls = new TierCalls(tier, huge)) {
            assertThat(calls.put(1)).isEqualTo(PutOutcome.FULL);
            assertThat(tier.lend(TierCalls.key(1), huge, Duration.ofSeconds(1)))
                    .isEqualTo(Optional.empty());
        }
    }

    private MemoryTier filled(Retention retention) {
        MemoryTier tier = tier(retention);
        try (var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = 0; id < BLOCKS; id++) {
                assertThat(calls.put(id)).isEqualTo(PutOutcome.STORED);
            }
        }
        return tier;
    }

    private MemoryTier tier(Retention retention) {
        return new MemoryTier(MemoryOptions.of(256 << 10, retention), clock, Telemetry.none());
    }
}
