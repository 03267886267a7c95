package dev.cairn.engine.cpu.packed;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A folder of packed weights, a file per image, bounded in size: what was used least recently goes
 * first.
 *
 * <p>A file appears whole, by being renamed, and is never written to again; so processes share a
 * folder, and an image that one of them has mapped survives its removal by another. Files that are
 * cut, damaged or foreign are as good as none. A folder that cannot be used costs time and nothing
 * else. Threads: any.
 */
public final class PackedFolder {

    static final String SUFFIX = ".packed";
    static final String PART_SUFFIX = ".part";

    private static final System.Logger LOG = System.getLogger(PackedFolder.class.getName());

    private final Path folder;
    private final long least;
    private final long most;
    private final boolean mapped;

    /** Runs a number of parts, several at a time. */
    @FunctionalInterface
    public interface Sharing {

        /**
         * @param parts how many
         * @param body computes parts {@code from} to {@code to}, exclusive
         */
        void run(int parts, Body body);

        /** See {@link Sharing#run}. */
        @FunctionalInterface
        interface Body {
            void run(int from, int to);
        }
    }

    /**
     * Touches nothing.
     *
     * @param folder made when something is kept
     * @param least bytes of an image that is worth a file
     * @param most bytes that all files may have together
     * @param mapped whether images are used where the system has the file in memory, which
     *     processes share, and not copied to memory of larger pages, which is read faster
     */
    public PackedFolder(Path folder, long least, long most, boolean mapped) {
        this.folder = folder;
        this.least = least;
        this.most = most;
        this.mapped = mapped;
    }

