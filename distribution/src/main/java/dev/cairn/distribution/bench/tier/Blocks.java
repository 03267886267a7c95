package dev.cairn.distribution.bench.tier;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Blocks of one size to be moved: random bytes to be written, and as much room to be read into.
 *
 * <p>Threads: one.
 */
final class Blocks implements AutoCloseable {

    private static final int LAYERS = 16;
    private static final int TOKENS = 16;
    private static final int PAGE = 4096;

    private final Arena arena = Arena.ofShared();
    private final KvLayout layout;
    private final int count;
    private final MemorySegment source;
    private final MemorySegment target;
    private final int[][] checksums;

    /**
     * @param blockBytes a multiple of 64 KiB
     * @param bytes of all blocks
     */
    Blocks(long blockBytes, long bytes) {
        int elements = (int) (blockBytes / (LAYERS * 2L * TOKENS * KvType.BFLOAT16.elementBytes()));
        layout = new KvLayout(LAYERS, TOKENS, elements / 64, 64, KvType.BFLOAT16);
        count = (int) (bytes / blockBytes);
        source = arena.allocate(bytes, PAGE);
        target = arena.allocate(bytes, PAGE);
        checksums = new int[count][LAYERS];
        Random random = new Random(blockBytes);
        for (long at = 0; at < bytes; at += Long.BYTES) {
            source.set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
        target.fill((byte) 1);
        CRC32C crc = new CRC32C();
        for (int block = 0; block < count; block++) {
            for (int layer = 0; layer < LAYERS; layer++) {
                crc.reset();
                crc.update(slice(source, block, layer).asByteBuffer());
                checksums[block][layer] = (int) crc.getValue();
            }
        }
    }

    private MemorySegment slice(MemorySegment memory, int block, int layer) {
        return memory.asSlice(
                block * layout.blockBytes() + layout.sliceOffset(layer), layout.sliceBytes());
    }

    KvLayout layout() {
        return layout;
    }

    int count() {
        return count;
    }

    long bytes() {
        return count * layout.blockBytes();
    }

    MemorySegment source() {
        return source;
    }

    MemorySegment target() {
        return target;
    }

    /** Writes of all blocks, under keys of the given run. */
    List<BlockWrite> writes(int run) {
        List<BlockWrite> writes = new ArrayList<>();
        for (int block = 0; block < count; block++) {
            var bytes = new BlockBytes(layout, lease(source, block), checksums[block]);
            writes.add(new BlockWrite(key(run, block), bytes, ""));
        }
        return writes;
    }

    List<BlockRead> reads(int run) {
        List<BlockRead> reads = new ArrayList<>();
        for (int block = 0; block < count; block++) {
            reads.add(new BlockRead(key(run, block), layout, lease(target, block)));
        }
        return reads;
    }

    private BlockKey key(int run, int block) {
        var hash = new BlockHash(((long) run << 32 | block) * 0x9e3779b97f4a7c15L, run, block, 1);
        return new BlockKey("bench", new ComputeIdentity("bench"), 0, hash);
    }

    private MemoryLease lease(MemorySegment memory, int block) {
        MemorySegment bytes = memory.asSlice(block * layout.blockBytes(), layout.blockBytes());
        return new MemoryLease() {
            @Override
            public MemorySegment segment() {
                return bytes;
            }

            @Override
            public void close() {
                // The arena's, for all of them.
            }
        };
    }

    @Override
    public void close() {
        arena.close();
    }
}
