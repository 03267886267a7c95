package dev.cairn.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockSelection;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.GetOutcome;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.PutOutcome;
import dev.cairn.ports.system.Completion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

/**
 * Calls a tier and waits, with blocks whose bytes follow from a number; whatever is found is held
 * against them.
 *
 * <p>Threads: one.
 */
public final class TierCalls implements AutoCloseable {

    private final BlockTier tier;
    private final KvLayout layout;
    private final OwnLease source;
    private final OwnLease target;

    public TierCalls(BlockTier tier, KvLayout layout) {
        this.tier = tier;
        this.layout = layout;
        this.source = OwnLease.native64(layout.blockBytes());
        this.target = OwnLease.native64(layout.blockBytes());
    }

    public static BlockKey key(int id) {
        return new BlockKey(
                "tck", new ComputeIdentity("tck/1"), 0, new BlockHash(17L * id, ~id, id, 0));
    }

    /** The bytes of block {@code id}. */
    public static byte[] bytes(KvLayout layout, int id) {
        byte[] bytes = new byte[(int) layout.blockBytes()];
        new Random(id).nextBytes(bytes);
        return bytes;
    }

    /** What the bytes' slices sum up to. */
    public static int[] checksums(KvLayout layout, byte[] bytes) {
        int[] checksums = new int[layout.layers()];
        for (int layer = 0; layer < checksums.length; layer++) {
            CRC32C crc = new CRC32C();
            crc.update(bytes, (int) layout.sliceOffset(layer), (int) layout.sliceBytes());
            checksums[layer] = (int) crc.getValue();
        }
        return checksums;
    }

    public PutOutcome put(int id) {
        return put(id, "");
    }

    public PutOutcome put(int id, String tenant) {
        byte[] bytes = bytes(layout, id);
        source.segment().copyFrom(MemorySegment.ofArray(bytes));
        var block = new BlockBytes(layout, source, checksums(layout, bytes));
        return new Outcomes()
                .putAll(tier, List.of(new BlockWrite(key(id), block, tenant)))
                .getFirst();
    }

    /**
     * Reads a block.
     *
     * @throws AssertionError if it is found with other bytes than its own
     */
    public GetOutcome get(int id) {
        var read = new BlockRead(key(id), layout, target);
        GetOutcome outcome = new Outcomes().getAll(tier, List.of(read)).getFirst();
        if (outcome == GetOutcome.FOUND) {
            byte[] bytes = bytes(layout, id);
            assertThat(
                            target.segment()
                                    .asSlice(0, layout.blockBytes())
                                    .toArray(ValueLayout.JAVA_BYTE))
                    .as("bytes of block %d", id)
                    .isEqualTo(bytes);
            assertThat(read.sliceChecksums()).isEqualTo(checksums(layout, bytes));
        }
        return outcome;
    }

    public int remove(int id) {
        var done = new Awaited<Integer>();
        tier.remove(List.of(key(id)), done);
        return done.result();
    }

    public int clear(BlockSelection selection) {
        var done = new Awaited<Integer>();
        tier.clear(selection, done);
        return done.result();
    }

    @Override
    public void close() {
        source.close();
        target.close();
    }

    private static final class Awaited<T> implements Completion<T> {

        private final CompletableFuture<T> future = new CompletableFuture<>();

        @Override
        public void completed(T result) {
            future.complete(result);
        }

        @Override
        public void failed(Throwable failure) {
            future.completeExceptionally(failure);
        }

        T result() {
            return future.join();
        }
    }
}
