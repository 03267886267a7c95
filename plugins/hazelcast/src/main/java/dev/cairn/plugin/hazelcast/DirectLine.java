package dev.cairn.plugin.hazelcast;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/**
 * Frames from member to member without Hazelcast: a length, a frame, and the same back. After a
 * network split members hear of each other by it at once, where Hazelcast takes up to 15 seconds to
 * become one cluster again.
 *
 * <p>Whoever does not answer soon is hung up on; what waits for the same member fails with it. It
 * reads no more than a megabyte at once from whoever calls; what a frame says is for {@link Frames}
 * to believe or not.
 *
 * <p>Threads: any; no method waits for another member.
 */
final class DirectLine implements AutoCloseable {

    private static final Logger LOGGER = System.getLogger(DirectLine.class.getName());

    private static final int LARGEST_FRAME = 1 << 20;

    /** The contents of many buckets. */
    private static final int LARGEST_ANSWER = 4 << 20;

    private static final int MOST_CALLERS = 64;
    private static final int MOST_WAITING = 64;
    private static final int CONNECT_MILLIS = 1000;
    private static final int ANSWER_MILLIS = 2000;
    private static final int IDLE_SECONDS = 30;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServerSocket door = new ServerSocket();
    private final InetAddress callsFrom;
    private final UnaryOperator<byte[]> receives;
    private final Semaphore room = new Semaphore(MOST_CALLERS);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Map<String, Caller> callers = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * Listens.
     *
     * @param at port 0 = any that is free
     * @param receives a frame, and gives the answer; never throws
     * @throws IOException if it cannot listen there
     */
    DirectLine(InetSocketAddress at, UnaryOperator<byte[]> receives) throws IOException {
        this.callsFrom = at.getAddress();
        this.receives = receives;
        door.bind(at);
        Thread.ofVirtual().name("cairn-fleet-direct").start(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    /**
     * Sends a frame.
     *
     * @param address {@code HOST:PORT}
     * @return the answer, or why there is none
     */
    CompletableFuture<byte[]> call(String address, byte[] frame) {
        Call call = new Call(frame, new CompletableFuture<>());
        if (closed) {
            call.answer.completeExceptionally(new IOException("closed"));
        } else if (!callers.computeIfAbsent(address, Caller::new).waiting.offer(call)) {
            call.answer.completeExceptionally(new IOException("too much waits for it"));
        }
        return call.answer;
    }

    /** Nothing is sent there any more. */
    void forget(String address) {
        Caller caller = callers.remove(address);
        if (caller != null) {
            caller.end();
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket socket = door.accept();
                if (room.tryAcquire()) {
                    open.add(socket);
                    Thread.ofVirtual().name("cairn-fleet-direct").start(() -> serve(socket));
                } else {
                    socket.close();
                }
            } catch (IOException broken) {
                if (!closed) {
                    LOGGER.log(Level.DEBUG, "a call did not come through", broken);
                    // Without descriptors it fails at once, until some are free again.
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(2 * IDLE_SECONDS));
            var in = new DataInputStream(socket.getInputStream());
            var out = new DataOutputStream(socket.getOutputStream());
            while (true) {
                write(out, receives.apply(read(in, LARGEST_FRAME)));
            }
        } catch (IOException over) {
            // Whoever called hung up, or says nothing that makes sense.
        } finally {
            open.remove(socket);
            room.release();
        }
    }

    private static byte[] read(DataInputStream in, int most) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > most) {
            throw new IOException(length + " bytes at once");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    /** At once, so that it goes as one packet if it is small. */
    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.write(new ByteWriter().block(bytes).bytes());
    }

    @Override
    public void close() {
        closed = true;
        try {
            door.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            callers.values().forEach(Caller::end);
        }
    }

    private record Call(byte[] frame, CompletableFuture<byte[]> answer) {}

    /** What is sent to one address, one after the other. */
    private final class Caller {

        private final String address;
        private final BlockingQueue<Call> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
        private final Thread thread;
        private Socket socket;

        Caller(String address) {
            this.address = address;
            thread = Thread.ofVirtual().name("cairn-fleet-direct").start(this::run);
        }

        void end() {
            thread.interrupt();
        }

        private void run() {
            try {
                while (!closed) {
                    Call call = waiting.poll(IDLE_SECONDS, TimeUnit.SECONDS);
                    if (call == null) {
                        hangUp();
                    } else {
                        exchange(call);
                    }
                }
            } catch (InterruptedException forgotten) {
                Thread.currentThread().interrupt();
            } finally {
                hangUp();
                fail(new IOException("nothing is sent to " + address + " any more"));
            }
        }

        private void exchange(Call call) {
            try {
                if (socket == null) {
                    socket = connect();
                }
                write(new DataOutputStream(socket.getOutputStream()), call.frame);
                call.answer.complete(
                        read(new DataInputStream(socket.getInputStream()), LARGEST_ANSWER));
            } catch (IOException | RuntimeException lost) {
                hangUp();
                call.answer.completeExceptionally(lost);
                fail(lost);
            }
        }

        private Socket connect() throws IOException {
            int colon = address.lastIndexOf(':');
            var to =
                    new InetSocketAddress(
                            address.substring(0, colon),
                            Integer.parseInt(address.substring(colon + 1)));
            Socket fresh = new Socket();
            open.add(fresh);
            fresh.bind(new InetSocketAddress(callsFrom, 0));
            fresh.setTcpNoDelay(true);
            fresh.setSoTimeout(ANSWER_MILLIS);
            socket = fresh;
            fresh.connect(to, CONNECT_MILLIS);
            return fresh;
        }

        private void hangUp() {
            if (socket != null) {
                open.remove(socket);
                try {
                    socket.close();
                } catch (IOException already) {
                    // It is of no more use either way.
                }
                socket = null;
            }
        }

        /** All that waits would wait as long in vain. */
        private void fail(Exception why) {
            List<Call> lost = new ArrayList<>();
            waiting.drainTo(lost);
            lost.forEach(call -> call.answer.completeExceptionally(why));
        }
    }
}
