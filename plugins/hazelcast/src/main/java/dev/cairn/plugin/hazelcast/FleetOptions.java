package dev.cairn.plugin.hazelcast;

import dev.cairn.ports.system.Settings;
import dev.cairn.ports.system.Settings.SettingException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a member joins, from the keys {@code cairn.cluster.*}, which the program describes.
 *
 * @param port that it listens on
 * @param host address that it listens on
 * @param join {@code HOST:PORT} of others
 * @param publicAddress {@code HOST:PORT} where others reach it, if that is another one
 * @param directPort where members call each other without Hazelcast; 0 = any that is free
 * @param directAddress {@code HOST:PORT} where others reach that, if that is another one
 * @param name of the fleet
 * @param key that all members share, if messages are signed
 * @param heartbeat silence after which a member counts as gone
 * @param directorySize most blocks of others that are known of, and most of its own that it tells
 */
record FleetOptions(
        int port,
        String host,
        List<String> join,
        Optional<String> publicAddress,
        int directPort,
        Optional<String> directAddress,
        String name,
        Optional<String> key,
        Duration heartbeat,
        int directorySize) {

    private static final String PORT = "cairn.cluster.port";
    private static final String HOST = "cairn.cluster.host";
    private static final String JOIN = "cairn.cluster.join";
    private static final String PUBLIC_ADDRESS = "cairn.cluster.public-address";
    private static final String DIRECT_PORT = "cairn.cluster.direct-port";
    private static final String DIRECT_ADDRESS = "cairn.cluster.direct-address";
    private static final String NAME = "cairn.cluster.name";
    private static final String KEY = "cairn.cluster.key";
    private static final String HEARTBEAT = "cairn.cluster.heartbeat";
    private static final String DIRECTORY_SIZE = "cairn.cluster.directory-size";

    private static final Duration SHORTEST_HEARTBEAT = Duration.ofSeconds(2);
    private static final Duration LONGEST_HEARTBEAT = Duration.ofMinutes(5);
    private static final int SMALLEST_DIRECTORY = 1 << 10;

    /** More would not fit into the answers of a repair, a bucket each. */
    private static final int LARGEST_DIRECTORY = 1 << 24;

    /**
     * @throws SettingException for a value that makes no sense
     */
    static FleetOptions read(Settings settings) {
        Duration heartbeat = settings.duration(HEARTBEAT).orElse(Duration.ofSeconds(5));
        if (heartbeat.compareTo(SHORTEST_HEARTBEAT) < 0
                || heartbeat.compareTo(LONGEST_HEARTBEAT) > 0) {
            throw new SettingException(
                    "%s: must be from 2s to 5m, got %d ms"
                            .formatted(HEARTBEAT, heartbeat.toMillis()));
        }
        List<String> join = settings.list(JOIN);
        join.forEach(address -> check(JOIN, address));
        settings.text(PUBLIC_ADDRESS).ifPresent(address -> check(PUBLIC_ADDRESS, address));
        settings.text(DIRECT_ADDRESS).ifPresent(address -> check(DIRECT_ADDRESS, address));
        FleetOptions options = readAll(settings, join, heartbeat);
        if (options.reachedAddress().isUnresolved()) {
            throw new SettingException(
                    "%s or %s: nobody knows the host in \"%s\""
                            .formatted(HOST, PUBLIC_ADDRESS, options.reachedAddress()));
        }
        if (options.reachedAddress().getAddress().isAnyLocalAddress()) {
            throw new SettingException(
                    "%s: others cannot reach %s; set %s to HOST:PORT where they can"
                            .formatted(HOST, options.host(), PUBLIC_ADDRESS));
        }
        return options;
    }

    private static FleetOptions readAll(Settings settings, List<String> join, Duration heartbeat) {
        return new FleetOptions(
                whole(settings, PORT, 1, 65_535),
                settings.text(HOST).orElse("127.0.0.1"),
                join,
                settings.text(PUBLIC_ADDRESS),
                whole(settings.integer(DIRECT_PORT).orElse(0), DIRECT_PORT, 0, 65_535),
                settings.text(DIRECT_ADDRESS),
                settings.text(NAME).orElse("cairn"),
                settings.text(KEY),
                heartbeat,
                whole(settings, DIRECTORY_SIZE, SMALLEST_DIRECTORY, LARGEST_DIRECTORY));
    }

    /** Whether only this machine can reach it. */
    boolean loopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            return false;
        }
    }

    InetSocketAddress listenAddress() {
        return new InetSocketAddress(host, port);
    }

    /** Where others reach it. */
    InetSocketAddress reachedAddress() {
        return publicAddress
                .map(
                        address -> {
                            int colon = address.lastIndexOf(':');
                            return new InetSocketAddress(
                                    address.substring(0, colon),
                                    Integer.parseInt(address.substring(colon + 1)));
                        })
                .orElseGet(this::listenAddress);
    }

    /** Where others call it, when it listens there. */
    String directAddress(int port) {
        return directAddress.orElseGet(
                () -> reachedAddress().getAddress().getHostAddress() + ":" + port);
    }

    InetSocketAddress directListenAddress() {
        return new InetSocketAddress(host, directPort);
    }

    private static int whole(Settings settings, String key, int least, int most) {
        long value =
                settings.integer(key).orElseThrow(() -> new SettingException(key + " is not set"));
        return whole(value, key, least, most);
    }

    private static int whole(long value, String key, int least, int most) {
        if (value < least || value > most) {
            throw new SettingException(
                    "%s: must be from %d to %d, got %d".formatted(key, least, most, value));
        }
        return (int) value;
    }

    private static void check(String key, String address) {
        int colon = address.lastIndexOf(':');
        boolean sound = colon > 0;
        try {
            int port = sound ? Integer.parseInt(address.substring(colon + 1)) : 0;
            sound = port >= 1 && port <= 65_535;
        } catch (NumberFormatException none) {
            sound = false;
        }
        if (!sound) {
            throw new SettingException(
                    "%s: \"%s\" is no address; write HOST:PORT".formatted(key, address));
        }
    }
}
