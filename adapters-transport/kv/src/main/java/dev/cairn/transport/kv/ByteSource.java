package dev.cairn.transport.kv;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a connection's bytes come from. Threads: one reads. */
interface ByteSource {

    /**
     * Fills the buffer, and waits for as long as that takes.
     *
     * @param target direct
     * @param ahead how many bytes behind it may be taken along, for the next call; what is more
     *     than the next header costs a copy
     * @throws java.io.EOFException if the peer is gone
     */
    void read(ByteBuffer target, int ahead) throws IOException;
}
