package dev.cairn.tck;

import dev.cairn.ports.cache.BlockBytes;
import dev.cairn.ports.cache.BlockHash;
import dev.cairn.ports.cache.BlockKey;
import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.BlockWrite;
import dev.cairn.ports.cache.ComputeIdentity;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.KvType;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.zip.CRC32C;

/** Blocks that {@link BlockTierContract} stores: a number says what is in one. */
final class ContractBlocks {

    /** 64 KiB a block. */
    static final KvLayout LAYOUT = new KvLayout(4, 16, 4, 32, KvType.FLOAT32);

    private ContractBlocks() {}

    static BlockWrite write(BlockKey key, int content, MemoryLease lease, String tenant) {
        lease.segment().copyFrom(MemorySegment.ofArray(bytes(content)));
        return new BlockWrite(key, new BlockBytes(LAYOUT, lease, checksums(content)), tenant);
    }

    static byte[] contentOf(BlockRead read) {
        return read.target().segment().toArray(ValueLayout.JAVA_BYTE);
    }

    static BlockKey key(int id) {
        return new BlockKey(
                "tck", new ComputeIdentity("tck/1"), 0, new BlockHash(id, ~id, 17L * id, 0));
    }

    static byte[] bytes(int id) {
        byte[] bytes = new byte[(int) LAYOUT.blockBytes()];
        new Random(id).nextBytes(bytes);
        return bytes;
    }

    static int[] checksums(int id) {
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
