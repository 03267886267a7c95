package dev.cairn.storage.disk;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.KvLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Brings blocks from a segment to their readers.
 *
 * <p>Threads: one.
 */
final class BlockReader {

    private static final int BUFFER_BYTES = 1 << 20;

    private final ByteBuffer buffer = AlignedBuffer.of(BUFFER_BYTES);
    private final MemorySegment bufferBytes = MemorySegment.ofBuffer(buffer);

    /** Verifies a slice that has arrived. */
    interface SliceCheck {

        boolean holds(int layer);
    }

    /**
     * @return whether every slice was as it was stored
     */
    boolean read(Segment segment, int place, BlockRead read, SliceCheck check) throws IOException {
        KvLayout layout = read.layout();
        long offset = segment.slotOffset(place);
        long bytes = layout.blockBytes();
        boolean straight = AlignedBuffer.isAligned(read.view());
        int verified = 0;
        for (long arrived = 0; arrived < bytes; ) {
            int chunk = (int) Math.min(BUFFER_BYTES, bytes - arrived);
            boolean whole =
                    straight
                            ? intoTarget(segment, offset + arrived, read, (int) arrived, chunk)
                            : byBuffer(segment, offset + arrived, read, arrived, chunk);
            if (!whole) {
                return false;
            }
            arrived += chunk;
            while (verified < layout.layers() && layout.sliceOffset(verified + 1) <= arrived) {
                if (!check.holds(verified++)) {
                    return false;
                }
            }
        }
        return verified == layout.layers();
    }

    private static boolean intoTarget(
            Segment segment, long position, BlockRead read, int at, int chunk) throws IOException {
        ByteBuffer view = read.view();
        view.clear().position(at).limit(at + chunk);
        return segment.readData(view, position);
    }

    private boolean byBuffer(Segment segment, long position, BlockRead read, long at, int chunk)
            throws IOException {
        int rounded = (chunk + ChannelFile.ALIGNMENT - 1) & -ChannelFile.ALIGNMENT;
        buffer.clear().limit(rounded);
        if (!segment.readData(buffer, position)) {
            return false;
        }
        MemorySegment.copy(bufferBytes, 0, read.target().segment(), at, chunk);
        return true;
    }
}
