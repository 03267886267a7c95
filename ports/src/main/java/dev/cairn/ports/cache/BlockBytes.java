package dev.cairn.ports.cache;

import dev.cairn.ports.system.MemoryLease;
import java.util.Arrays;

/**
 * A block on its way: canonical bytes and one CRC32C per layer slice, made once when the block left
 * its device and verified once by whoever reads it from a tier or a peer.
 *
 * @param bytes {@link KvLayout#blockBytes} bytes
 * @param sliceChecksums CRC32C (Castagnoli) of each layer slice, in order
 */
public record BlockBytes(KvLayout layout, MemoryLease bytes, int[] sliceChecksums) {

    @Override
    public boolean equals(Object other) {
        return other instanceof BlockBytes that
                && layout.equals(that.layout)
                && bytes == that.bytes
                && Arrays.equals(sliceChecksums, that.sliceChecksums);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sliceChecksums);
    }
}
