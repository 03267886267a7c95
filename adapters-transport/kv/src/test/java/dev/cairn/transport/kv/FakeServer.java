package dev.cairn.transport.kv;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A peer that greets properly and then does what a test says. */
final class FakeServer implements AutoCloseable {

    /** What it does with each connection; the connection stays open afterwards. */
    interface Behaviour {

        void behave(SocketChannel socket) throws IOException;
    }

    /** What it does after a proper greeting. */
    interface Lie {

        void tell(FrameReader requests, FrameWriter answers) throws IOException;
    }

    private final ServerSocketChannel listener;
    private final Set<SocketChannel> sockets = ConcurrentHashMap.newKeySet();

    FakeServer(Behaviour behaviour) {
        try {
            listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(() -> accept(behaviour));
    }

    static FakeServer lying(Lie lie) {
        return new FakeServer(
                socket -> {
                    Session session = handshake().serving(new SocketPipe(socket));
                    lie.tell(session.frames(), session.answers());
                });
    }

    static Handshake handshake() {
        return new Handshake(Preamble.OURS, SharedKey.of(Optional.empty()), 1 << 20, Rings.off());
    }

    String address() {
        return "127.0.0.1:" + listener.socket().getLocalPort();
    }

    private void accept(Behaviour behaviour) {
        try {
            while (true) {
                SocketChannel socket = listener.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> behave(behaviour, socket));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    private static void behave(Behaviour behaviour, SocketChannel socket) {
        try {
            behaviour.behave(socket);
        } catch (IOException _) {
            // The other side has had enough.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (SocketChannel socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
