package dev.cairn.distribution.bench.tier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What goes from one thread's memory into another's without a transport: a plain TCP stream over
 * loopback, and a ring in memory that could be another process's. No checksums, no requests.
 */
final class PeerBaselines {

    private static final Path SHARED = Path.of("/dev/shm");

    /** As large as the transport's own by default. */
    private static final int RING_BYTES = 2 << 20;

    /** The best of 32 to 256 KiB where it was tried. */
    private static final int RING_PIECE = 1 << 17;

    private static final int PIECES = RING_BYTES / RING_PIECE;
    private static final long HEAD_BYTES = 4096;
    private static final long WRITTEN = 0;
    private static final long READ = 128;

    /** Looks before the processor is offered to somebody else. */
    private static final int LOOKS = 2000;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private PeerBaselines() {}

    /**
     * @param piece bytes of one write and one read
     * @return bytes per second
     */
    static double stream(Blocks blocks, int piece) throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            Thread sender =
                    Thread.ofPlatform()
                            .start(() -> send(listener, blocks.source().asByteBuffer(), piece));
            ByteBuffer target = blocks.target().asByteBuffer();
            try (SocketChannel socket = listener.accept()) {
                long begin = System.nanoTime();
                while (target.position() < target.capacity()) {
                    limit(target, piece);
                    while (target.hasRemaining()) {
                        if (socket.read(target) < 0) {
                            throw new IOException("the stream broke");
                        }
                    }
                }
                return blocks.bytes() * 1e9 / (System.nanoTime() - begin);
            } finally {
                join(sender);
            }
        }
    }

    private static void send(ServerSocketChannel listener, ByteBuffer source, int piece) {
        try (SocketChannel socket = SocketChannel.open(listener.getLocalAddress())) {
            while (source.position() < source.capacity()) {
                limit(source, piece);
                while (source.hasRemaining()) {
                    socket.write(source);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void limit(ByteBuffer buffer, int piece) {
        buffer.limit(Math.min(buffer.capacity(), buffer.position() + piece));
    }

    /**
     * @return bytes per second
     */
    static double ring(Blocks blocks) throws IOException {
        Path file = Files.createTempFile(SHARED, "cairn-bench", "");
        try (Arena arena = Arena.ofShared()) {
            MemorySegment ring;
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.allocate(1), HEAD_BYTES + RING_BYTES - 1);
                ring =
                        channel.map(
                                FileChannel.MapMode.READ_WRITE, 0, HEAD_BYTES + RING_BYTES, arena);
            }
            ring.fill((byte) 0);
            long pieces = blocks.bytes() / RING_PIECE;
            Thread writer = Thread.ofPlatform().start(() -> write(ring, blocks.source(), pieces));
            long begin = System.nanoTime();
            for (long i = 0; i < pieces; i++) {
                await(ring, WRITTEN, i + 1);
                MemorySegment.copy(ring, place(i), blocks.target(), i * RING_PIECE, RING_PIECE);
                LONG.setRelease(ring, READ, i + 1);
            }
            double rate = blocks.bytes() * 1e9 / (System.nanoTime() - begin);
            join(writer);
            return rate;
        } finally {
            Files.delete(file);
        }
    }

    private static void write(MemorySegment ring, MemorySegment source, long pieces) {
        for (long i = 0; i < pieces; i++) {
            await(ring, READ, i + 1 - PIECES);
            MemorySegment.copy(source, i * RING_PIECE, ring, place(i), RING_PIECE);
            LONG.setRelease(ring, WRITTEN, i + 1);
        }
    }

    private static long place(long piece) {
        return HEAD_BYTES + piece % PIECES * RING_PIECE;
    }

    private static void await(MemorySegment ring, long counter, long atLeast) {
        for (int looks = 0; (long) LONG.getAcquire(ring, counter) < atLeast; looks++) {
            if (looks < LOOKS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("the benchmark was interrupted", e);
        }
    }
}
