package dev.cairn.storage.disk;

import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.storage.slots.EvictionPolicy;
import dev.cairn.storage.slots.Retention;
import dev.cairn.tck.BlockTierContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The disk tier keeps the contract of every tier, with and without forcing. */
class DiskTierContractIT {

    @Nested
    class WithLru extends BlockTierContract {
        @TempDir private Path folder;

        @Override
        protected BlockTier open() {
            return tier(folder, EvictionPolicy.LRU, SyncPolicy.NEVER);
        }
    }

    @Nested
    class WithThreeQueuesForced extends BlockTierContract {
        @TempDir private Path folder;

        @Override
        protected BlockTier open() {
            return tier(folder, EvictionPolicy.S3_FIFO, SyncPolicy.GROUP);
        }
    }

    private static BlockTier tier(Path folder, EvictionPolicy policy, SyncPolicy sync) {
        try {
            return DiskTier.open(
                    new DiskOptions(folder, 4 << 20, Retention.of(policy), sync, 64, 2),
                    new TestClock(),
                    Telemetry.none());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
