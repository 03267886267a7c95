package dev.cairn.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A link to a port of this machine: the same port at another address of the loopback network. It
 * can be slow, stand still, or be cut.
 *
 * <p>Threads: any; two virtual ones per connection.
 */
final class Link implements AutoCloseable {

    static final String HOST = "127.0.0.2";
    static final long FAST = Long.MAX_VALUE;

    private static final String SERVER = "127.0.0.1";
    private static final int PIECE = 16 << 10;
    private static final long LOOK_NANOS = 1_000_000;

    private final int port;
    private final ServerSocket listening;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final AtomicLong answered = new AtomicLong();
    private volatile long bytesPerSecond = FAST;
    private volatile boolean standsStill;
    private volatile boolean isCut;

    Link(int port) throws IOException {
        this.port = port;
        this.listening = new ServerSocket(port, 50, InetAddress.getByName(HOST));
        Thread.ofVirtual().name("link-" + port).start(this::accept);
    }

    /** As others reach who listens there. */
    String address() {
        return HOST + ":" + port;
    }

    /** Bytes of answers that have come through. */
    long answered() {
        return answered.get();
    }

    /** Answers come so fast from now on. */
    void pace(long perSecond) {
        bytesPerSecond = perSecond;
    }

    /** Nothing comes through, and nobody is told. */
    void standStill() {
        standsStill = true;
    }

    /** Connections break, and new ones do not come about. */
    void cut() {
        isCut = true;
        closeAll();
    }

    /** As if nothing had been. */
    void heal() {
        isCut = false;
        standsStill = false;
        bytesPerSecond = FAST;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Thread.ofVirtual().start(() -> connect(client));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void connect(Socket client) {
        open.add(client);
        try {
            if (isCut) {
                client.close();
                return;
            }
            Socket server = new Socket(SERVER, port);
            open.add(server);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            Thread.ofVirtual().start(() -> pass(client, server, false));
            pass(server, client, true);
        } catch (IOException nobodyThere) {
            close(client);
        }
    }

    private void pass(Socket from, Socket to, boolean answers) {
        byte[] piece = new byte[PIECE];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                if (answers) {
                    answered.addAndGet(count);
                    slowDown(count);
                }
                while (standsStill && !isCut) {
                    LockSupport.parkNanos(LOOK_NANOS);
                }
                out.write(piece, 0, count);
            }
        } catch (IOException gone) {
            // One of the two is gone, and so is the other.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private void slowDown(int count) {
        long pace = bytesPerSecond;
        if (pace != FAST) {
            LockSupport.parkNanos(count * 1_000_000_000L / pace);
        }
    }

    private void closeAll() {
        open.forEach(Link::close);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            // Then it is closed.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        cut();
    }
}
