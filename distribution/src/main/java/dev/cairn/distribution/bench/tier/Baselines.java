package dev.cairn.distribution.bench.tier;

import com.sun.nio.file.ExtendedOpenOption;
import dev.cairn.ports.cache.KvLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/** What the machine does without a tier. */
final class Baselines {

    private static final int CHUNK = 4 << 20;

    private Baselines() {}

    /**
     * Copies all blocks on this thread and sums up every slice of the copy.
     *
     * @return bytes per second
     */
    static double copyWithChecksums(Blocks blocks) {
        KvLayout layout = blocks.layout();
        MemorySegment target = blocks.target();
        ByteBuffer view = target.asByteBuffer();
        CRC32C crc = new CRC32C();
        long begin = System.nanoTime();
        long sum = 0;
        for (int block = 0; block < blocks.count(); block++) {
            for (int layer = 0; layer < layout.layers(); layer++) {
                long at = block * layout.blockBytes() + layout.sliceOffset(layer);
                MemorySegment.copy(blocks.source(), at, target, at, layout.sliceBytes());
                view.clear().position((int) at).limit((int) (at + layout.sliceBytes()));
                crc.reset();
                crc.update(view);
                sum += crc.getValue();
            }
        }
        long nanos = System.nanoTime() - begin;
        if (sum == 0) {
            throw new IllegalStateException("random bytes sum up to something");
        }
        return blocks.bytes() * 1e9 / nanos;
    }

    /** Past the page cache, where the file system can. */
    static FileChannel open(Path file) throws IOException {
        Set<OpenOption> options =
                new HashSet<>(
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE));
        options.add(ExtendedOpenOption.DIRECT);
        try {
            return FileChannel.open(file, options);
        } catch (UnsupportedOperationException | IOException _) {
            options.remove(ExtendedOpenOption.DIRECT);
            return FileChannel.open(file, options);
        }
    }

    /** A new file, one piece behind the other on each of some threads; bytes per second. */
    static double write(Blocks blocks, Path file, int threads) throws IOException {
        Files.deleteIfExists(file);
        return move(blocks, blocks.source(), file, threads, FileChannel::write);
    }

    static double read(Blocks blocks, Path file, int threads) throws IOException {
        return move(blocks, blocks.target(), file, threads, FileChannel::read);
    }

    private interface Move {
        int move(FileChannel file, ByteBuffer piece, long position) throws IOException;
    }

    private static double move(
            Blocks blocks, MemorySegment memory, Path file, int threads, Move move)
            throws IOException {
        try (FileChannel channel = open(file)) {
            long part = blocks.bytes() / threads;
            List<Thread> running = new ArrayList<>();
            long begin = System.nanoTime();
            for (int i = 0; i < threads; i++) {
                long from = i * part;
                running.add(
                        Thread.ofPlatform()
                                .start(() -> moveAll(channel, memory, from, from + part, move)));
            }
            for (Thread thread : running) {
                join(thread);
            }
            return threads * part * 1e9 / (System.nanoTime() - begin);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("the benchmark was interrupted", e);
        }
    }

    private static void moveAll(
            FileChannel channel, MemorySegment memory, long from, long to, Move move) {
        try {
            for (long at = from; at < to; at += CHUNK) {
                ByteBuffer piece = memory.asSlice(at, Math.min(CHUNK, to - at)).asByteBuffer();
                long position = at;
                while (piece.hasRemaining()) {
                    position += move.move(channel, piece, position);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
