package dev.cairn.plugin.hazelcast;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A proxy in front of each member, by which its peers reach it, so that any two can be cut off from
 * each other. Who calls is told by its address: member {@code i} listens on, and calls from, {@code
 * 127.0.0.(11 + i)}.
 *
 * <p>While two are cut off, what one sends is held back, as a network does that drops packets: no
 * connection breaks. When the cut is over, what was held back arrives.
 */
final class SplittableNetwork implements AutoCloseable {

    private static final int FIRST = 11;

    /** To Hazelcast, one a member. */
    private final List<Door> doors = new ArrayList<>();

    /** To the line without Hazelcast, one a member. */
    private final List<Door> directDoors = new ArrayList<>();

    private final Set<Set<Integer>> cuts = new HashSet<>();
    private final List<Socket> open = new ArrayList<>();

    SplittableNetwork(int members) throws IOException {
        for (int member = 0; member < members; member++) {
            doors.add(open(member));
            directDoors.add(open(member));
        }
    }

    private Door open(int member) throws IOException {
        ServerSocket outside = new ServerSocket();
        outside.bind(new InetSocketAddress(address(member), 0));
        Door door = new Door(member, outside, freePort(member));
        Thread.ofVirtual().start(() -> accept(door));
        return door;
    }

    /**
     * @param outside where others call
     * @param port of the member, behind it
     */
    private record Door(int member, ServerSocket outside, int port) {

        String address() {
            return "127.0.0.%d:%d".formatted(FIRST + member, outside.getLocalPort());
        }
    }

    /** Settings of a member behind its proxy. */
    Map<String, String> settings(int member) {
        List<String> join = new ArrayList<>();
        for (int other = 0; other < doors.size(); other++) {
            if (other != member) {
                join.add(doors.get(other).address());
            }
        }
        return Map.of(
                "host",
                "127.0.0." + (FIRST + member),
                "port",
                Integer.toString(doors.get(member).port()),
                "public-address",
                doors.get(member).address(),
                "direct-port",
                Integer.toString(directDoors.get(member).port()),
                "direct-address",
                directDoors.get(member).address(),
                "join",
                String.join(",", join));
    }

    private static InetAddress address(int member) throws IOException {
        return InetAddress.getByName("127.0.0." + (FIRST + member));
    }

    private static int freePort(int member) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(address(member), 0));
            return probe.getLocalPort();
        }
    }

    /** Members of one side and those of the other hear nothing of each other. */
    synchronized void split(Set<Integer> one, Set<Integer> other) {
        one.forEach(a -> other.forEach(b -> cuts.add(Set.of(a, b))));
    }

    synchronized void heal() {
        cuts.clear();
        notifyAll();
    }

    private synchronized void awaitWay(int one, int other) throws InterruptedException {
        while (cuts.contains(Set.of(one, other))) {
            wait();
        }
    }

    private void accept(Door door) {
        try {
            while (true) {
                Socket caller = door.outside().accept();
                keep(caller);
                int from = caller.getInetAddress().getAddress()[3] - FIRST;
                Thread.ofVirtual().start(() -> connect(caller, from, door));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void connect(Socket caller, int from, Door door) {
        int member = door.member();
        try {
            awaitWay(from, member);
            Socket called = new Socket(address(member), door.port());
            keep(called);
            Thread.ofVirtual().start(() -> pump(caller, called, from, member));
            pump(called, caller, from, member);
        } catch (IOException | InterruptedException unreachable) {
            closeQuietly(caller);
        }
    }

    private void pump(Socket source, Socket target, int one, int other) {
        byte[] piece = new byte[1 << 16];
        try {
            InputStream in = source.getInputStream();
            OutputStream out = target.getOutputStream();
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                awaitWay(one, other);
                out.write(piece, 0, read);
            }
            awaitWay(one, other);
        } catch (IOException | InterruptedException broken) {
            // As for who is at the end of it.
        }
        closeQuietly(source);
        closeQuietly(target);
    }

    private synchronized void keep(Socket socket) {
        open.add(socket);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException already) {
            // Nothing is lost.
        }
    }

    @Override
    public synchronized void close() {
        try {
            for (Door door : doors) {
                door.outside().close();
            }
            for (Door door : directDoors) {
                door.outside().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(SplittableNetwork::closeQuietly);
        heal();
    }
}
