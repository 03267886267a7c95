package dev.cairn.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A link to a port of this machine on which the answers come slowly: the same port at another
 * address of the loopback network.
 */
final class SlowLink implements AutoCloseable {

    static final String HOST = "127.0.0.2";

    private static final int PIECE = 16 << 10;

    private final int port;
    private final long bytesPerSecond;
    private final ServerSocket listening;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final AtomicLong answered = new AtomicLong();

    SlowLink(int port, long bytesPerSecond) throws IOException {
        this.port = port;
        this.bytesPerSecond = bytesPerSecond;
        this.listening = new ServerSocket(port, 50, InetAddress.getByName(HOST));
        Thread.ofVirtual().name("slow-link").start(this::accept);
    }

    /** Bytes of answers that have come through. */
    long answered() {
        return answered.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket("127.0.0.1", port);
                open.addAll(new ArrayList<>(List.of(client, server)));
                Thread.ofVirtual().start(() -> pass(client, server, Long.MAX_VALUE));
                Thread.ofVirtual().start(() -> pass(server, client, bytesPerSecond));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void pass(Socket from, Socket to, long pace) {
        byte[] piece = new byte[PIECE];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                if (pace != Long.MAX_VALUE) {
                    answered.addAndGet(count);
                    LockSupport.parkNanos(count * 1_000_000_000L / pace);
                }
                out.write(piece, 0, count);
            }
        } catch (IOException gone) {
            // One of the two is gone, and so is the other.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket each : open) {
            each.close();
        }
    }
}
