package dev.cairn.core.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.SimulatedFleet;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.core.testing.ThrottledTier.Fate;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockSelection;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Others are told of exactly the blocks that tiers hold, whatever happens to these. */
class DirectoryFeedTest {

    private static final KvLayout LAYOUT = new KvLayout(1, 4, 1, 1, KvType.FLOAT32);
    private static final int KEYS = 60;

    private final VirtualDriver driver = new VirtualDriver();
    private final SimulatedFleet fleet = new SimulatedFleet().attach(driver);
    private final SimulatedFleet.Node member = fleet.join("here");
    private final DirectoryFeed feed = new DirectoryFeed(member.directory(), driver, driver);
    private final CountedLeases leases = new CountedLeases(1 << 20);

    @RepeatedTest(100)
    void theDirectoryEqualsWhatTiersHold(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        BlockTier host = feed.watch(tier("host", 1 + random.nextInt(40)));
        BlockTier disk = feed.watch(tier("disk", 1 + random.nextInt(80)));
        for (int i = 0; i < 300; i++) {
            change(random.nextBoolean() ? host : disk, random);
            if (random.nextInt(4) == 0) {
                driver.runUntil(driver.nanos() + random.nextInt(10_000_000));
            }
            if (random.nextInt(40) == 0) {
                driver.runUntilIdle();
                assertThat(fleet.announced("here", "host")).isEqualTo(held(host));
                assertThat(fleet.announced("here", "disk")).isEqualTo(held(disk));
            }
        }
        driver.runUntilIdle();
        assertThat(fleet.announced("here", "host")).isEqualTo(held(host));
        assertThat(fleet.announced("here", "disk")).isEqualTo(held(disk));
    }

    @Test
    void whatADiskHeldBeforeIsAnnouncedAtTheStart() {
        ThrottledTier disk = tier("disk", 50);
        for (int i = 0; i < 30; i++) {
            put(disk, i, "");
        }
        driver.runUntilIdle();
        BlockTier watched = feed.watch(disk);
        driver.runUntilIdle();
        assertThat(fleet.announced("here", "disk")).hasSize(30).isEqualTo(held(watched));
    }

    /** A method with a default that is not passed on would answer for the tier. */
    @Test
    void aWatchedTierPassesEveryMethodOn() {
        Set<String> own = new HashSet<>();
        for (Method method : WatchedTier.class.getDeclaredMethods()) {
            own.add(method.getName() + Arrays.toString(method.getParameterTypes()));
        }
        for (Method method : BlockTier.class.getMethods()) {
            assertThat(own)
                    .contains(method.getName() + Arrays.toString(method.getParameterTypes()));
        }
    }

    private ThrottledTier tier(String name, int capacity) {
        ThrottledTier tier = new ThrottledTier(name, capacity).attach(driver);
        tier.pace(1000);
        Random fate = new Random(capacity);
        tier.fate(_ -> fate.nextInt(3) == 0 ? Fate.FLIPPED : Fate.GOOD);
        return tier;
    }

    private void change(BlockTier tier, Random random) {
        switch (random.nextInt(8)) {
            case 0 -> tier.remove(List.of(key(random.nextInt(KEYS))), new Ignored());
            case 1 -> {
                if (random.nextInt(5) == 0) {
                    tier.clear(BlockSelection.ofTenant("" + random.nextInt(3)), new Ignored());
                }
            }
            case 2 -> spoil(tier, random.nextInt(KEYS));
            default -> put(tier, random.nextInt(KEYS), "" + random.nextInt(3));
        }
    }

    private void put(BlockTier tier, int id, String tenant) {
        MemoryLease lease = leases.tryLease(LAYOUT.blockBytes());
        tier.put(
                List.of(new BlockWrite(key(id), BlockBytes.leaving(LAYOUT, lease), tenant)),
                (_, _) -> lease.close());
    }

    /** What is read damaged leaves. */
    private void spoil(BlockTier tier, int id) {
        MemoryLease lease = leases.tryLease(LAYOUT.blockBytes());
        tier.get(List.of(new BlockRead(key(id), LAYOUT, lease)), (_, _) -> lease.close());
    }

    private static Set<BlockKey> held(BlockTier tier) {
        Set<BlockKey> keys = new HashSet<>();
        tier.entries((BlockEntry entry) -> keys.add(entry.key()));
        return keys;
    }

    private static BlockKey key(int id) {
        return new BlockKey("m", new ComputeIdentity("i"), 0, new BlockHash(id, 0, 0, 0));
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
