package dev.cairn.storage.disk;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/** A file channel. */
final class ChannelFile implements BlockFile {

    /** What direct access asks for; a file system that wants more is read through the cache. */
    static final int ALIGNMENT = 4096;

    private final FileChannel channel;

    private ChannelFile(FileChannel channel) {
        this.channel = channel;
    }

    static BlockFile open(Path path, boolean writable, boolean direct) throws IOException {
        Set<OpenOption> options = new HashSet<>(Set.of(StandardOpenOption.READ));
        if (writable) {
            options.add(StandardOpenOption.WRITE);
            options.add(StandardOpenOption.CREATE);
        }
        if (direct) {
            Set<OpenOption> past = new HashSet<>(options);
            past.add(ExtendedOpenOption.DIRECT);
            try {
                FileChannel channel = FileChannel.open(path, past);
                if (Files.getFileStore(path).getBlockSize() <= ALIGNMENT) {
                    return new ChannelFile(channel);
                }
                channel.close();
            } catch (UnsupportedOperationException | FileSystemException _) {
                // Not every file system can; if it is the path that is wrong, the next line says
                // so.
            }
        }
        return new ChannelFile(FileChannel.open(path, options));
    }

    @Override
    public boolean readFully(ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, at);
            if (read <= 0) {
                return false;
            }
            at += read;
        }
        return true;
    }

    @Override
    public void writeFully(ByteBuffer buffer, long position) throws IOException {
        long at = position;
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
    }

    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
