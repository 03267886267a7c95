package dev.cairn.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.storage.slots.EvictionPolicy;
import dev.cairn.storage.slots.Retention;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** A million puts leave the process as it was: heap, memory outside it, and descriptors. */
class MillionPutsTest {

    private static final KvLayout LAYOUT = new KvLayout(2, 4, 2, 16, KvType.FLOAT32);
    private static final int PUTS = 1_000_000;
    private static final int CALL = 64;

    private final Arena arena = Arena.ofShared();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void leaveNothingBehind() {
        try (arena;
                MemoryTier tier =
                        new MemoryTier(
                                MemoryOptions.of(8 << 20, Retention.of(EvictionPolicy.LRU)),
                                new TestClock(),
                                Telemetry.none())) {
            run(tier, 0, PUTS / 10);
            long heap = heapInUse();
            long descriptors = openDescriptors();
            long outside = memoryOutsideTheHeap();
            long madeByTier = allocatedByTier();

            run(tier, PUTS / 10, PUTS);

            double perPut = (allocatedByTier() - madeByTier) / (0.9 * PUTS);
            System.out.printf("the tier's threads made %.3f bytes per put and get%n", perPut);
            assertThat(perPut).as("bytes of objects per put and get").isLessThan(1);
            assertThat(openDescriptors()).isLessThanOrEqualTo(descriptors);
            assertThat(memoryOutsideTheHeap()).isLessThanOrEqualTo(outside);
            assertThat(heapInUse()).isLessThan(heap + (2 << 20));
            assertThat(tier.counts().stored()).isEqualTo(PUTS);
            assertThat(tier.counts().hits()).isEqualTo(PUTS);
        }
    }

    /** Calls of 64 blocks, each read again at once. */
    private void run(BlockTier tier, int from, int to) {
        MemorySegment memory = arena.allocate(2 * LAYOUT.blockBytes() * CALL, 64);
        memory.fill((byte) 7);
        CRC32C crc = new CRC32C();
        crc.update(memory.asSlice(0, LAYOUT.sliceBytes()).asByteBuffer());
        int[] checksums = {(int) crc.getValue(), (int) crc.getValue()};
        var phaser = new Phaser(1);
        for (int first = from; first < to; first += CALL) {
            List<BlockWrite> writes = new ArrayList<>();
            List<BlockRead> reads = new ArrayList<>();
            for (int i = 0; i < Math.min(CALL, to - first); i++) {
                long at = 2 * i * LAYOUT.blockBytes();
                writes.add(
                        new BlockWrite(
                                key(first + i),
                                new BlockBytes(LAYOUT, lease(memory, at), checksums),
                                ""));
                reads.add(
                        new BlockRead(
                                key(first + i), LAYOUT, lease(memory, at + LAYOUT.blockBytes())));
            }
            phaser.bulkRegister(writes.size());
            tier.put(writes, (block, outcome) -> arrive(phaser, outcome == PutOutcome.STORED));
            phaser.arriveAndAwaitAdvance();
            phaser.bulkRegister(reads.size());
            tier.get(reads, (block, outcome) -> arrive(phaser, outcome == GetOutcome.FOUND));
            phaser.arriveAndAwaitAdvance();
        }
    }

    private static void arrive(Phaser phaser, boolean well) {
        if (well) {
            phaser.arriveAndDeregister();
        } else {
            phaser.forceTermination();
        }
    }

    private static BlockKey key(int id) {
        return new BlockKey(
                "million", new ComputeIdentity("test"), 0, new BlockHash(id * 31L, id, 0, 0));
    }

    private static MemoryLease lease(MemorySegment memory, long at) {
        MemorySegment segment = memory.asSlice(at, LAYOUT.blockBytes());
        return new MemoryLease() {
            @Override
            public MemorySegment segment() {
                return segment;
            }

            @Override
            public void close() {}
        };
    }

    private long allocatedByTier() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("host-"))
                .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.threadId()))
                .sum();
    }

    private static long heapInUse() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long openDescriptors() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean unix
                ? unix.getOpenFileDescriptorCount()
                : 0;
    }

    private static long memoryOutsideTheHeap() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
