package dev.cairn.storage.disk;

import dev.cairn.storage.slots.TierShape;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The tier's folder: who may use it, and what was found in it.
 *
 * <p>Threads: one.
 */
final class SegmentFolder implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(SegmentFolder.class.getPackageName());

    /** What the table can number. */
    private static final int MOST_EXTENTS = 4096;

    /** How many times larger or smaller a tier may become without losing its blocks. */
    private static final int MOST_RESIZING = 8;

    private final Path path;
    private final BlockFile.Opener opener;
    private final List<SegmentShape> found = new ArrayList<>();
    private FileChannel lockFile;
    private boolean writable = true;
    private long nextId;

    private SegmentFolder(Path path, BlockFile.Opener opener) {
        this.path = path;
        this.opener = opener;
    }

    /**
     * Takes the folder and looks what is there; what cannot be a segment is deleted, for it is a
     * cache.
     *
     * @throws IOException if the folder cannot be made or read, or another process has it; for the
     *     user
     */
    static SegmentFolder open(Path path, long capacityBytes, BlockFile.Opener opener)
            throws IOException {
        var folder = new SegmentFolder(path, opener);
        Files.createDirectories(path);
        folder.lock();
        try {
            folder.look();
            folder.startAfreshIfResized(capacityBytes);
        } catch (IOException e) {
            folder.close();
            throw e;
        }
        return folder;
    }

    private void lock() throws IOException {
        Path file = path.resolve("lock");
        try {
            lockFile = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            if (!Files.isDirectory(path) || !Files.isReadable(path)) {
                throw e;
            }
            writable = false;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} cannot be written ({1}): its blocks are read, none is stored",
                    path,
                    e);
            return;
        }
        FileLock lock = null;
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException _) {
            // This very process has it open.
        }
        if (lock == null) {
            lockFile.close();
            throw new IOException(
                    path + " is in use by another Cairn; give each its own cairn.cache.disk.path");
        }
    }

    private void look() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(path)) {
            files = all.sorted().toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (name.endsWith(".head")) {
                look(file);
            } else if (name.endsWith(".new")
                    || name.endsWith(".data")
                            && !files.contains(path.resolve(name.replace(".data", ".head")))) {
                discard(file);
            }
        }
        found.sort(Comparator.comparingLong(SegmentShape::id));
        nextId = found.isEmpty() ? 1 : found.getLast().id() + 1;
    }

    /** Extents are of one size for good, so there can be too many of them, or one too large. */
    private void startAfreshIfResized(long capacityBytes) throws IOException {
        if (found.isEmpty() || !writable) {
            return;
        }
        long wanted = TierShape.extentBytes(capacityBytes, ChannelFile.ALIGNMENT);
        long has = found.getLast().extentBytes();
        if (has > MOST_RESIZING * wanted || wanted > MOST_RESIZING * has || has > capacityBytes) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} was cut for a tier of another size: it begins empty",
                    path);
            for (SegmentShape shape : found) {
                segment(shape).delete();
            }
            found.clear();
        }
    }

    private void look(Path head) {
        Optional<SegmentShape> shape = Optional.empty();
        try {
            shape = Segment.shape(head, opener);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "{0} cannot be read: {1}", head, e);
        }
        if (shape.isPresent()) {
            found.add(shape.get());
        } else {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} is damaged or of another version: its blocks are lost",
                    head);
            discard(head);
            discard(path.resolve(head.getFileName().toString().replace(".head", ".data")));
        }
    }

    private void discard(Path file) {
        if (writable) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "{0} cannot be deleted: {1}", file, e);
            }
        }
    }

    boolean isWritable() {
        return writable;
    }

    /** Older ones first. */
    List<SegmentShape> found() {
        return List.copyOf(found);
    }

    long nextId() {
        return nextId++;
    }

    /** Extents of a folder are of one size for good: that of its first segment. */
    long extentBytes(long capacityBytes) {
        return found.isEmpty()
                ? TierShape.extentBytes(capacityBytes, ChannelFile.ALIGNMENT)
                : found.getLast().extentBytes();
    }

    int extents(long capacityBytes) {
        return (int)
                Math.max(1, Math.min(capacityBytes / extentBytes(capacityBytes), MOST_EXTENTS));
    }

    Segment segment(SegmentShape shape) {
        return new Segment(path, shape, opener, writable);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (lockFile != null) {
            lockFile.close();
        }
    }
}