    /** Such as {@code ~/.cache/cairn/packed}: the user's folder for what can be made again. */
    public static Path usual() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache == null || cache.isBlank()
                        ? Path.of(System.getProperty("user.home", "."), ".cache")
                        : Path.of(cache);
        return base.resolve("cairn").resolve("packed");
    }

    /**
     * Reads or maps an image and checks every byte of it. A file that does not hold what its name
     * says is removed.
     *
     * @param arena of the image
     * @param allocator gives memory of that arena
     * @param sharing who reads and checks
     * @return {@code key.bytes()} long, not to be written to; empty if the image is not here
     */
    public Optional<MemorySegment> find(
            PackedKey key, Arena arena, SegmentAllocator allocator, Sharing sharing) {
        if (key.bytes() < least) {
            return Optional.empty();
        }
        Path file = file(key);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Optional<MemorySegment> image = open(channel, key, arena, allocator, sharing);
            if (image.isEmpty()) {
                LOG.log(
                        WARNING,
                        "{0} is damaged; the weights are packed again, and the file replaced",
                        file);
                Files.deleteIfExists(file);
            } else {
                touch(file);
            }
            return image;
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException unreadable) {
            LOG.log(WARNING, "{0} cannot be read ({1})", file, unreadable.toString());
            return Optional.empty();
        }
    }

    private Optional<MemorySegment> open(
            FileChannel channel,
            PackedKey key,
            Arena arena,
            SegmentAllocator allocator,
            Sharing sharing)
            throws IOException {
        if (channel.size() != PackedHeader.fileLength(key)) {
            return Optional.empty();
        }
        int length = PackedHeader.length(key);
        ByteBuffer beginning = ByteBuffer.allocate(length);
        readAll(channel, beginning, 0);
        Optional<PackedHeader> header = PackedHeader.read(key, beginning.flip());
        if (header.isEmpty()) {
            return Optional.empty();
        }
        MemorySegment image =
                mapped
                        ? channel.map(FileChannel.MapMode.READ_ONLY, length, key.bytes(), arena)
                        : allocator.allocate(key.bytes(), 64);
        return intact(channel, image, header.get(), sharing)
                ? Optional.of(image)
                : Optional.empty();
    }

    private boolean intact(
            FileChannel channel, MemorySegment image, PackedHeader header, Sharing sharing)
            throws IOException {
        AtomicBoolean intact = new AtomicBoolean(true);
        try {
            sharing.run(
                    header.checksums().length,
                    (from, to) -> {
                        for (int chunk = from; chunk < to && intact.get(); chunk++) {
                            ByteBuffer bytes = chunk(image, chunk);
                            if (!mapped) {
                                read(channel, bytes.duplicate(), header.key(), chunk);
                            }
                            if (PackedHeader.checksum(bytes) != header.checksums()[chunk]) {
                                intact.set(false);
                            }
                        }
                    });
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        }
        return intact.get();
    }

    private static void read(FileChannel channel, ByteBuffer to, PackedKey key, int chunk) {
        try {
            readAll(channel, to, PackedHeader.length(key) + (long) chunk * PackedHeader.CHUNK);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Reads until the buffer is full or the file ends. */
    private static void readAll(FileChannel channel, ByteBuffer to, long from) throws IOException {
        long at = from;
        while (to.hasRemaining()) {
            int count = channel.read(to, at);
            if (count < 0) {
                return;
            }
            at += count;
        }
    }

    /** One chunk of an image. */
    static ByteBuffer chunk(MemorySegment image, int chunk) {
        long from = (long) chunk * PackedHeader.CHUNK;
        return image.asSlice(from, Math.min(PackedHeader.CHUNK, image.byteSize() - from))
                .asByteBuffer();
    }

    private static void touch(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException readOnly) {
            LOG.log(DEBUG, "{0} stays as old as it is: {1}", file, readOnly.toString());
        }
    }

    /**
     * Begins to write an image, on a thread of its own.
     *
     * @param image read until the writing is closed
     * @return empty if it is too small to be worth it
     */
    public Optional<PackedWriting> keep(PackedKey key, MemorySegment image) {
        return key.bytes() < least
                ? Optional.empty()
                : Optional.of(new PackedWriting(this, key, image));
    }

    Path file(PackedKey key) {
        return folder.resolve(key.hex() + SUFFIX);
    }

    /**
     * Makes room for a file and names a new one to write it to.
     *
     * @return empty if it is not to be written: larger than all that may be kept, or being written
     *     by another
     * @throws IOException if the folder cannot be written to or the disk has too little room
     */
    Optional<Path> prepare(PackedKey key) throws IOException {
        long bytes = PackedHeader.fileLength(key);
        if (bytes > most) {
            LOG.log(DEBUG, "packed weights of {0} bytes are not kept: at most {1}", bytes, most);
            return Optional.empty();
        }
        Files.createDirectories(folder);
        if (written(key)) {
            return Optional.empty();
        }
        evict(bytes);
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < bytes) {
            throw new IOException(
                    "%d MiB are free, %d are needed".formatted(free >> 20, bytes >> 20));
        }
        return Optional.of(Files.createTempFile(folder, key.hex() + "-", PART_SUFFIX));
    }

    /** Whether another writes this image now; what nobody goes on with is removed. */
    private boolean written(PackedKey key) throws IOException {
        boolean written = false;
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + PART_SUFFIX)) {
            for (Path part : parts) {
                if (!abandoned(part)) {
                    written |= part.getFileName().toString().startsWith(key.hex());
                } else {
                    Files.deleteIfExists(part);
                }
            }
        }
        return written;
    }

    /** Writers hold a lock, which ends with their process. */
    private static boolean abandoned(Path part) {
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock != null;
        } catch (IOException | OverlappingFileLockException inUse) {
            return false;
        }
    }

    private record Kept(Path file, long bytes, FileTime used) {}

    private void evict(long room) throws IOException {
        List<Kept> kept = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : files) {
                try {
                    kept.add(new Kept(file, Files.size(file), Files.getLastModifiedTime(file)));
                } catch (NoSuchFileException gone) {
                    LOG.log(DEBUG, "{0} was removed by another", file);
                }
            }
        }
        kept.sort(Comparator.comparing(Kept::used));
        long sum = room + kept.stream().mapToLong(Kept::bytes).sum();
        for (Kept oldest : kept) {
            if (sum <= most) {
                return;
            }
            Files.deleteIfExists(oldest.file());
            sum -= oldest.bytes();
        }
    }
}
