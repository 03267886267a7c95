package dev.cairn.storage.disk;

import static dev.cairn.storage.disk.TestTier.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.storage.slots.EvictionPolicy;
import dev.cairn.storage.slots.Retention;
import dev.cairn.tck.TierCalls;
import dev.cairn.tck.TierModel;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the folder is served again, what is damaged in it is not. */
class DiskRecoveryIT {

    private static final long BYTES = 1 << 20;
    private static final int BLOCKS = 6;

    @TempDir private Path folder;

    @Test
    void whatWasStoredIsThereAgain() {
        fill(folder);
        try (DiskTier tier = TestTier.open(folder, BYTES);
                var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = 0; id < BLOCKS; id++) {
                assertThat(calls.get(id)).isEqualTo(GetOutcome.FOUND);
                assertThat(calls.put(id)).isEqualTo(PutOutcome.PRESENT);
            }
            tier.pin(TierCalls.key(1), true);
            assertThat(calls.remove(2)).isEqualTo(1);
        }
        try (DiskTier tier = TestTier.open(folder, BYTES);
                var calls = new TierCalls(tier, LAYOUT)) {
            assertThat(calls.get(2)).isEqualTo(GetOutcome.ABSENT);
            for (int id = 100; id < 300; id++) {
                calls.put(id, "red");
            }
            assertThat(calls.get(1)).isEqualTo(GetOutcome.FOUND);
            List<BlockEntry> entries = new ArrayList<>();
            tier.entries(entries::add);
            assertThat(entries).filteredOn(BlockEntry::pinned).hasSize(1);
            assertThat(entries).filteredOn(entry -> entry.tenant().equals("red")).isNotEmpty();
        }
    }

    @Test
    void doesWhatAMapSaysAcrossRestarts() throws IOException {
        int runs = TestTier.nightly() ? 200 : 8;
        long first = RandomGenerator.getDefault().nextLong();
        for (long seed = first; seed < first + runs; seed++) {
            System.out.printf("disk model: seed %d%n", seed);
            EvictionPolicy policy = EvictionPolicy.values()[(int) Math.floorMod(seed, 3)];
            var retention = new Retention(policy, 0, 700 << 10, Map.of("blue", 64L << 10));
            Path own = Files.createDirectory(folder.resolve("model" + seed));
            var options = new DiskOptions(own, BYTES, retention, SyncPolicy.NEVER, 64, 2);
            new TierModel(
                            seed,
                            TestTier.open(options, ChannelFile::open),
                            tier -> {
                                tier.close();
                                return TestTier.open(options, ChannelFile::open);
                            })
                    .run(300)
                    .close();
        }
    }

    @Test
    void expiredBlocksDoNotComeBack() throws IOException {
        var retention = new Retention(EvictionPolicy.TTL, 60_000, Long.MAX_VALUE, Map.of());
        var options = new DiskOptions(folder, BYTES, retention, SyncPolicy.NEVER, 64, 1);
        try (DiskTier tier = TestTier.open(options, ChannelFile::open);
                var calls = new TierCalls(tier, LAYOUT)) {
            calls.put(1);
        }
        TestClock later = new TestClock();
        later.jump(61_000);
        try (DiskTier tier = DiskTier.open(options, later, Telemetry.none())) {
            assertThat(tier.contains(TierCalls.key(1))).isFalse();
            assertThat(tier.usedBytes()).isZero();
        }
    }

    /** Every byte of a record and of a segment's first page, and some of every slice and file. */
    @Test
    void aFlippedByteAnywhereIsNeverServed() throws IOException {
        fill(folder);
        Path head = only(".head");
        Path data = only(".data");
        int record = BlockRecord.bytes(TierCalls.key(0), LAYOUT, "");
        long[] inHead =
                LongStream.concat(LongStream.range(0, 64), LongStream.range(4096, 4096 + record))
                        .toArray();
        int lost = 0;
        for (long at : inHead) {
            lost += lostByFlip(head, at, false);
        }
        long[] inData =
                IntStream.range(0, LAYOUT.layers())
                        .mapToObj(LAYOUT::sliceOffset)
                        .flatMapToLong(
                                begin ->
                                        LongStream.of(
                                                begin,
                                                begin + 1,
                                                begin + LAYOUT.sliceBytes() / 2,
                                                begin + LAYOUT.sliceBytes() - 1))
                        .toArray();
        for (long at : inData) {
            assertThat(lostByFlip(data, at, true)).as("flip at %d", at).isEqualTo(1);
        }
        System.out.printf(
                "%d flips in heads lost %d blocks, none was served wrong%n", inHead.length, lost);
        // Flips between the end of a record and the next, or of the page, do no harm.
        assertThat(lost).isBetween(100, inHead.length * BLOCKS);
    }

    private int lostByFlip(Path file, long at, boolean counted) throws IOException {
        Path copy = copyOf(folder);
        Path there = copy.resolve(file.getFileName());
        byte[] bytes = Files.readAllBytes(there);
        bytes[(int) at] ^= 0x10;
        Files.write(there, bytes);
        return lost(copy, counted);
    }

    /** Blocks that are not found; those that are found are right. */
    private static int lost(Path copy, boolean counted) throws IOException {
        int lost = 0;
        try (DiskTier tier = TestTier.open(copy, BYTES);
                var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = 0; id < BLOCKS; id++) {
                lost += calls.get(id) == GetOutcome.FOUND ? 0 : 1;
            }
            if (counted) {
                assertThat(tier.counts().damaged()).isEqualTo(lost);
            }
            // What was lost can be stored again.
            for (int id = 0; id < BLOCKS; id++) {
                assertThat(calls.put(id)).isIn(PutOutcome.STORED, PutOutcome.PRESENT);
                assertThat(calls.get(id)).isEqualTo(GetOutcome.FOUND);
            }
        }
        deleteAll(copy);
        return lost;
    }

    @Test
    void aFileCutAnywhereCostsWhatWasCutOff() throws IOException {
        fill(folder);
        long slot = LAYOUT.blockBytes();
        Path data = only(".data");
        for (long length : new long[] {0, 1, 4095, 4096, slot - 1, slot, slot + 4096, 3 * slot}) {
            Path copy = copyOf(folder);
            truncate(copy.resolve(data.getFileName()), length);
            assertThat(lost(copy, false)).isEqualTo(BLOCKS - (int) (length / slot));
        }
        Path head = only(".head");
        int record = BlockRecord.bytes(TierCalls.key(0), LAYOUT, "");
        for (long length : new long[] {0, 1, 4095}) {
            Path copy = copyOf(folder);
            truncate(copy.resolve(head.getFileName()), length);
            assertThat(lost(copy, false)).isEqualTo(BLOCKS);
        }
        for (long length : new long[] {0, 1, record - 1, record, record + 1, 3 * record}) {
            Path copy = copyOf(folder);
            truncate(copy.resolve(head.getFileName()), 4096 + length);
            assertThat(lost(copy, false)).isEqualTo(BLOCKS - (int) (length / record));
        }
    }

    /** A file can be cut while it is in use, too. */
    @Test
    void aFileCutUnderneathIsAMiss() throws IOException {
        try (DiskTier tier = TestTier.open(folder, BYTES);
                var calls = new TierCalls(tier, LAYOUT)) {
            calls.put(0);
            calls.put(1);
            truncate(only(".data"), LAYOUT.blockBytes() + 4096);
            assertThat(calls.get(0)).isEqualTo(GetOutcome.FOUND);
            assertThat(calls.get(1)).isEqualTo(GetOutcome.DAMAGED);
            assertThat(calls.get(1)).isEqualTo(GetOutcome.ABSENT);
        }
    }

    @Test
    void aRecordInAnotherPlaceIsNone() throws IOException {
        fill(folder);
        Path head = only(".head");
        int record = BlockRecord.bytes(TierCalls.key(0), LAYOUT, "");
        byte[] bytes = Files.readAllBytes(head);
        System.arraycopy(bytes, 4096, bytes, 4096 + record, record);
        Files.write(head, bytes);
        assertThat(lost(copyOf(folder), false)).isEqualTo(1);
    }

    @Test
    void aSmallerTierKeepsWhatFits() {
        try (DiskTier tier = TestTier.open(folder, 4 * BYTES);
                var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = 0; id < 256; id++) {
                assertThat(calls.put(id)).isEqualTo(PutOutcome.STORED);
            }
        }
        try (DiskTier tier = TestTier.open(folder, 2 * BYTES);
                var calls = new TierCalls(tier, LAYOUT)) {
            assertThat(tier.usedBytes()).isLessThanOrEqualTo(2 * BYTES);
            assertThat(calls.get(255)).isEqualTo(GetOutcome.FOUND);
            assertThat(calls.get(0)).isEqualTo(GetOutcome.ABSENT);
        }
    }

    @Test
    void aFolderBelongsToOneTier() {
        try (DiskTier _ = TestTier.open(folder, BYTES)) {
            assertThatThrownBy(() -> TestTier.open(folder, BYTES))
                    .hasMessageContaining("in use by another Cairn");
        }
    }

    private static void fill(Path folder) {
        try (DiskTier tier = TestTier.open(folder, BYTES);
                var calls = new TierCalls(tier, LAYOUT)) {
            for (int id = 0; id < BLOCKS; id++) {
                assertThat(calls.put(id)).isEqualTo(PutOutcome.STORED);
            }
        }
    }

    private Path only(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).findFirst().orElseThrow();
        }
    }

    private static void truncate(Path file, long length) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(length);
        }
    }

    private static Path copyOf(Path folder) throws IOException {
        Path copy = Files.createTempDirectory(folder.getParent(), "copy");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static void deleteAll(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
