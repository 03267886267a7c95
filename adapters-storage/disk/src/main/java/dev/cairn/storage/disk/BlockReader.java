package dev.cairn.storage.disk;

import dev.cairn.ports.cache.BlockRead;
import dev.cairn.ports.cache.KvLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Brings blocks from a segment to their readers. Large blocks come straight into their memory where
 * that is aligned, pieces of the rest through a buffer; small ones that lie one behind the other
 * are read at once.
 *
 * <p>Threads: one.
 */
final class BlockReader {

    static final int BUFFER_BYTES = 1 << 20;

    /** From here on an access takes much longer than its system call. */
    private static final int STRAIGHT_BYTES = 512 << 10;

    private final ByteBuffer buffer = AlignedBuffer.of(BUFFER_BYTES);
    private final MemorySegment bufferBytes = MemorySegment.ofBuffer(buffer);

    /** What the buffer holds: bytes {@code [begin, end)} of the data of a segment. */
    private Segment held;

    private long begin;
    private long end;

    /** Verifies a slice that has arrived. */
    interface SliceCheck {

        boolean holds(int layer);
    }

    /** What was read may be something else by now. */
    void forget() {
        held = null;
    }

    /**
     * Reads the slices that are wanted, with others before them where direct access could not begin
     * at theirs.
     *
     * @param run blocks that lie one behind the other and will be read next, this one included
     * @return whether every slice was as it was stored
     */
    boolean read(Segment segment, int place, int run, BlockRead read, SliceCheck check)
            throws IOException {
        KvLayout layout = read.layout();
        long offset = segment.slotOffset(place) + layout.sliceOffset(read.firstLayer());
        boolean whole = read.layers() == layout.layers();
        boolean straight =
                offset % ChannelFile.ALIGNMENT == 0
                        && AlignedBuffer.isAligned(read.view())
                        && (run == 1 || !whole || layout.blockBytes() >= STRAIGHT_BYTES)
                        && !holds(segment, offset);
        // Of blocks that are read in part, no part lies behind the other.
        long upTo = segment.slotOffset(place) + (whole ? run : 1) * segment.shape().slotBytes();
        int verified = 0;
        for (long arrived = 0; arrived < read.bytes(); ) {
            int chunk =
                    straight
                            ? intoTarget(segment, offset, read, arrived)
                            : byBuffer(segment, offset + arrived, upTo, read, arrived);
            if (chunk == 0) {
                return false;
            }
            arrived += chunk;
            while (verified < read.layers() && layout.sliceOffset(verified + 1) <= arrived) {
                if (!check.holds(read.firstLayer() + verified++)) {
                    return false;
                }
            }
        }
        return verified == read.layers();
    }

    /**
     * @return bytes that arrived, 0 if the file ends before
     */
    private static int intoTarget(Segment segment, long offset, BlockRead read, long at)
            throws IOException {
        int chunk = (int) Math.min(BUFFER_BYTES, read.bytes() - at);
        ByteBuffer view = read.view();
        view.clear().position((int) at).limit((int) at + chunk);
        return segment.readData(view, offset + at) ? chunk : 0;
    }

    private int byBuffer(Segment segment, long position, long upTo, BlockRead read, long at)
            throws IOException {
        if (!holds(segment, position)) {
            held = null;
            long start = position - position % ChannelFile.ALIGNMENT;
            int wanted = (int) Math.min(BUFFER_BYTES, upTo - start);
            buffer.clear().limit(wanted);
            if (!segment.readData(buffer, start)) {
                return 0;
            }
            held = segment;
            begin = start;
            end = start + wanted;
        }
        int chunk = (int) Math.min(end - position, read.bytes() - at);
        MemorySegment.copy(bufferBytes, position - begin, read.target().segment(), at, chunk);
        return chunk;
    }

    private boolean holds(Segment segment, long position) {
        return held == segment && position >= begin && position < end;
    }
}
