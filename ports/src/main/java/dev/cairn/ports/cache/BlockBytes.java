package dev.cairn.ports.cache;

import dev.cairn.ports.system.MemoryLease;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A block on its way: canonical bytes and one CRC32C per layer slice, made once when the block left
 * its device and verified once by whoever reads it from a tier or a peer.
 *
 * @param bytes {@link KvLayout#blockBytes} bytes
 * @param sliceChecksums CRC32C (Castagnoli) of each layer slice, in order
 */
public record BlockBytes(KvLayout layout, MemoryLease bytes, int[] sliceChecksums) {

    /**
     * A block that has just left its device, with the checksums that it keeps from now on. The JDK
     * computes CRC32C with the processor's instruction.
     *
     * @param bytes hold the block from their start
     */
    public static BlockBytes leaving(KvLayout layout, MemoryLease bytes) {
        int[] checksums = new int[layout.layers()];
        CRC32C crc = new CRC32C();
        for (int layer = 0; layer < checksums.length; layer++) {
            crc.reset();
            crc.update(
                    bytes.segment()
                            .asSlice(layout.sliceOffset(layer), layout.sliceBytes())
                            .asByteBuffer());
            checksums[layer] = (int) crc.getValue();
        }
        return new BlockBytes(layout, bytes, checksums);
    }

    /**
     * Whether layer slices are what they were when the block left its device.
     *
     * @param firstLayer index within the group
     * @param layers how many
     */
    public boolean isSound(int firstLayer, int layers) {
        CRC32C crc = new CRC32C();
        for (int layer = firstLayer; layer < firstLayer + layers; layer++) {
            crc.reset();
            crc.update(
                    bytes.segment()
                            .asSlice(layout.sliceOffset(layer), layout.sliceBytes())
                            .asByteBuffer());
            if ((int) crc.getValue() != sliceChecksums[layer]) {
                return false;
            }
        }
        return true;
    }

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
