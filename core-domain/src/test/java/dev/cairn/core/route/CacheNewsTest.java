package dev.cairn.core.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.share.WatchedTier;
import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockSelection;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvEvent;
import dev.cairn.ports.cache.KvEvent.AllCleared;
import dev.cairn.ports.cache.KvEvent.BlocksRemoved;
import dev.cairn.ports.cache.KvEvent.BlocksStored;
import dev.cairn.ports.cache.KvEventBatch;
import dev.cairn.ports.cache.KvEventChannel.Publication;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.cache.LayerGroup.StateKind;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What a worker tells adds up to what its device and its tiers hold. */
class CacheNewsTest {

    private static final String MODEL = "0".repeat(64);
    private static final ComputeIdentity IDENTITY = new ComputeIdentity("i");
    private static final KvLayout LAYOUT = new KvLayout(1, 4, 1, 1, KvType.FLOAT32);
    private static final int KEYS = 60;

    private final VirtualDriver driver = new VirtualDriver();
    private final CountedLeases leases = new CountedLeases(1 << 20);
    private final Told told = new Told();
    private final List<BlockTier> watched = new ArrayList<>();
    private CacheNews news;

    @RepeatedTest(40)
    void theStreamEqualsWhatIsHeld(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        ThrottledTier disk = tier("disk", 30 + random.nextInt(40));
        for (int i = 0; i < 10; i++) {
            put(disk, i);
        }
        driver.runUntilIdle();
        open(tier("host", 1 + random.nextInt(40)), disk);
        for (int i = 0; i < 200; i++) {
            switch (random.nextInt(8)) {
                case 0 ->
                        watched.get(random.nextInt(2))
                                .remove(List.of(key(random.nextInt(KEYS))), new Ignored());
                case 1 -> news.on(List.of(stored(random.nextInt(KEYS))));
                case 2 -> {
                    if (random.nextInt(10) == 0) {
                        news.on(List.of(new AllCleared()));
                    } else if (random.nextInt(5) == 0) {
                        watched.get(0).clear(BlockSelection.ofTenant("t"), new Ignored());
                    }
                }
                default -> put(watched.get(random.nextInt(2)), random.nextInt(KEYS));
            }
            if (random.nextInt(4) == 0) {
                driver.runUntil(driver.nanos() + random.nextInt(10_000_000));
            }
        }
        driver.runUntilIdle();
        assertThat(told.keys("host")).isEqualTo(held(watched.get(0)));
        assertThat(told.keys("disk")).isEqualTo(held(watched.get(1)));
    }

    @Test
    void batchesAreNumberedAndTimeNeverStandsStill() {
        open();
        for (int i = 0; i < 5; i++) {
            news.on(List.of(stored(i)));
        }
        driver.runUntilIdle();
        assertThat(told.batches)
                .extracting(KvEventBatch::sequence)
                .containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(told.batches)
                .extracting(KvEventBatch::epochMicros)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void theGroupThatKeepsAllIsNumberZero() {
        open();
        news.on(
                List.of(
                        new BlocksStored(List.of(hash(2)), null, List.of(), 4, 0, "device", ""),
                        new BlocksStored(List.of(hash(1)), null, List.of(), 4, 0, "device", ""),
                        new BlocksStored(List.of(hash(1)), null, List.of(), 4, 1, "device", ""),
                        new BlocksRemoved(List.of(hash(1)), 0, "device")));
        driver.runUntilIdle();
        assertThat(told.index.holds(0, 0, PrefixIndex.key(hash(1), 0))).isTrue();
        assertThat(told.index.holds(0, 0, PrefixIndex.key(hash(1), 1))).isFalse();
        assertThat(told.index.holds(0, 0, PrefixIndex.key(hash(2), 1))).isTrue();
        assertThat(told.index.entries()).isEqualTo(2);
    }

    @Test
    void blocksOfOtherModelsAreNotToldOf() {
        open(tier("host", 10), tier("disk", 10));
        news.changed("host", new BlockKey("other", IDENTITY, 0, hash(1)));
        news.changed("tape", key(1));
        driver.runUntilIdle();
        assertThat(told.batches).isEmpty();
    }

    private void open(ThrottledTier... tiers) {
        List<BlockTier> all = new ArrayList<>();
        for (ThrottledTier tier : tiers) {
            WatchedTier watching = new WatchedTier(tier, key -> news.changed(tier.name(), key));
            all.add(watching);
        }
        watched.addAll(all);
        news = new CacheNews(description(), all, driver, driver, driver);
        news.publishBy(told);
        driver.runUntilIdle();
    }

    private ThrottledTier tier(String name, int capacity) {
        ThrottledTier tier = new ThrottledTier(name, capacity).attach(driver);
        tier.pace(1000);
        return tier;
    }

    private void put(BlockTier tier, int id) {
        MemoryLease lease = leases.tryLease(LAYOUT.blockBytes());
        tier.put(
                List.of(new BlockWrite(key(id), BlockBytes.leaving(LAYOUT, lease), "t")),
                (_, _) -> lease.close());
    }

    private static Set<Long> held(BlockTier tier) {
        Set<Long> keys = new TreeSet<>();
        tier.entries(entry -> keys.add(PrefixIndex.key(entry.key().hash(), 1)));
        return keys;
    }

    private static KvEvent stored(int id) {
        return new BlocksStored(List.of(hash(id)), null, List.of(), 4, 1, "device", "");
    }

    private static BlockKey key(int id) {
        return new BlockKey(MODEL, IDENTITY, 0, hash(id));
    }

    private static BlockHash hash(int id) {
        return new BlockHash(id, 0, 0, id * 0x9e3779b97f4a7c15L + 1);
    }

    private static RunnerDescription description() {
        return new RunnerDescription(
                "simulated",
                "simulated",
                new ModelFingerprint(MODEL),
                IDENTITY,
                List.of(
                        new LayerGroup(0, new StateKind.SlidingWindow(64), List.of(0), LAYOUT),
                        new LayerGroup(1, new StateKind.FullAttention(), List.of(1), LAYOUT)),
                List.of(100, 100),
                300,
                1 << 20,
                512,
                64,
                512,
                1,
                0,
                0);
    }

    /** Hears everything. */
    private static final class Told implements Publication {

        private final PrefixIndex index = new PrefixIndex(new PrefixIndexOptions(10_000, 1));
        private final List<KvEventBatch> batches = new ArrayList<>();

        @Override
        public void publish(KvEventBatch batch) {
            batches.add(batch);
            batch.events().forEach(event -> index.apply(0, event));
        }

        Set<Long> keys(String tier) {
            Set<Long> keys = new TreeSet<>();
            int number = index.options().tiers().indexOf(tier);
            for (int range = 0; range < BlockDigest.RANGES; range++) {
                for (long key : index.keys(0, number, range)) {
                    keys.add(key);
                }
            }
            return keys;
        }

        @Override
        public String address() {
            return "";
        }

        @Override
        public long dropped() {
            return 0;
        }

        @Override
        public void close() {}
    }

    private static final class Ignored implements Completion<Integer> {

        @Override
        public void completed(Integer count) {
            // What the tier holds afterwards is looked at.
        }

        @Override
        public void failed(Throwable failure) {
            throw new AssertionError(failure);
        }
    }
}
