package dev.cairn.storage.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.cache.BlockEntry;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A folder of 100 GB opens: real head files, data files that are holes. 10 GB here, 100 GB in the
 * nightly build.
 */
class LargeFolderIT {

    /** 512 KiB a block, as of a model of a billion weights. */
    private static final KvLayout LAYOUT = new KvLayout(16, 16, 8, 64, KvType.BFLOAT16);

    @TempDir private Path folder;

    @Test
    void isOpenedFromItsRecords() throws IOException {
        long bytes = TestTier.nightly() ? 100_000_000_000L : 10_000_000_000L;
        int blocks = write(bytes);
        long begin = System.nanoTime();
        try (DiskTier tier = TestTier.open(folder, bytes)) {
            System.out.printf(
                    "%d GB, %d blocks: open after %.2f s%n",
                    bytes / 1_000_000_000, blocks, (System.nanoTime() - begin) / 1e9);
            assertThat(tier.counts().blocks()).isEqualTo(blocks);
            assertThat(tier.contains(key(0))).isTrue();
            assertThat(tier.contains(key(blocks - 1))).isTrue();
            assertThat(tier.contains(key(blocks))).isFalse();
        }
    }

    private int write(long bytes) throws IOException {
        long extentBytes = bytes / 128 / 4096 * 4096;
        int slots = (int) (extentBytes / LAYOUT.blockBytes());
        int record = BlockRecord.bytes(key(0), LAYOUT, "");
        ByteBuffer head =
                ByteBuffer.allocate(SegmentShape.BYTES + slots * record)
                        .order(ByteOrder.LITTLE_ENDIAN);
        int block = 0;
        for (int id = 1; id <= 128; id++) {
            var shape =
                    new SegmentShape(
                            id, extentBytes, LAYOUT.blockBytes(), record, LAYOUT.layers(), slots);
            shape.encode(head);
            for (int place = 0; place < slots; place++) {
                head.clear();
                ByteBuffer one =
                        head.slice(SegmentShape.BYTES + place * record, record)
                                .order(ByteOrder.LITTLE_ENDIAN);
                var entry = new BlockEntry(key(block), LAYOUT, "", 0, false);
                new BlockRecord(entry, block++, new int[LAYOUT.layers()]).encode(one, id, place);
            }
            try (var file = new RandomAccessFile(Segment.head(folder, id).toFile(), "rw");
                    var data = new RandomAccessFile(Segment.data(folder, id).toFile(), "rw")) {
                file.write(head.array());
                data.setLength(slots * LAYOUT.blockBytes());
            }
        }
        return block;
    }

    private static BlockKey key(int block) {
        return new BlockKey(
                "5d".repeat(32),
                new ComputeIdentity("cpu/native-avx512vnni-1/q8_0/bfloat16/llama3"),
                0,
                new BlockHash(block * 0x9e3779b97f4a7c15L, block, ~block, 1));
    }
}
