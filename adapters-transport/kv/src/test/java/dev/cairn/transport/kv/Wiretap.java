package dev.cairn.transport.kv;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a peer on which things happen to the bytes. Threads: two for every connection. */
final class Wiretap implements AutoCloseable {

    /** Decides what becomes of a connection's bytes in one direction. Threads: one. */
    interface Meddler {

        /**
         * @param bytes may be changed
         * @param count of them that are there
         * @param position of the first one in the stream
         * @return how many go on; fewer than {@code count} = the connection is cut then
         */
        int meddle(byte[] bytes, int count, long position);
    }

    /** Makes one for each connection and direction. */
    interface Meddling {

        Meddler of(boolean toServer);
    }

    private final String target;
    private final Meddling meddling;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    Wiretap(String target, Meddling meddling) {
        this.target = target;
        this.meddling = meddling;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                int colon = target.lastIndexOf(':');
                int port = Integer.parseInt(target.substring(colon + 1));
                Socket server = new Socket(target.substring(0, colon), port);
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> carry(client, server, meddling.of(true)));
                Thread.ofVirtual().start(() -> carry(server, client, meddling.of(false)));
            }
        } catch (IOException _) {
            // Closed, or the peer is: nobody can be let in any more.
        }
    }

    private void carry(Socket from, Socket to, Meddler meddler) {
        byte[] bytes = new byte[1 << 16];
        long position = 0;
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            while (true) {
                int count = in.read(bytes);
                if (count < 0) {
                    return;
                }
                int on = meddler.meddle(bytes, count, position);
                out.write(bytes, 0, on);
                if (on < count) {
                    return;
                }
                position += count;
            }
        } catch (IOException _) {
            // One of the two has closed; so does the other.
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
