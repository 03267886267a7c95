package dev.cairn.core.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.core.simulate.VirtualDriver;
import dev.cairn.core.testing.CountedLeases;
import dev.cairn.core.testing.RecordedTelemetry;
import dev.cairn.core.testing.ThrottledTier;
import dev.cairn.core.testing.ThrottledTier.Fate;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is lent to peers, and that they can take no more than was set aside for them. */
class TierSourceTest {

    private static final KvLayout LAYOUT = new KvLayout(1, 4, 1, 1, KvType.FLOAT32);
    private static final int BYTES = (int) LAYOUT.blockBytes();
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualDriver driver = new VirtualDriver();
    private final ThrottledTier host = new ThrottledTier("host", 100).attach(driver).lending();
    private final ThrottledTier disk = new ThrottledTier("disk", 100).attach(driver);
    private final CountedLeases staging = new CountedLeases(2L * BYTES);
    private final RecordedTelemetry telemetry = new RecordedTelemetry();
    private final TierSource source =
            new TierSource(List.of(host, disk), staging, driver, telemetry);
    private final List<Lent> lent = new ArrayList<>();

    @Test
    void whatATierLendsIsNotRead() {
        put(host, 1);
        put(disk, 1);
        Lent block = lend(1);
        assertThat(block.first()).isEqualTo(1);
        assertThat(staging.lent()).isZero();
        assertThat(telemetry.counter("cairn:peer_served_blocks_total{host,found}")).isEqualTo(1);
    }

    @Test
    void whatIsNowhereIsAbsent() {
        assertThat(lend(1).block).isEmpty();
        assertThat(telemetry.counter("cairn:peer_served_blocks_total{none,absent}")).isEqualTo(1);
    }

    @Test
    void readsShareTheMemoryThatWasSetAside() {
        for (int i = 0; i < 5; i++) {
            put(disk, i);
        }
        for (int i = 0; i < 5; i++) {
            lend(i);
        }
        driver.runUntil(driver.nanos() + 1_000_000);
        assertThat(lent).filteredOn(Lent::isThere).hasSize(2);
        assertThat(staging.lent()).isEqualTo(2L * BYTES);
        for (int i = 0; i < 5; i++) {
            assertThat(lent.get(i).first()).isEqualTo(i);
            lent.get(i).block.orElseThrow().bytes().close();
            driver.runUntil(driver.nanos() + 1_000_000);
        }
        assertThat(staging.lent()).isZero();
    }

    @Test
    void whoWaitedTooLongIsToldSo() {
        for (int i = 0; i < 3; i++) {
            put(disk, i);
        }
        Lent kept = lend(0);
        lend(1);
        Lent waits = lend(2);
        driver.runUntil(driver.nanos() + 1_000_000);
        assertThat(kept.isThere()).isTrue();
        driver.runUntil(driver.nanos() + SECOND.toNanos());
        kept.block.orElseThrow().bytes().close();
        driver.runUntilIdle();
        assertThat(waits.failure).hasMessageContaining("too many");
    }

    @Test
    void aBlockThatNeverFitsIsRefusedAtOnce() {
        KvLayout large = new KvLayout(1, 64, 1, 1, KvType.FLOAT32);
        MemoryLease lease = new CountedLeases(large.blockBytes()).tryLease(large.blockBytes());
        disk.put(
                List.of(new BlockWrite(key(7), BlockBytes.leaving(large, lease), "")),
                (_, _) -> {});
        driver.runUntilIdle();
        Lent refused = new Lent();
        source.lend(key(7), large, SECOND, refused);
        driver.runUntilIdle();
        assertThat(refused.failure).isNotNull();
    }

    @Test
    void whatIsDamagedIsAbsent() {
        put(disk, 1);
        disk.fate(_ -> Fate.FLIPPED);
        Lent block = lend(1);
        driver.runUntilIdle();
        assertThat(block.block).isEmpty();
        assertThat(staging.lent()).isZero();
    }

    private void put(ThrottledTier tier, int id) {
        MemoryLease lease = new CountedLeases(BYTES).tryLease(BYTES);
        lease.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) id);
        tier.put(
                List.of(new BlockWrite(key(id), BlockBytes.leaving(LAYOUT, lease), "")),
                (_, _) -> {});
        driver.runUntilIdle();
    }

    private Lent lend(int id) {
        Lent hears = new Lent();
        lent.add(hears);
        source.lend(key(id), LAYOUT, SECOND, hears);
        return hears;
    }

    private static BlockKey key(int id) {
        return new BlockKey("m", new ComputeIdentity("i"), 0, new BlockHash(id, 0, 0, 0));
    }

    private static final class Lent implements Completion<Optional<BlockBytes>> {

        private Optional<BlockBytes> block;
        private Throwable failure;

        @Override
        public void completed(Optional<BlockBytes> result) {
            block = result;
        }

        @Override
        public void failed(Throwable why) {
            failure = why;
        }

        boolean isThere() {
            return block != null && block.isPresent();
        }

        int first() {
            return block.orElseThrow().bytes().segment().get(ValueLayout.JAVA_BYTE, 0);
        }
    }
}
