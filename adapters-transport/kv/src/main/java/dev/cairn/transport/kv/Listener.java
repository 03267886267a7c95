package dev.cairn.transport.kv;

import dev.cairn.ports.cache.BlockTransport.BlockSource;
import dev.cairn.ports.system.Clock;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Takes connections from peers, so many at once. Threads: any. */
final class Listener implements AutoCloseable {

    private static final System.Logger LOGGER = System.getLogger(Listener.class.getName());

    /** After a failure that is not ours, for example too many open files. */
    private static final long PAUSE_MILLIS = 50;

    private final Pipes pipes;
    private final Handshake handshake;
    private final BlockSource source;
    private final KvOptions options;
    private final Watch watch;
    private final Clock clock;
    private final Complaints complaints;
    private final ServerSocketChannel channel;
    private final Set<Incoming> connections = ConcurrentHashMap.newKeySet();
    private final Thread thread;

    Listener(
            Pipes pipes,
            Handshake handshake,
            BlockSource source,
            KvOptions options,
            Watch watch,
            Clock clock)
            throws IOException {
        this.pipes = pipes;
        this.handshake = handshake;
        this.source = source;
        this.options = options;
        this.watch = watch;
        this.clock = clock;
        this.complaints = new Complaints(clock);
        this.channel = ServerSocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(new InetSocketAddress(options.host(), options.port()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new IOException(
                    "%s:%d cannot be listened on: %s; set %s and %s"
                            .formatted(
                                    options.host(),
                                    options.port(),
                                    e.getMessage(),
                                    KvSettings.HOST,
                                    KvSettings.PORT),
                    e);
        }
        this.thread = Thread.ofPlatform().daemon().name("kv-accept").start(this::run);
    }

    int port() {
        return channel.socket().getLocalPort();
    }

    private void run() {
        while (channel.isOpen()) {
            try {
                take(channel.accept());
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException | RuntimeException e) {
                LOGGER.log(Level.WARNING, "a peer could not be let in: {0}", e);
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException _) {
            // Nobody interrupts this thread; closing is how it ends.
            Thread.interrupted();
        }
    }

    private void take(SocketChannel socket) throws IOException {
        if (connections.size() >= options.limits().incoming()) {
            complaints.about(
                    String.valueOf(socket.getRemoteAddress()),
                    "is one too many, raise " + KvSettings.INCOMING);
            socket.close();
            return;
        }
        String peer = String.valueOf(socket.getRemoteAddress());
        Incoming connection;
        try {
            connection =
                    new Incoming(
                            peer.substring(peer.indexOf('/') + 1),
                            pipes.accepted(socket),
                            handshake,
                            source,
                            options,
                            clock,
                            complaints,
                            this::over);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
        connections.add(connection);
        watch.add(connection);
        connection.start();
    }

    private void over(Incoming connection) {
        watch.remove(connection);
        connections.remove(connection);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOGGER.log(Level.DEBUG, "closing the listener failed", e);
        }
        Threads.join(thread);
        for (Incoming connection : connections) {
            connection.close();
            connection.join();
        }
    }
}
