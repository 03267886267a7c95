package dev.cairn.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file as the tier uses it; tests put a broken one in its place.
 *
 * <p>Threads: any.
 */
interface BlockFile extends AutoCloseable {

    /** Makes and opens files. */
    interface Opener {

        /**
         * @param direct past the page cache if the system can: positions, lengths and buffers are
         *     then multiples of 4096
         */
        BlockFile open(Path path, boolean writable, boolean direct) throws IOException;
    }

    /**
     * Reads until the buffer is full or the file ends.
     *
     * @return whether the buffer is full
     */
    boolean readFully(ByteBuffer buffer, long position) throws IOException;

    /** Writes all that remains in the buffer. */
    void writeFully(ByteBuffer buffer, long position) throws IOException;

    void force() throws IOException;

    long size() throws IOException;

    @Override
    void close() throws IOException;
}
