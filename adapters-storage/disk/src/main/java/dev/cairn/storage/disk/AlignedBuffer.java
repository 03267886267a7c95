package dev.cairn.storage.disk;

import java.nio.ByteBuffer;

/** Memory that direct access takes. */
final class AlignedBuffer {

    private AlignedBuffer() {}

    static ByteBuffer of(int bytes) {
        return ByteBuffer.allocateDirect(bytes + ChannelFile.ALIGNMENT)
                .alignedSlice(ChannelFile.ALIGNMENT)
                .limit(bytes)
                .slice();
    }

    /** Whether direct access could use it as it is. */
    static boolean isAligned(ByteBuffer buffer) {
        return buffer.isDirect()
                && buffer.capacity() % ChannelFile.ALIGNMENT == 0
                && buffer.alignmentOffset(0, ChannelFile.ALIGNMENT) == 0;
    }
}
