package dev.cairn.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A file on a disk that does what a test says. */
final class FaultyFile implements BlockFile {

    /** What is wrong with a disk; null = nothing. */
    static final class Disk implements Opener {

        volatile String refusesWrites;
        volatile String refusesReads;
        volatile CountDownLatch stalled;

        @Override
        public BlockFile open(Path path, boolean writable, boolean direct) throws IOException {
            return new FaultyFile(this, ChannelFile.open(path, writable, direct));
        }
    }

    private final Disk disk;
    private final BlockFile file;

    private FaultyFile(Disk disk, BlockFile file) {
        this.disk = disk;
        this.file = file;
    }

    @Override
    public boolean readFully(ByteBuffer buffer, long position) throws IOException {
        stall();
        if (disk.refusesReads != null) {
            throw new IOException(disk.refusesReads);
        }
        return file.readFully(buffer, position);
    }

    @Override
    public void writeFully(ByteBuffer buffer, long position) throws IOException {
        stall();
        if (disk.refusesWrites != null) {
            throw new IOException(disk.refusesWrites);
        }
        file.writeFully(buffer, position);
    }

    private void stall() throws IOException {
        if (disk.stalled != null) {
            try {
                disk.stalled.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    @Override
    public void force() throws IOException {
        file.force();
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
