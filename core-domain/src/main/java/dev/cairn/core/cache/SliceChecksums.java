package dev.cairn.core.cache;

import dev.cairn.ports.cache.KvLayout;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * CRC32C (Castagnoli, as RFC 3720 defines it) of each layer slice of a block. The JDK computes it
 * with the processor's instruction.
 */
final class SliceChecksums {

    private SliceChecksums() {}

    /** One per layer of the layout, of a block that starts at the segment's start. */
    static int[] of(KvLayout layout, MemorySegment block) {
        int[] checksums = new int[layout.layers()];
        for (int layer = 0; layer < checksums.length; layer++) {
            checksums[layer] = of(layout, block, layer);
        }
        return checksums;
    }

    private static int of(KvLayout layout, MemorySegment block, int layer) {
        CRC32C checksum = new CRC32C();
        checksum.update(
                block.asSlice(layout.sliceOffset(layer), layout.sliceBytes()).asByteBuffer());
        return (int) checksum.getValue();
    }
}
