package dev.cairn.transport.kv;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Collects frames and writes them together; payloads are written from where they lie.
 *
 * <p>Threads: one.
 */
final class FrameWriter {

    /** Room for headers and bodies of what is written together. */
    private static final int HEAD_BYTES = 1 << 18;

    /** Pieces of memory in one call of the operating system; Linux takes 1024. */
    private static final int MOST_PARTS = 256;

    private final ByteSink sink;
    private final Frame frame = new Frame();
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer heads;
    private final ByteBuffer[] views = new ByteBuffer[MOST_PARTS];
    private final ByteBuffer[] parts = new ByteBuffer[MOST_PARTS];
    private int partCount;

    /** Where the heads begin that belong to no part yet. */
    private int unassigned;

    private int bodyBegin;
    private int sequence;

    FrameWriter(ByteSink sink) {
        this.sink = sink;
        this.heads = ByteBuffer.allocateDirect(HEAD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether another frame with so large a body fits into what is written together. */
    boolean hasRoom(int bodyBytes) {
        return partCount + 3 <= MOST_PARTS
                && heads.remaining() >= Frame.HEADER_BYTES + bodyBytes + Integer.BYTES;
    }

    /** Adds a frame without body. */
    void add(FrameType type, int request, int block, int layer, int count) {
        begin(type, request, block, layer, count);
        end(null);
    }

    /**
     * Begins a frame with a body, which is put into the buffer that comes back. {@link #hasRoom}
     * was asked.
     */
    ByteBuffer begin(FrameType type, int request, int block, int layer, int count) {
        frame.type = type;
        frame.request = request;
        frame.block = block;
        frame.layer = layer;
        frame.count = count;
        bodyBegin = heads.position() + Frame.HEADER_BYTES;
        return heads.position(bodyBegin);
    }

    /**
     * @param payload what remains in it follows the body; null = none
     */
    void end(ByteBuffer payload) {
        int bodyEnd = heads.position();
        frame.bodyBytes = 0;
        if (bodyEnd > bodyBegin) {
            crc.reset();
            crc.update(heads.limit(bodyEnd).position(bodyBegin));
            heads.limit(HEAD_BYTES).putInt((int) crc.getValue());
            frame.bodyBytes = heads.position() - bodyBegin;
        }
        int end = heads.position();
        frame.payloadBytes = payload == null ? 0 : payload.remaining();
        frame.sequence = sequence++;
        heads.position(bodyBegin - Frame.HEADER_BYTES);
        frame.encode(heads);
        heads.position(end);
        if (payload != null) {
            closePart();
            parts[partCount++] = payload;
        }
    }

    private void closePart() {
        if (heads.position() > unassigned) {
            ByteBuffer view = views[partCount];
            if (view == null) {
                view = heads.duplicate();
                views[partCount] = view;
            }
            parts[partCount++] = view.limit(heads.position()).position(unassigned);
            unassigned = heads.position();
        }
    }

    /** Writes everything that was added; the payloads' memory is not looked at afterwards. */
    void flush() throws IOException {
        closePart();
        try {
            sink.write(parts, partCount);
        } finally {
            for (int i = 0; i < partCount; i++) {
                parts[i] = null;
            }
            partCount = 0;
            unassigned = 0;
            heads.clear();
        }
    }
}
