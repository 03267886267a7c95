package dev.cairn.distribution.incident;

import dev.cairn.core.route.RouterJournal;
import dev.cairn.core.route.RouterRecord;
import dev.cairn.distribution.wiring.StartException;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes what a router is told to a file: {@value LogFrame#MAGIC}, then a {@link LogFrame} per
 * record. When the file is full it becomes {@code FILE.1}, in place of the one before it, and the
 * next one begins with the state; so it is when the program starts.
 *
 * <p>Threads: records come on the router's, which never waits: what a slow disk does not take is
 * lost, and the state told anew. One thread writes.
 */
public final class DecisionLog implements RouterJournal, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(DecisionLog.class.getName());
    private static final Frame END = new Frame(new byte[0], false);
    private static final long MOST_PENDING = 32L << 20;

    private final Path file;
    private final long mostBytes;
    private final BlockingQueue<Frame> queue = new LinkedBlockingQueue<>();
    private final AtomicLong pending = new AtomicLong();
    private final Thread writer;
    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    private boolean hasBegun;
    private boolean isLosing;
    private long written;
    private long lost;
    private volatile boolean isBroken;

    private record Frame(byte[] record, boolean beginsFile) {}

    /**
     * @param mostBytes of the file and the one before it, together
     * @throws StartException if the file cannot be written
     */
    public DecisionLog(Path file, long mostBytes) {
        this.file = file;
        this.mostBytes = mostBytes / 2;
        try {
            if (file.toAbsolutePath().getParent() != null) {
                Files.createDirectories(file.toAbsolutePath().getParent());
            }
            if (Files.exists(file)) {
                Files.move(file, previous(file), StandardCopyOption.REPLACE_EXISTING);
            }
            Files.createFile(file);
        } catch (IOException refused) {
            throw new StartException(
                    "the decision log " + file + " cannot be written: " + refused.getMessage());
        }
        writer = Thread.ofPlatform().name("decision-log").daemon().start(this::write);
    }

    /** The file that was full before. */
    static Path previous(Path file) {
        return file.resolveSibling(file.getFileName() + ".1");
    }

    @Override
    public boolean wantsState() {
        return !isBroken
                && (!hasBegun
                        || written >= mostBytes
                        || isLosing && pending.get() < MOST_PENDING / 2);
    }

    @Override
    public void note(RouterRecord record) {
        if (isBroken) {
            return;
        }
        boolean begins = record instanceof RouterRecord.Begins;
        if (begins) {
            isLosing = false;
        } else if (!isLosing && pending.get() > MOST_PENDING) {
            isLosing = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} does not take what is to be logged; some of it is left out",
                    file);
        }
        if (isLosing) {
            lost++;
            return;
        }
        byte[] bytes = bytes(record);
        boolean beginsFile = begins && (!hasBegun || written >= mostBytes);
        written = beginsFile ? bytes.length : written + bytes.length;
        hasBegun = true;
        pending.addAndGet(bytes.length);
        queue.add(new Frame(bytes, beginsFile));
    }

    private byte[] bytes(RouterRecord record) {
        buffer.reset();
        try {
            RecordFormat.write(record, new DataOutputStream(buffer));
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return buffer.toByteArray();
    }

    /** Records that were left out. The router's thread. */
    long lost() {
        return lost;
    }

    private void write() {
        long number = 0;
        OutputStream out = OutputStream.nullOutputStream();
        try {
            for (Frame frame = queue.take(); frame != END; frame = queue.take()) {
                if (frame.beginsFile) {
                    out.close();
                    out = begin();
                    number = 0;
                }
                LogFrame.write(frame.record, number++, out);
                pending.addAndGet(-frame.record.length);
                if (queue.isEmpty()) {
                    out.flush();
                }
            }
            out.close();
        } catch (IOException broken) {
            isBroken = true;
            queue.clear();
            LOG.log(
                    System.Logger.Level.ERROR,
                    "the decision log {0} ends here: {1}",
                    file,
                    broken.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private OutputStream begin() throws IOException {
        if (Files.exists(file) && Files.size(file) > 0) {
            Files.move(file, previous(file), StandardCopyOption.REPLACE_EXISTING);
        }
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
        LogFrame.begin(out);
        return out;
    }

    /** Writes what waits. */
    @Override
    public void close() {
        queue.add(END);
        boolean interrupted = false;
        while (true) {
            try {
                writer.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
