package dev.cairn.storage.disk;

import static dev.cairn.storage.disk.TestTier.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.system.MemoryLease;
import dev.cairn.tck.TierCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full, broken, slow or read-only costs hits and a line in the log. */
class DiskFaultsIT {

    private static final long BYTES = 1 << 20;

    @TempDir private Path folder;

    private final FaultyFile.Disk disk = new FaultyFile.Disk();

    @Test
    void aDiskThatCannotBeReadIsAMissAndOneLine() {
        try (Lines lines = new Lines();
                DiskTier tier = open();
                var calls = new TierCalls(tier, LAYOUT)) {
            calls.put(1);
            calls.put(2);
            disk.refusesReads = "Input/output error";
            for (int i = 0; i < 5; i++) {
                assertThat(calls.get(1)).isEqualTo(GetOutcome.FAILED);
            }
            assertThat(tier.counts().failures()).isEqualTo(5);
            disk.refusesReads = null;
            assertThat(calls.get(1)).isEqualTo(GetOutcome.FOUND);
            assertThat(calls.get(2)).isEqualTo(GetOutcome.FOUND);
            assertThat(lines.warnings()).hasSize(1);
        }
    }

    @Test
    void aDiskThatCannotBeWrittenDropsWhatItIsGiven() {
        try (Lines lines = new Lines();
                DiskTier tier = open();
                var calls = new TierCalls(tier, LAYOUT)) {
            calls.put(1);
            disk.refusesWrites = "Input/output error";
            for (int id = 2; id < 6; id++) {
                assertThat(calls.put(id)).isEqualTo(PutOutcome.FAILED);
                assertThat(calls.get(id)).isEqualTo(GetOutcome.ABSENT);
            }
            disk.refusesWrites = "Read-only file system";
            assertThat(calls.put(2)).isEqualTo(PutOutcome.READ_ONLY);
            assertThat(calls.get(1)).isEqualTo(GetOutcome.FOUND);
            disk.refusesWrites = null;
            assertThat(calls.put(2)).isEqualTo(PutOutcome.STORED);
            assertThat(lines.warnings()).hasSize(1);
            assertThat(tier.usedBytes()).isEqualTo(2 * LAYOUT.blockBytes());
        }
    }

