package dev.cairn.tck;

import static dev.cairn.tck.ContractBlocks.LAYOUT;
import static dev.cairn.tck.ContractBlocks.bytes;
import static dev.cairn.tck.ContractBlocks.checksums;
import static dev.cairn.tck.ContractBlocks.contentOf;
import static dev.cairn.tck.ContractBlocks.key;
import static dev.cairn.tck.ContractBlocks.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockSelection;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.ContiguousMemory;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the cache relies on in a {@link BlockTier}: bytes come back as they went in or not at all,
 * and memory has a bound.
 *
 * <p>The tier under test holds between 1 and 64 MiB, and its queue 8 blocks at least.
 */
public abstract class BlockTierContract {

    private BlockTier tier;

    /** Opens an empty tier; the test closes it. */
    protected abstract BlockTier open();

    @BeforeEach
    final void openTier() {
        tier = open();
    }

    @AfterEach
    final void closeTier() {
        tier.close();
    }

    @Test
    protected void bytesComeBackAsTheyWentIn() {
        for (int i = 0; i < 8; i++) {
            assertThat(put(i)).isEqualTo(PutOutcome.STORED);
        }
        for (int i = 7; i >= 0; i--) {
            assertHolds(i);
        }
        assertThat(tier.counts().blocks()).isEqualTo(8);
        assertThat(tier.counts().hits()).isEqualTo(8);
    }

    @Test
    protected void manyBlocksGoInOneCall() {
        List<OwnLease> leases = new ArrayList<>();
        List<BlockWrite> writes = new ArrayList<>();
        List<BlockRead> reads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            OwnLease source = OwnLease.native64(LAYOUT.blockBytes());
            OwnLease target = OwnLease.native64(LAYOUT.blockBytes());
            leases.addAll(List.of(source, target));
            writes.add(write(key(i), i, source, ""));
            reads.add(new BlockRead(key(i), LAYOUT, target));
        }
        reads.add(new BlockRead(key(99), LAYOUT, leases.getFirst()));

        List<PutOutcome> stored = new Outcomes().putAll(tier, writes);
        List<GetOutcome> found = new Outcomes().getAll(tier, reads);

