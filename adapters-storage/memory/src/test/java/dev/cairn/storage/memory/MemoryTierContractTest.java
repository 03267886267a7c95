package dev.cairn.storage.memory;

import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.storage.slots.EvictionPolicy;
import dev.cairn.storage.slots.Retention;
import dev.cairn.tck.BlockTierContract;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** The host tier keeps the contract of every tier, whichever block leaves first. */
class MemoryTierContractTest {

    @Nested
    class WithLru extends BlockTierContract {
        @Override
        protected BlockTier open() {
            return tier(Retention.of(EvictionPolicy.LRU));
        }
    }

    @Nested
    class WithThreeQueues extends BlockTierContract {
        @Override
        protected BlockTier open() {
            return tier(Retention.of(EvictionPolicy.S3_FIFO));
        }
    }

    @Nested
    class WithFrequency extends BlockTierContract {
        @Override
        protected BlockTier open() {
            return tier(Retention.of(EvictionPolicy.LFU));
        }
    }

    @Nested
    class WithTimeToLive extends BlockTierContract {
        @Override
        protected BlockTier open() {
            return tier(new Retention(EvictionPolicy.TTL, 3_600_000, Long.MAX_VALUE, Map.of()));
        }
    }

    private static BlockTier tier(Retention retention) {
        return new MemoryTier(
                MemoryOptions.of(4 << 20, retention), new RealClock(), Telemetry.none());
    }

    private static final class RealClock implements Clock {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long epochMillis() {
            return System.currentTimeMillis();
        }
    }
}
