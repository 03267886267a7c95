package dev.cairn.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Two files: {@code N.data} holds slots, {@code N.head} a record per slot. A block's bytes are
 * written before its record and its slot's record is erased before other bytes are written there,
 * so a record is never beside bytes that are not its own, whenever the program is killed. After a
 * power failure it may be; then the checksums say so.
 *
 * <p>Records lie together because they are what is read at open. Data go past the page cache:
 * blocks are read once, and would push out what others need.
 *
 * <p>Threads: any; two that write the same record must hold this segment's monitor.
 */
final class Segment {

    private static final int ZEROS = 64 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(ZEROS).asReadOnlyBuffer();

    private final Path data;
    private final Path head;
    private final SegmentShape shape;
    private final BlockFile.Opener opener;
    private final boolean writable;
    private BlockFile dataFile;
    private BlockFile headFile;

    Segment(Path folder, SegmentShape shape, BlockFile.Opener opener, boolean writable) {
        this.data = data(folder, shape.id());
        this.head = head(folder, shape.id());
        this.shape = shape;
        this.opener = opener;
        this.writable = writable;
    }

    static Path head(Path folder, long id) {
        return folder.resolve("%016x.head".formatted(id));
    }

    static Path data(Path folder, long id) {
        return folder.resolve("%016x.data".formatted(id));
    }

    SegmentShape shape() {
        return shape;
    }

    /** Opens the files, which are made when the first block comes. */
    synchronized void open() throws IOException {
        if (dataFile != null) {
            return;
        }
        boolean isNew = !Files.exists(head);
        if (isNew && !writable) {
            throw new IOException("there is no " + head);
        }
        if (isNew) {
            create();
        }
        headFile = opener.open(head, writable, false);
        try {
            dataFile = opener.open(data, writable, true);
        } catch (IOException e) {
            headFile.close();
            throw e;
        }
    }

    /**
     * Under another name first: a head file is complete or not there. Records are written as zeros
     * now, so that a full disk is noticed before a block's bytes are.
     */
    private void create() throws IOException {
        Path unfinished = head.resolveSibling(head.getFileName() + ".new");
        try (BlockFile file = opener.open(unfinished, true, false)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS).order(ByteOrder.LITTLE_ENDIAN);
            shape.encode(zeros);
            file.writeFully(zeros, 0);
            zeros.clear();
            zeros.put(0, new byte[SegmentShape.BYTES]);
            long end = recordOffset(shape.slots());
            for (long at = SegmentShape.BYTES; at < end; at += ZEROS) {
                zeros.clear().limit((int) Math.min(ZEROS, end - at));
                file.writeFully(zeros, at);
            }
        } catch (IOException e) {
            Files.deleteIfExists(unfinished);
            throw e;
        }
        Files.deleteIfExists(data);
        Files.move(unfinished, head);
        forceFolder();
    }

    /** A name that is not on the device is lost with all that was written under it. */
    private void forceFolder() {
        try (FileChannel folder = FileChannel.open(head.getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        } catch (IOException _) {
            // Not every system opens folders; those keep names by themselves.
        }
    }

    long recordOffset(int place) {
        return SegmentShape.BYTES + (long) place * shape.recordBytes();
    }

    long slotOffset(int place) {
        return place * shape.slotBytes();
    }

    boolean readData(ByteBuffer buffer, long position) throws IOException {
        return dataFile().readFully(buffer, position);
    }

    void writeData(ByteBuffer buffer, long position) throws IOException {
        dataFile().writeFully(buffer, position);
    }

    /** One record, or several that lie one behind the other. */
    void writeRecord(ByteBuffer record, int place) throws IOException {
        headFile().writeFully(record, recordOffset(place));
    }

    /** Its block is not there any more. */
    void eraseRecord(ByteBuffer scratch, int place) throws IOException {
        scratch.clear().limit(Long.BYTES);
        scratch.putLong(0, 0);
        headFile().writeFully(scratch, recordOffset(place));
    }

    /** The same of several that lie one behind the other. */
    void eraseRecords(int place, int count) throws IOException {
        ByteBuffer zeros = NOTHING.duplicate();
        long end = recordOffset(place + count);
        for (long at = recordOffset(place); at < end; at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(ZEROS, end - at));
            headFile().writeFully(zeros, at);
        }
    }

    boolean readRecords(ByteBuffer buffer, int fromPlace) throws IOException {
        return headFile().readFully(buffer, recordOffset(fromPlace));
    }

    long dataBytes() throws IOException {
        return dataFile().size();
    }

    void forceData() throws IOException {
        dataFile().force();
    }

    void forceHead() throws IOException {
        headFile().force();
    }

    private BlockFile dataFile() throws IOException {
        open();
        return dataFile;
    }

    private BlockFile headFile() throws IOException {
        open();
        return headFile;
    }

    synchronized void close() throws IOException {
        if (dataFile != null) {
            try {
                headFile.close();
            } finally {
                dataFile.close();
                dataFile = null;
                headFile = null;
            }
        }
    }

    /** Head first: data without a head are nothing. */
    synchronized void delete() throws IOException {
        close();
        Files.deleteIfExists(head);
        Files.deleteIfExists(data);
    }

    /**
     * Reads how a segment is cut.
     *
     * @return empty if the file is no head of this version, or not the one of its name
     */
    static Optional<SegmentShape> shape(Path head, BlockFile.Opener opener) throws IOException {
        ByteBuffer page =
                ByteBuffer.allocateDirect(SegmentShape.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (BlockFile file = opener.open(head, false, false)) {
            boolean whole = file.readFully(page, 0);
            page.position(0);
            return whole
                    ? SegmentShape.decode(page)
                            .filter(
                                    shape ->
                                            head.getFileName()
                                                    .equals(
                                                            head(head.getParent(), shape.id())
                                                                    .getFileName()))
                    : Optional.empty();
        }
    }
}