        assertThat(stored).hasSize(8).containsOnly(PutOutcome.STORED);
        assertThat(found.subList(0, 8)).containsOnly(GetOutcome.FOUND);
        assertThat(found.get(8)).isEqualTo(GetOutcome.ABSENT);
        for (int i = 0; i < 8; i++) {
            assertThat(contentOf(reads.get(i))).isEqualTo(bytes(i));
            assertThat(reads.get(i).sliceChecksums()).isEqualTo(checksums(i));
        }
        leases.forEach(OwnLease::close);
    }

    /** Every run of layers is what it is within the block; a tier that cannot says so. */
    @Test
    protected void layersOfABlockAreReadApart() {
        if (!tier.readsSlices()) {
            return;
        }
        put(5);
        for (int first = 0; first < LAYOUT.layers(); first++) {
            for (int count = 1; count <= LAYOUT.layers() - first; count++) {
                long bytes = count * LAYOUT.sliceBytes();
                try (OwnLease lease = OwnLease.native64(bytes)) {
                    var read = new BlockRead(key(5), LAYOUT, first, count, lease);
                    assertThat(new Outcomes().getAll(tier, List.of(read)))
                            .containsExactly(GetOutcome.FOUND);
                    int from = (int) LAYOUT.sliceOffset(first);
                    assertThat(lease.segment().asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE))
                            .isEqualTo(Arrays.copyOfRange(bytes(5), from, from + (int) bytes));
                    for (int layer = first; layer < first + count; layer++) {
                        assertThat(read.sliceChecksums()[layer]).isEqualTo(checksums(5)[layer]);
                    }
                }
            }
        }
        assertThat(tier.counts().hits()).isEqualTo(LAYOUT.layers());
    }

    /** What is lent to a reader of this process stays, whatever becomes of the block meanwhile. */
    @Test
    protected void whatIsBorrowedStaysUntilItIsGivenBack() {
        put(5);
        Optional<BlockBytes> lent = tier.borrow(key(5), LAYOUT);
        if (lent.isEmpty()) {
            return;
        }
        assertThat(tier.borrow(key(6), LAYOUT)).isEmpty();
        assertThat(this.<Integer>await(done -> tier.remove(List.of(key(5)), done))).isEqualTo(1);
        fill();
        BlockBytes block = lent.get();
        assertThat(tier.contains(key(5))).isFalse();
        assertThat(block.isSound(0, LAYOUT.layers())).isTrue();
        assertThat(block.bytes().segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes(5));
        assertThat(block.sliceChecksums()).isEqualTo(checksums(5));
        block.bytes().close();
        assertThat(put(5)).isEqualTo(PutOutcome.STORED);
        assertHolds(5);
    }

    /** What is written into the tier's own memory is a block once it is put, and stays lent. */
    @Test
    protected void whatIsWrittenIntoItsRoomIsABlockOnceItIsPut() {
        Optional<MemoryLease> room = tier.room(key(5), LAYOUT, "");
        if (room.isEmpty()) {
            return;
        }
        MemoryLease lease = room.get();
        assertThat(tier)
                .isInstanceOfSatisfying(
                        ContiguousMemory.class,
                        whole -> {
                            long begin = whole.memory().address();
                            assertThat(lease.segment().address())
                                    .isBetween(begin, begin + tier.capacityBytes());
                        });
        BlockWrite write = write(key(5), 5, lease, "");
        assertThat(tier.contains(key(5))).isFalse();
        BlockWrite anothers = write(key(6), 5, lease, "");
        assertThat(new Outcomes().putAll(tier, List.of(anothers)))
                .containsExactly(PutOutcome.FAILED);
        assertThat(new Outcomes().putAll(tier, List.of(write, write)))
                .containsExactlyInAnyOrder(PutOutcome.STORED, PutOutcome.FAILED);
        assertHolds(5);
        assertThat(tier.room(key(5), LAYOUT, "")).isEmpty();
        assertThat(this.<Integer>await(done -> tier.remove(List.of(key(5)), done))).isEqualTo(1);
        fill();
        assertThat(lease.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes(5));
        lease.close();
        assertThat(put(5)).isEqualTo(PutOutcome.STORED);
    }

    /** Nobody evicts what is being written, and rooms that are given back are room again. */
    @Test
    protected void roomsAreNobodyElsesAndComeBack() {
        List<MemoryLease> rooms = new ArrayList<>();
        for (int i = 0; ; i++) {
            Optional<MemoryLease> room = tier.room(key(i), LAYOUT, "");
            if (room.isEmpty()) {
                break;
            }
            rooms.add(room.get());
        }
        if (rooms.isEmpty()) {
            return;
        }
        assertThat(put(1000)).isEqualTo(PutOutcome.FULL);
        assertThat(tier.contains(key(0))).isFalse();
        rooms.forEach(MemoryLease::close);
        assertThat(tier.usedBytes()).isZero();
        for (int i = 0; i < rooms.size(); i++) {
            assertThat(put(i)).isEqualTo(PutOutcome.STORED);
        }
        assertThat(tier.counts().evicted()).isZero();
    }

    private void fill() {
        long room = tier.capacityBytes() / LAYOUT.blockBytes();
        for (int i = 10; i < 10 + room; i++) {
            put(i);
        }
    }

    @Test
    protected void whatWasNeverStoredIsAbsent() {
        put(1);
        assertThat(tier.contains(key(2))).isFalse();
        assertThat(get(2)).isEqualTo(GetOutcome.ABSENT);
        assertThat(tier.pin(key(2), true)).isFalse();
        assertThat(tier.hold(key(2), Duration.ofHours(1))).isFalse();
    }

    @Test
    protected void storingTwiceIsHarmless() {
        put(3);
        long used = tier.usedBytes();
        assertThat(put(3)).isIn(PutOutcome.PRESENT, PutOutcome.STORED);
        assertThat(tier.usedBytes()).isEqualTo(used);
        assertHolds(3);
    }

    /** The checksums of a put are what its bytes are held against, whoever damaged which. */
    @Test
    protected void bytesThatDoNotMatchTheirChecksumsAreAMissAndDropped() {
        try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
            BlockWrite write = write(key(1), 1, lease, "");
            write.block().sliceChecksums()[LAYOUT.layers() - 1] ^= 1;
            new Outcomes().putAll(tier, List.of(write));
        }
        put(2);

        assertThat(get(1)).isEqualTo(GetOutcome.DAMAGED);

        assertThat(tier.contains(key(1))).isFalse();
        assertThat(get(1)).isEqualTo(GetOutcome.ABSENT);
        assertThat(tier.counts().damaged()).isEqualTo(1);
        assertHolds(2);
        assertThat(put(1)).isEqualTo(PutOutcome.STORED);
        assertHolds(1);
    }

    @Test
    protected void anotherLayoutIsAbsent() {
        put(1);
        KvLayout twoHalves = new KvLayout(8, 8, 4, 32, KvType.FLOAT32);
        try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
            var read = new BlockRead(key(1), twoHalves, lease);
            assertThat(new Outcomes().getAll(tier, List.of(read)))
                    .containsExactly(GetOutcome.ABSENT);
        }
        assertHolds(1);
    }

    @Test
    protected void whatIsRemovedIsGone() {
        put(4);
        put(5);
        tier.pin(key(4), true);
        int removed = this.<Integer>await(done -> tier.remove(List.of(key(4), key(99)), done));
        assertThat(removed).isEqualTo(1);
        assertThat(get(4)).isEqualTo(GetOutcome.ABSENT);
        assertHolds(5);
    }

    @Test
    protected void clearingTakesWhatIsSelected() {
        put(key(1), 1, "red");
        put(key(2), 2, "blue");
        put(new BlockKey("other", key(3).identity(), 0, key(3).hash()), 3, "red");

        assertThat(clear(BlockSelection.ofModel("other"))).isEqualTo(1);
        assertThat(clear(BlockSelection.ofTenant("red"))).isEqualTo(1);
        assertThat(get(1)).isEqualTo(GetOutcome.ABSENT);
        assertHolds(2);
        assertThat(clear(BlockSelection.storedBefore(0))).isZero();
        assertThat(clear(BlockSelection.storedBefore(Long.MAX_VALUE))).isEqualTo(1);
        assertThat(tier.counts().blocks()).isZero();
    }

    @Test
    protected void entriesNameWhatIsHere() {
        put(key(1), 1, "red");
        put(key(2), 2, "");
        tier.pin(key(2), true);
        List<BlockEntry> entries = new ArrayList<>();
        tier.entries(entries::add);
        assertThat(entries)
                .extracting(BlockEntry::key, BlockEntry::tenant, BlockEntry::pinned)
                .containsExactlyInAnyOrder(tuple(key(1), "red", false), tuple(key(2), "", true));
        assertThat(entries).extracting(BlockEntry::layout).containsOnly(LAYOUT);
    }

    @Test
    protected void theHottestAreWithinTheBytesAndHere() {
        for (int i = 0; i < 8; i++) {
            put(i);
        }
        assertHolds(2);
        assertThat(tier.hottest(0)).isEmpty();
        List<BlockEntry> five = tier.hottest(6 * LAYOUT.blockBytes() - 1);
        assertThat(five).hasSize(5).allMatch(entry -> tier.contains(entry.key()));
        List<BlockEntry> all = tier.hottest(Long.MAX_VALUE);
        assertThat(all).hasSize(8).doesNotHaveDuplicates();
        long last = all.stream().mapToLong(BlockEntry::storedEpochMillis).max().orElseThrow();
        assertThat(five.getFirst())
                .as("used last, or stored last")
                .matches(entry -> entry.key().equals(key(2)) || entry.storedEpochMillis() == last);
    }

    @Test
    protected void pressureStaysWithinTheBoundAndSparesPinsAndHolds() {
        List<BlockKey> left = new ArrayList<>();
        tier.listen((key, reason) -> left.add(key));
        assertThat(put(0)).isEqualTo(PutOutcome.STORED);
        assertThat(put(1)).isEqualTo(PutOutcome.STORED);
        assertThat(tier.pin(key(0), true)).isTrue();
        assertThat(tier.hold(key(1), Duration.ofHours(1))).isTrue();
        long blocks = 3 * tier.capacityBytes() / LAYOUT.blockBytes();
        for (int i = 2; i <= blocks; i++) {
            assertThat(put(i)).isIn(PutOutcome.STORED, PutOutcome.FULL);
            assertThat(tier.usedBytes()).isLessThanOrEqualTo(tier.capacityBytes());
        }
        assertHolds(0);
        assertHolds(1);
        assertThat(left).hasSize((int) tier.counts().evicted()).doesNotHaveDuplicates();
        assertThat(left).noneMatch(tier::contains);
    }

    @Test
    protected void whatIsLentIsTheBlock() {
        put(1);
        assertThat(tier.lend(key(2), LAYOUT, Duration.ofSeconds(1))).isEmpty();
        Optional<BlockBytes> lent = tier.lend(key(1), LAYOUT, Duration.ofHours(1));
        lent.ifPresent(
                block -> {
                    assertThat(block.bytes().segment().toArray(ValueLayout.JAVA_BYTE))
                            .isEqualTo(bytes(1));
                    assertThat(block.sliceChecksums()).isEqualTo(checksums(1));
                    block.bytes().close();
                });
    }

    @Test
    protected void keysOfOtherGroupsAndIdentitiesAreOtherBlocks() {
        put(6);
        BlockKey key = key(6);
        var otherGroup = new BlockKey(key.model(), key.identity(), 1, key.hash());
        var otherIdentity =
                new BlockKey(key.model(), new ComputeIdentity("tck/other"), 0, key.hash());
        var otherModel = new BlockKey("other", key.identity(), 0, key.hash());
        for (BlockKey other : List.of(otherGroup, otherIdentity, otherModel)) {
            assertThat(tier.contains(other)).isFalse();
            assertThat(get(other)).isEqualTo(GetOutcome.ABSENT);
        }
    }

    /** Readers and writers at once: whatever is found is right, and what is wrong is not found. */
    @Test
    protected void readersNeverSeeAHalfWrittenBlock() throws Exception {
        int keys = (int) (2 * tier.capacityBytes() / LAYOUT.blockBytes());
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<Integer>> work = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                work.add(thread < 2 ? writing(thread, keys) : reading(thread, keys));
            }
            for (Future<Integer> done : threads.invokeAll(work)) {
                assertThat(done.get()).isNotNegative();
            }
        } catch (ExecutionException failed) {
            throw new AssertionError(failed.getCause());
        }
        assertThat(tier.counts().damaged()).isZero();
    }

    private Callable<Integer> writing(int seed, int keys) {
        return () -> {
            Random random = new Random(seed);
            for (int i = 0; i < 400; i++) {
                assertThat(put(random.nextInt(keys)))
                        .isIn(PutOutcome.STORED, PutOutcome.PRESENT, PutOutcome.FULL);
            }
            return 0;
        };
    }

    private Callable<Integer> reading(int seed, int keys) {
        return () -> {
            Random random = new Random(seed);
            int found = 0;
            try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
                for (int i = 0; i < 400; i++) {
                    int id = random.nextInt(keys);
                    var read = new BlockRead(key(id), LAYOUT, lease);
                    GetOutcome outcome = new Outcomes().getAll(tier, List.of(read)).getFirst();
                    assertThat(outcome).isIn(GetOutcome.FOUND, GetOutcome.ABSENT);
                    if (outcome == GetOutcome.FOUND) {
                        assertThat(contentOf(read)).isEqualTo(bytes(id));
                        found++;
                    }
                }
            }
            return found;
        };
    }

    private PutOutcome put(int id) {
        return put(key(id), id, "");
    }

    private PutOutcome put(BlockKey key, int content, String tenant) {
        try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
            return new Outcomes()
                    .putAll(tier, List.of(write(key, content, lease, tenant)))
                    .getFirst();
        }
    }

    private GetOutcome get(int id) {
        return get(key(id));
    }

    private GetOutcome get(BlockKey key) {
        try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
            var read = new BlockRead(key, LAYOUT, lease);
            return new Outcomes().getAll(tier, List.of(read)).getFirst();
        }
    }

    private int clear(BlockSelection selection) {
        return this.<Integer>await(done -> tier.clear(selection, done));
    }

    private void assertHolds(int id) {
        assertThat(tier.contains(key(id))).isTrue();
        try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
            var read = new BlockRead(key(id), LAYOUT, lease);
            assertThat(new Outcomes().getAll(tier, List.of(read)))
                    .containsExactly(GetOutcome.FOUND);
            assertThat(contentOf(read)).isEqualTo(bytes(id));
            assertThat(read.sliceChecksums()).isEqualTo(checksums(id));
        }
    }

    private <T> T await(Consumer<Completion<T>> start) {
        CompletableFuture<T> future = new CompletableFuture<>();
        start.accept(
                new Completion<>() {
                    @Override
                    public void completed(T result) {
                        future.complete(result);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        future.completeExceptionally(failure);
                    }
                });
        return future.join();
    }
}
