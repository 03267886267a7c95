package dev.cairn.transport.kv;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * Memory that two processes map: a stream of bytes in one direction. Its file has a name only until
 * both have it open, so nothing is left when they die.
 *
 * <p>The first page holds a token by which each side knows that it is the same memory, how many
 * bytes were ever written and read, and who sleeps; each number on a cache line of its own. The
 * bytes follow.
 *
 * <p>Threads: one writes, one reads; {@link #close} when neither does any more.
 */
final class Ring implements AutoCloseable {

    static final int TOKEN_BYTES = 32;
    static final int HEAD_BYTES = 4096;

    private static final long WRITTEN = 64;
    private static final long READ = 128;
    private static final long READER_SLEEPS = 192;
    private static final long WRITER_SLEEPS = 256;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    private final Path file;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final int capacity;

    /**
     * @param channel of the file; may be closed afterwards
     * @param capacity bytes of the stream that are there at once
     */
    Ring(Path file, FileChannel channel, int capacity) throws IOException {
        this.file = file;
        this.capacity = capacity;
        try {
            memory =
                    channel.map(
                            FileChannel.MapMode.READ_WRITE, 0, HEAD_BYTES + (long) capacity, arena);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    String name() {
        return file.getFileName().toString();
    }

    int capacity() {
        return capacity;
    }

    byte[] token() {
        return memory.asSlice(0, TOKEN_BYTES).toArray(ValueLayout.JAVA_BYTE);
    }

    void mark(byte[] token) {
        memory.asSlice(0, TOKEN_BYTES).copyFrom(MemorySegment.ofArray(token));
    }

    boolean hasToken(byte[] token) {
        return MessageDigest.isEqual(token(), token);
    }

    /** The stream's bytes; position and limit are the caller's own. */
    ByteBuffer view() {
        return memory.asSlice(HEAD_BYTES, capacity).asByteBuffer();
    }

    long written() {
        return (long) LONG.getVolatile(memory, WRITTEN);
    }

    /** Whoever sees it sees the bytes, too. */
    void written(long bytes) {
        LONG.setVolatile(memory, WRITTEN, bytes);
    }

    long read() {
        return (long) LONG.getVolatile(memory, READ);
    }

    void read(long bytes) {
        LONG.setVolatile(memory, READ, bytes);
    }

    /** Says that the reader will sleep; it must look once more before it does. */
    void readerSleeps() {
        INT.setVolatile(memory, READER_SLEEPS, 1);
    }

    /** Whether the reader sleeps; asked by the writer, who then has to wake it: true only once. */
    boolean takeSleepingReader() {
        return takeFlag(READER_SLEEPS);
    }

    void writerSleeps() {
        INT.setVolatile(memory, WRITER_SLEEPS, 1);
    }

    boolean takeSleepingWriter() {
        return takeFlag(WRITER_SLEEPS);
    }

    private boolean takeFlag(long at) {
        return (int) INT.getVolatile(memory, at) != 0 && INT.compareAndSet(memory, at, 1, 0);
    }

    /** Takes the file's name away. */
    void unlink() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // Somebody else's business by now; the next start sweeps.
        }
    }

    @Override
    public void close() {
        unlink();
        arena.close();
    }
}
