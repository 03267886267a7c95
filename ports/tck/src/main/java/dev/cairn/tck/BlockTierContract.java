package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.system.Completion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the cache relies on in a {@link BlockTier}: bytes come back as they went in or not at all,
 * and memory has a bound.
 *
 * <p>The tier under test holds between 1 and 64 MiB.
 */
public abstract class BlockTierContract {

    /** 64 KiB a block. */
    private static final KvLayout LAYOUT = new KvLayout(4, 16, 4, 32, KvType.FLOAT32);

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
    }

    @Test
    protected void whatWasNeverStoredIsAbsent() {
        put(1);
        assertThat(tier.contains(key(2))).isFalse();
        assertThat(get(2)).isInstanceOf(GetOutcome.Absent.class);
    }

    @Test
    protected void storingTwiceIsHarmless() {
        put(3);
        long used = tier.usedBytes();
        assertThat(put(3)).isIn(PutOutcome.PRESENT, PutOutcome.STORED);
        assertThat(tier.usedBytes()).isEqualTo(used);
        assertHolds(3);
    }

    @Test
    protected void whatIsRemovedIsGone() {
        put(4);
        put(5);
        int removed = this.<Integer>await(done -> tier.remove(List.of(key(4), key(99)), done));
        assertThat(removed).isEqualTo(1);
        assertThat(get(4)).isInstanceOf(GetOutcome.Absent.class);
        assertHolds(5);
    }

    @Test
    protected void pressureStaysWithinTheBoundAndSparesPins() {
        assertThat(put(0)).isEqualTo(PutOutcome.STORED);
        tier.pin(key(0), true);
        long blocks = 3 * tier.capacityBytes() / LAYOUT.blockBytes();
        for (int i = 1; i <= blocks; i++) {
            assertThat(put(i)).isIn(PutOutcome.STORED, PutOutcome.FULL);
            assertThat(tier.usedBytes()).isLessThanOrEqualTo(tier.capacityBytes());
        }
        assertHolds(0);
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
            try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
                GetOutcome outcome = await(done -> tier.get(other, LAYOUT, lease, done));
                assertThat(outcome).isInstanceOf(GetOutcome.Absent.class);
            }
        }
    }

    private PutOutcome put(int id) {
        try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
            lease.segment().copyFrom(MemorySegment.ofArray(bytes(id)));
            return await(
                    done ->
                            tier.put(
                                    key(id),
                                    new BlockBytes(LAYOUT, lease, checksums(id)),
                                    "",
                                    done));
        }
    }

    private GetOutcome get(int id) {
        try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
            return await(done -> tier.get(key(id), LAYOUT, lease, done));
        }
    }

    private void assertHolds(int id) {
        assertThat(tier.contains(key(id))).isTrue();
        try (OwnLease lease = OwnLease.native64(LAYOUT.blockBytes())) {
            GetOutcome outcome = await(done -> tier.get(key(id), LAYOUT, lease, done));
            assertThat(outcome).isInstanceOf(GetOutcome.Found.class);
            assertThat(lease.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes(id));
            assertThat(((GetOutcome.Found) outcome).block().sliceChecksums())
                    .isEqualTo(checksums(id));
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

    private static BlockKey key(int id) {
        return new BlockKey(
                "tck", new ComputeIdentity("tck/1"), 0, new BlockHash(id, ~id, 17L * id, 0));
    }

    private static byte[] bytes(int id) {
        byte[] bytes = new byte[(int) LAYOUT.blockBytes()];
        new Random(id).nextBytes(bytes);
        return bytes;
    }

    private static int[] checksums(int id) {
        byte[] bytes = bytes(id);
        int[] checksums = new int[LAYOUT.layers()];
        for (int layer = 0; layer < checksums.length; layer++) {
            CRC32C crc = new CRC32C();
            crc.update(bytes, (int) LAYOUT.sliceOffset(layer), (int) LAYOUT.sliceBytes());
            checksums[layer] = (int) crc.getValue();
        }
        return checksums;
    }
}
