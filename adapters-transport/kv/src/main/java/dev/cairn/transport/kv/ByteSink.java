package dev.cairn.transport.kv;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where a connection's bytes go. Threads: one writes. */
interface ByteSink {

    /**
     * Writes what remains in {@code parts[0 .. count)}, in order, and waits for as long as that
     * takes.
     *
     * @param parts direct
     */
    void write(ByteBuffer[] parts, int count) throws IOException;
}
