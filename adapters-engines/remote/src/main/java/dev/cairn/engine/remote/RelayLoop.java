package dev.cairn.engine.remote;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The thread that has all sockets of a relay. What its handlers share (buffers, memory) is theirs
 * while they run.
 *
 * <p>Threads: {@link #execute} and {@link #stop} from any; everything else from the loop's own.
 */
final class RelayLoop {

    private static final System.Logger LOGGER = System.getLogger(RelayLoop.class.getName());

    private static final int ANSWER_BYTES = 64 << 10;
    private static final int HEAD_BYTES = 64 << 10;

    /** Hears that its channel can do something. */
    interface Handler {

        void ready(SelectionKey key) throws IOException;

        /** Its channel failed, or it did; whatever it holds is to be let go. */
        void broken(Exception why);
    }

    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ByteBuffer answers = ByteBuffer.allocateDirect(ANSWER_BYTES);
    private final ByteBuffer head = ByteBuffer.allocateDirect(HEAD_BYTES);
    private final byte[] headBytes = new byte[HEAD_BYTES];
    private final SlabPool slabs;
    private volatile boolean isStopping;
    private long now = System.nanoTime();

    RelayLoop(long mostBufferBytes) {
        this.slabs = new SlabPool(mostBufferBytes);
        try {
            this.selector = Selector.open();
        } catch (IOException none) {
            throw new UncheckedIOException(none);
        }
    }

    /** When the present round of events began. */
    long now() {
        return now;
    }

    SlabPool slabs() {
        return slabs;
    }

    /** For what a worker says, until the handler returns. */
    ByteBuffer answers() {
        return answers.clear();
    }

    /** For a head that is being written, until the handler returns. */
    ByteBuffer head() {
        return head.clear();
    }

    /** For a head that is being read, until the handler returns. */
    byte[] headBytes() {
        return headBytes;
    }

    SelectionKey register(SelectableChannel channel, int interest, Handler handler)
            throws IOException {
        return channel.register(selector, interest, handler);
    }

    /** Runs something on the loop's thread. */
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    void stop() {
        isStopping = true;
        selector.wakeup();
    }

    /**
     * Serves until {@link #stop}.
     *
     * @param tickMillis how often {@code tick} is called at least
     */
    void run(long tickMillis, Runnable tick) {
        long nextTick = System.nanoTime();
        while (!isStopping) {
            long untilTick = (nextTick - System.nanoTime()) / 1_000_000;
            try {
                selector.select(this::dispatch, Math.max(1, untilTick));
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
            now = System.nanoTime();
            runTasks();
            if (now - nextTick >= 0) {
                nextTick = now + tickMillis * 1_000_000;
                guarded(tick);
            }
        }
        runTasks();
        closeAll();
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            guarded(task);
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException bug) {
            LOGGER.log(WARNING, "a task of the relay failed", bug);
        }
    }

    private void dispatch(SelectionKey key) {
        now = System.nanoTime();
        Handler handler = (Handler) key.attachment();
        try {
            handler.ready(key);
        } catch (IOException broken) {
            handler.broken(broken);
        } catch (CancelledKeyException closed) {
            LOGGER.log(DEBUG, "closed while it was served", closed);
        } catch (RuntimeException bug) {
            LOGGER.log(WARNING, "the relay failed at a connection", bug);
            handler.broken(bug);
        }
    }

    private void closeAll() {
        for (SelectionKey key : selector.keys()) {
            close(key.channel());
        }
        slabs.close();
        close(selector);
    }

    /** Closes what nobody needs any more; that it fails is of no interest. */
    static void close(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception gone) {
            LOGGER.log(DEBUG, "closing failed", gone);
        }
    }
}