    @Test
    void aFullDiskGoesOnWithTheRoomItHas() {
        try (Lines lines = new Lines();
                DiskTier tier = open();
                var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = 0; id < 8; id++) {
                assertThat(calls.put(id)).isEqualTo(PutOutcome.STORED);
            }
            disk.refusesWrites = "No space left on device";
            assertThat(calls.put(8)).isEqualTo(PutOutcome.FULL);
            disk.refusesWrites = null;
            // What has been written before can be written again, whatever the disk says of more.
            assertThat(calls.put(9)).isEqualTo(PutOutcome.STORED);
            assertThat(calls.get(9)).isEqualTo(GetOutcome.FOUND);
            assertThat(tier.contains(TierCalls.key(0))).isFalse();
            assertThat(tier.usedBytes()).isEqualTo(8 * LAYOUT.blockBytes());
            assertThat(lines.warnings()).hasSize(1);
        }
    }

    @Test
    void aDiskThatHangsFillsTheQueueAndNothingElse() throws InterruptedException {
        try (Arena arena = Arena.ofShared();
                DiskTier tier = open()) {
            disk.stalled = new CountDownLatch(1);
            List<PutOutcome> outcomes = Collections.synchronizedList(new ArrayList<>());
            List<GetOutcome> reads = Collections.synchronizedList(new ArrayList<>());
            int many = 200;
            CountDownLatch all = new CountDownLatch(2 * many);
            for (int id = 0; id < many; id++) {
                tier.put(
                        List.of(write(arena, id)),
                        (block, outcome) -> {
                            outcomes.add(outcome);
                            all.countDown();
                        });
                tier.get(
                        List.of(new BlockRead(TierCalls.key(id), LAYOUT, lease(arena))),
                        (block, outcome) -> {
                            reads.add(outcome);
                            all.countDown();
                        });
            }
            assertThat(outcomes).contains(PutOutcome.BUSY).doesNotContain(PutOutcome.STORED);
            assertThat(tier.counts().dropped()).isGreaterThanOrEqualTo(many - 64);
            disk.stalled.countDown();
            all.await();
            assertThat(outcomes).hasSize(many).contains(PutOutcome.STORED);
            assertThat(reads).hasSize(many);
        }
    }

    /** A tmpfs of 4 MiB; mounting needs root, others see the simulated disk above. */
    @Test
    void aRealFullDiskIsNoError() throws Exception {
        Path small = Files.createDirectory(folder.resolve("small"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", small.toString()) == 0);
        try (DiskTier tier = TestTier.open(small.resolve("tier"), 64 << 20);
                var calls = new TierCalls(tier, LAYOUT)) {
            int found = 0;
            List<PutOutcome> outcomes = new ArrayList<>();
            for (int id = 0; id < 1000; id++) {
                outcomes.add(calls.put(id));
                found += calls.get(id) == GetOutcome.FOUND ? 1 : 0;
            }
            assertThat(outcomes).containsOnly(PutOutcome.STORED, PutOutcome.FULL);
            assertThat(outcomes).contains(PutOutcome.FULL);
            // After the first refusals blocks replace each other.
            assertThat(found).isGreaterThan(900);
            assertThat(tier.usedBytes()).isBetween(1L << 20, 4L << 20);
        } finally {
            run("umount", small.toString());
        }
    }

    @Test
    void aReadOnlyFolderIsRead() throws Exception {
        Path mounted = Files.createDirectory(folder.resolve("mounted"));
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mounted.toString()) == 0);
        try {
            try (DiskTier tier = TestTier.open(mounted.resolve("tier"), BYTES);
                    var calls = new TierCalls(tier, LAYOUT)) {
                calls.put(1);
            }
            run("mount", "-o", "remount,ro", mounted.toString());
            try (DiskTier tier = TestTier.open(mounted.resolve("tier"), BYTES);
                    var calls = new TierCalls(tier, LAYOUT)) {
                assertThat(calls.get(1)).isEqualTo(GetOutcome.FOUND);
                assertThat(calls.put(2)).isEqualTo(PutOutcome.READ_ONLY);
                assertThat(calls.get(2)).isEqualTo(GetOutcome.ABSENT);
            }
        } finally {
            run("umount", mounted.toString());
        }
    }

    private DiskTier open() {
        return TestTier.open(TestTier.options(folder, BYTES), disk);
    }

    private static BlockWrite write(Arena arena, int id) {
        MemoryLease lease = lease(arena);
        byte[] bytes = TierCalls.bytes(LAYOUT, id);
        lease.segment().copyFrom(MemorySegment.ofArray(bytes));
        return new BlockWrite(
                TierCalls.key(id),
                new BlockBytes(LAYOUT, lease, TierCalls.checksums(LAYOUT, bytes)),
                "");
    }

    private static MemoryLease lease(Arena arena) {
        MemorySegment segment = arena.allocate(LAYOUT.blockBytes(), 64);
        return new MemoryLease() {
            @Override
            public MemorySegment segment() {
                return segment;
            }

            @Override
            public void close() {}
        };
    }

    private static int run(String... command) throws IOException, InterruptedException {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException absent) {
            return 127;
        }
    }

    /** What is logged while it is open. */
    private static final class Lines extends Handler implements AutoCloseable {

        private final Logger logger = Logger.getLogger("dev.cairn.storage");
        private final List<LogRecord> records = Collections.synchronizedList(new ArrayList<>());

        Lines() {
            logger.addHandler(this);
        }

        List<String> warnings() {
            return records.stream()
                    .filter(line -> line.getLevel().equals(Level.WARNING))
                    .map(LogRecord::getMessage)
                    .toList();
        }

        @Override
        public void publish(LogRecord line) {
            records.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }
}
