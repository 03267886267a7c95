package dev.cairn.transport.kv;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings;
import dev.cairn.ports.system.Settings.SettingException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The configuration keys of the KV transport. */
public final class KvSettings {

    public static final String HOST = "cairn.transport.kv.host";
    public static final String PORT = "cairn.transport.kv.port";
    public static final String ADVERTISED_HOST = "cairn.transport.kv.advertised-host";
    public static final String KEY = "cairn.transport.kv.key";
    public static final String INSECURE = "cairn.transport.kv.insecure";
    public static final String TLS_CERTIFICATE = "cairn.transport.kv.tls.certificate";
    public static final String TLS_PRIVATE_KEY = "cairn.transport.kv.tls.private-key";
    public static final String TLS_AUTHORITIES = "cairn.transport.kv.tls.authorities";
    public static final String SHARED_MEMORY = "cairn.transport.kv.shared-memory";
    public static final String RING = "cairn.transport.kv.ring";
    public static final String CREDIT = "cairn.transport.kv.credit";
    public static final String CONNECTIONS = "cairn.transport.kv.connections";
    public static final String INCOMING = "cairn.transport.kv.incoming";
    public static final String QUEUE = "cairn.transport.kv.queue";
    public static final String LENT = "cairn.transport.kv.lent";
    public static final String TIMEOUT = "cairn.transport.kv.timeout";
    public static final String STALL = "cairn.transport.kv.stall";
    public static final String LEASE = "cairn.transport.kv.lease";
    public static final String IDLE = "cairn.transport.kv.idle";

    private KvSettings() {}

    /** Every key that {@link #read} asks for. */
    public static List<SettingDescription> describe() {
        return List.of(
                SettingDescription.of(
                        HOST, Type.STRING, "127.0.0.1", "Address where peers pull blocks."),
                SettingDescription.of(PORT, Type.INTEGER, "0", "Its port; 0 takes a free one."),
                SettingDescription.optional(
                        ADVERTISED_HOST,
                        Type.STRING,
                        "Host that peers are told to reach this member by; unset: the one it"
                                + " listens on."),
                new SettingDescription(
                        KEY,
                        Type.STRING,
                        Optional.empty(),
                        "What all members know: a peer that does not is let in nowhere.",
                        true),
                SettingDescription.of(
                        INSECURE,
                        Type.BOOLEAN,
                        "false",
                        "Listen beyond loopback without a key and without TLS."),
                SettingDescription.optional(
                        TLS_CERTIFICATE,
                        Type.STRING,
                        "PEM file with the certificate chain; members then talk TLS and show each"
                                + " other their certificates."),
                SettingDescription.optional(
                        TLS_PRIVATE_KEY, Type.STRING, "PEM file with the private key."),
                SettingDescription.optional(
                        TLS_AUTHORITIES,
                        Type.STRING,
                        "PEM file with the certificates that peers' certificates must come from;"
                                + " unset: the last one of the own chain."),
                SettingDescription.of(
                        SHARED_MEMORY,
                        Type.STRING,
                        "auto",
                        "auto: memory instead of the network between processes of one machine and"
                                + " user; off: never."),
                SettingDescription.of(
                        RING, Type.SIZE, "2MiB", "Such memory, per connection of a peer."),
                SettingDescription.of(
                        CREDIT,
                        Type.SIZE,
                        "32MiB",
                        "Bytes that a peer may have under way to here, per connection."),
                SettingDescription.of(
                        CONNECTIONS, Type.INTEGER, "1", "Connections to one peer at most."),
                SettingDescription.of(
                        INCOMING, Type.INTEGER, "256", "Connections from peers at most."),
                SettingDescription.of(
                        QUEUE,
                        Type.INTEGER,
                        "65536",
                        "Blocks that wait or are under way, per peer and direction."),
                SettingDescription.of(
                        LENT,
                        Type.INTEGER,
                        "64",
                        "Blocks that are lent for sending at once, per connection."),
                SettingDescription.of(
                        TIMEOUT,
                        Type.DURATION,
                        "2s",
                        "Silence after which a peer counts as gone; it is avoided then."),
                SettingDescription.of(
                        STALL,
                        Type.DURATION,
                        "10s",
                        "Time without any block from a peer after which its pulls fail."),
                SettingDescription.of(
                        LEASE, Type.DURATION, "30s", "How long a block is lent for sending."),
                SettingDescription.of(
                        IDLE,
                        Type.DURATION,
                        "1m",
                        "How long a connection without pulls stays open."));
    }

    /**
     * The options as configured.
     *
     * @throws SettingException for a value out of range, naming its key
     */
    public static KvOptions read(Settings settings) {
        boolean shared = sharedMemory(settings);
        return new KvOptions(
                settings.text(HOST).orElseThrow(),
                (int) within(PORT, settings.integer(PORT).orElseThrow(), 0, 65_535),
                settings.text(ADVERTISED_HOST),
                settings.flag(INSECURE).orElse(false),
                settings.text(KEY),
                tls(settings),
                shared ? (int) size(settings, RING, 1 << 16, KvOptions.MOST_RING_BYTES) : 0,
                new KvOptions.Limits(
                        size(settings, CREDIT, 1 << 20, 1L << 30),
                        whole(settings, CONNECTIONS, 1, 64),
                        whole(settings, INCOMING, 1, 65_536),
                        whole(settings, QUEUE, 64, 1 << 24),
                        whole(settings, LENT, 1, 65_536)),
                new KvOptions.Times(
                        span(settings, TIMEOUT),
                        span(settings, STALL),
                        span(settings, LEASE),
                        span(settings, IDLE)));
    }

    private static boolean sharedMemory(Settings settings) {
        String text = settings.text(SHARED_MEMORY).orElseThrow();
        return switch (text) {
            case "auto" -> true;
            case "off" -> false;
            default ->
                    throw new SettingException(
                            SHARED_MEMORY + " is \"" + text + "\"; write auto or off");
        };
    }

    private static Optional<KvOptions.TlsFiles> tls(Settings settings) {
        Optional<String> certificate = settings.text(TLS_CERTIFICATE);
        Optional<String> key = settings.text(TLS_PRIVATE_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            throw new SettingException(
                    TLS_CERTIFICATE + " and " + TLS_PRIVATE_KEY + " must be set together");
        }
        Optional<Path> authorities = settings.text(TLS_AUTHORITIES).map(Path::of);
        return certificate.map(
                file ->
                        new KvOptions.TlsFiles(
                                Path.of(file), Path.of(key.orElseThrow()), authorities));
    }

    private static int whole(Settings settings, String key, int least, int most) {
        return (int) within(key, settings.integer(key).orElseThrow(), least, most);
    }

    private static long size(Settings settings, String key, long least, long most) {
        return within(key, settings.size(key).orElseThrow(), least, most);
    }

    private static Duration span(Settings settings, String key) {
        Duration span = settings.duration(key).orElseThrow();
        if (span.compareTo(Duration.ofMillis(50)) < 0 || span.compareTo(Duration.ofDays(1)) > 0) {
            throw new SettingException(
                    key + " is " + span.toMillis() + "ms; write a value from 50ms to 24h");
        }
        return span;
    }

    private static long within(String key, long value, long least, long most) {
        if (value < least || value > most) {
            throw new SettingException(
                    key + " is " + value + "; write a value from " + least + " to " + most);
        }
        return value;
    }
}
