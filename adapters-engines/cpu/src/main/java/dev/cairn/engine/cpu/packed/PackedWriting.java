package dev.cairn.engine.cpu.packed;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Writes an image beside the work that it is used for: to a name of its own, through to the disk,
 * then renamed. What fails is told in one line, and the image is packed again next time.
 *
 * <p>Threads: any. After {@link #close} the image is not read any more.
 */
public final class PackedWriting implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(PackedWriting.class.getName());

    private final PackedFolder folder;
    private final PackedKey key;
    private final MemorySegment image;
    private final Thread thread;
    private volatile boolean given;

    PackedWriting(PackedFolder folder, PackedKey key, MemorySegment image) {
        this.folder = folder;
        this.key = key;
        this.image = image;
        thread = Thread.ofPlatform().daemon().name("cairn-packed-weights").start(this::write);
    }

    /** Waits until the image is on disk, or cannot be. */
    public void await() throws InterruptedException {
        thread.join();
    }

    private void write() {
        try {
            Optional<Path> part = folder.prepare(key);
            if (part.isPresent()) {
                write(part.get());
            }
        } catch (IOException | RuntimeException failure) {
            LOG.log(
                    WARNING,
                    "packed weights cannot be kept in {0} ({1}); they are packed again at the next start",
                    folder.file(key).getParent(),
                    failure.toString());
        }
    }

    private void write(Path part) throws IOException {
        // The lock, which tells others that somebody goes on with the file, ends with the channel.
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            if (channel.tryLock() != null && fill(channel)) {
                Files.move(part, folder.file(key), StandardCopyOption.ATOMIC_MOVE);
                LOG.log(DEBUG, "packed weights are kept in {0}", folder.file(key));
            }
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Writes everything; false if it was given up. */
    private boolean fill(FileChannel channel) throws IOException {
        int[] checksums = new int[PackedHeader.chunks(key)];
        channel.position(PackedHeader.length(key));
        for (int chunk = 0; chunk < checksums.length; chunk++) {
            if (given) {
                return false;
            }
            ByteBuffer bytes = PackedFolder.chunk(image, chunk);
            checksums[chunk] = PackedHeader.checksum(bytes.duplicate());
            writeAll(channel, bytes);
        }
        // The image first: a header without its image must not survive a loss of power.
        channel.force(false);
        channel.position(0);
        writeAll(channel, new PackedHeader(key, checksums).bytes());
        channel.force(true);
        return true;
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Gives up what is not written yet, and waits for that. */
    @Override
    public void close() {
        given = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
