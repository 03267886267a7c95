package dev.cairn.transport.http;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * What a client sends, read by its connection; while a request is answered, a second thread reads
 * one buffer ahead, which is the only way to learn at once that the client has closed.
 *
 * <p>Threads: all methods on the connection's thread. The callback comes on the second thread, or
 * on the connection's.
 */
final class ReadAhead implements Supplier<byte[]> {

    private final Supplier<byte[]> socket;
    private final long budget;
    private long spent;
    private CompletableFuture<byte[]> ahead;
    private volatile Runnable whenGone = ReadAhead::nobody;

    /**
     * @param socket waits for bytes; null at the end
     * @param budget bytes that one request may send in all, so that no framing of it, however odd,
     *     takes more memory
     */
    ReadAhead(Supplier<byte[]> socket, long budget) {
        this.socket = socket;
        this.budget = budget;
    }

    /** The next bytes, null at the end; waits for them. */
    @Override
    public byte[] get() {
        byte[] bytes = ahead == null ? read() : awaited();
        spent += bytes == null ? 0 : bytes.length;
        if (spent > budget) {
            throw new CloseConnectionException("a request sent more than " + budget + " bytes");
        }
        return bytes;
    }

    /** A new request begins: its bytes are counted from here. */
    void restartBudget() {
        spent = 0;
    }

    /**
     * Starts to look for the client's end. What a client sends meanwhile (the next request) is kept
     * for {@link #get}; after one buffer of that, nobody looks any more.
     */
    void watch(Runnable gone) {
        whenGone = gone;
        if (ahead == null) {
            var bytes = new CompletableFuture<byte[]>();
            ahead = bytes;
            Thread.ofVirtual().name("http-watch").start(() -> readInto(bytes));
        } else if (ahead.isDone() && isEnd(ahead)) {
            gone.run();
        }
    }

    private static void nobody() {}

    void unwatch() {
        whenGone = ReadAhead::nobody;
    }

    /**
     * Reads and forgets until the client closes, so that it can read a refusal before a reset of
     * the connection takes it away (RFC 9112, 9.6). Bounded in time and bytes.
     */
    void discard(long nanos, long bytes) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        long left = bytes;
        while (left > 0) {
            watch(ReadAhead::nobody);
            try {
                byte[] read = ahead.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                ahead = null;
                if (read == null) {
                    return;
                }
                left -= read.length;
            } catch (TimeoutException | ExecutionException enough) {
                return;
            }
        }
    }

    private void readInto(CompletableFuture<byte[]> bytes) {
        try {
            bytes.complete(socket.get());
        } catch (RuntimeException broken) {
            bytes.completeExceptionally(broken);
        }
        if (isEnd(bytes)) {
            whenGone.run();
        }
    }

    private static boolean isEnd(CompletableFuture<byte[]> done) {
        return done.isCompletedExceptionally() || done.resultNow() == null;
    }

    private byte[] awaited() {
        CompletableFuture<byte[]> pending = ahead;
        ahead = null;
        try {
            return pending.get();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("the server stops", stopped);
        } catch (ExecutionException broken) {
            throw new ServerConnectionException("the connection broke", broken.getCause());
        }
    }

    private byte[] read() {
        try {
            return socket.get();
        } catch (UncheckedIOException broken) {
            throw new ServerConnectionException("the connection broke", broken);
        }
    }
}
