package dev.cairn.transport.events;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Wakes a thread that polls sockets, since a socket of ZeroMQ must not be used by two threads.
 *
 * <p>Threads: {@link #wake} any; the rest the polling thread.
 */
final class Waker implements AutoCloseable {

    private final Pipe pipe;
    private final AtomicBoolean woken = new AtomicBoolean();

    Waker() {
        try {
            pipe = Pipe.open();
            pipe.source().configureBlocking(false);
            pipe.sink().configureBlocking(false);
        } catch (IOException e) {
            throw new UncheckedIOException("no pipe", e);
        }
    }

    SelectableChannel channel() {
        return pipe.source();
    }

    void wake() {
        if (woken.compareAndSet(false, true)) {
            try {
                pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            } catch (IOException e) {
                // Closed meanwhile: then nobody polls any more.
                woken.set(false);
            }
        }
    }

    /** What is left to do from here on wakes anew. */
    void awake() {
        try {
            // Taken from the pipe first, or a byte written meanwhile would be lost with its mark.
            pipe.source().read(ByteBuffer.allocate(16));
            woken.set(false);
        } catch (IOException e) {
            throw new UncheckedIOException("the pipe broke", e);
        }
    }

    @Override
    public void close() {
        try {
            pipe.sink().close();
            pipe.source().close();
        } catch (IOException e) {
            throw new UncheckedIOException("the pipe does not close", e);
        }
    }
}
