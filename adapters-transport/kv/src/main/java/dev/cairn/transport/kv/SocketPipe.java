package dev.cairn.transport.kv;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A socket. Bytes are read into and written from the memory where they belong, several pieces in
 * one call of the operating system.
 */
final class SocketPipe implements Pipe {

    /** Room for whatever is taken along. */
    private static final int AHEAD_BYTES = 1 << 16;

    private final SocketChannel channel;

    /** What was taken along and not asked for yet lies between position and limit. */
    private final ByteBuffer ahead = ByteBuffer.allocateDirect(AHEAD_BYTES).limit(0);

    private final ByteBuffer[] pair = new ByteBuffer[2];

    /**
     * @param channel connected, blocking
     */
    SocketPipe(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public String name() {
        return "tcp";
    }

    @Override
    public void read(ByteBuffer target, int aheadBytes) throws IOException {
        takeFromAhead(target);
        if (!target.hasRemaining()) {
            return;
        }
        ahead.clear().limit(Math.min(aheadBytes, AHEAD_BYTES));
        pair[0] = target;
        pair[1] = ahead;
        try {
            while (target.hasRemaining()) {
                long got = aheadBytes == 0 ? channel.read(target) : channel.read(pair);
                if (got < 0) {
                    throw new EOFException("closed the connection");
                }
            }
        } finally {
            pair[0] = null;
            ahead.flip();
        }
    }

    private void takeFromAhead(ByteBuffer target) {
        int bytes = Math.min(target.remaining(), ahead.remaining());
        if (bytes > 0) {
            int end = ahead.limit();
            target.put(ahead.limit(ahead.position() + bytes));
            ahead.limit(end);
        }
    }

    @Override
    public void write(ByteBuffer[] parts, int count) throws IOException {
        int first = 0;
        while (true) {
            while (first < count && !parts[first].hasRemaining()) {
                first++;
            }
            if (first == count) {
                return;
            }
            channel.write(parts, first, count - first);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // It is closed all the same.
        }
    }
}
