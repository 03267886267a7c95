package dev.cairn.transport.node;

import dev.cairn.ports.system.SettingDescription;
import dev.cairn.ports.system.SettingDescription.Type;
import dev.cairn.ports.system.Settings;
import dev.cairn.ports.system.Settings.SettingException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The configuration keys of the node protocol. */
public final class NodeSettings {

    public static final String KEY = "cairn.node.key";
    public static final String CONNECTIONS = "cairn.node.connections";
    public static final String CONNECT_TIME = "cairn.node.connect-time";
    public static final String HEARTBEAT = "cairn.node.heartbeat";
    public static final String SILENCE = "cairn.node.silence";
    public static final String LOAD_INTERVAL = "cairn.node.load-interval";

    public static final String TLS_AUTHORITIES = "cairn.node.tls.authorities";

    private static final int MOST_CONNECTIONS = 1 << 20;

    private NodeSettings() {}

    /** Every key that {@link #read} asks for. */
    public static List<SettingDescription> describe() {
        NodeOptions usual = NodeOptions.defaults();
        return List.of(
                new SettingDescription(
                        KEY,
                        Type.STRING,
                        Optional.empty(),
                        "What routers and workers know: a worker answers no node that does not."
                                + " Needed where a worker listens beyond loopback.",
                        true),
                SettingDescription.of(
                        CONNECTIONS,
                        Type.INTEGER,
                        Integer.toString(usual.connections()),
                        "Most requests that are at one worker at once."),
                SettingDescription.of(
                        CONNECT_TIME,
                        Type.DURATION,
                        text(usual.connectTime()),
                        "How long a connection to a worker may take to come about."),
                SettingDescription.of(
                        HEARTBEAT,
                        Type.DURATION,
                        text(usual.heartbeat()),
                        "Silence after which a worker says that it lives."),
                SettingDescription.of(
                        SILENCE,
                        Type.DURATION,
                        text(usual.silence()),
                        "Silence after which a worker counts as gone; at least twice the"
                                + " heartbeat of the workers."),
                SettingDescription.of(
                        LOAD_INTERVAL,
                        Type.DURATION,
                        text(usual.loadInterval()),
                        "Shortest time between two reports of a worker's load."),
                SettingDescription.optional(
                        TLS_AUTHORITIES,
                        Type.STRING,
                        "PEM file of the certificates that workers' own must come from. With it,"
                                + " workers are asked over TLS alone; they speak it by"
                                + " cairn.http.tls.certificate."));
    }

    private static String text(Duration duration) {
        return duration.toMillis() + "ms";
    }

    /**
     * @throws SettingException for a value that cannot be used
     */
    public static NodeOptions read(Settings settings) {
        long connections = settings.integer(CONNECTIONS).orElseThrow();
        if (connections < 1 || connections > MOST_CONNECTIONS) {
            throw new SettingException(
                    "%s must be between 1 and %d, got %d"
                            .formatted(CONNECTIONS, MOST_CONNECTIONS, connections));
        }
        if (settings.text(KEY).filter(String::isBlank).isPresent()) {
            throw new SettingException(KEY + " is empty; give a key, or leave it out");
        }
        Duration heartbeat = positive(settings, HEARTBEAT);
        Duration silence = positive(settings, SILENCE);
        if (silence.compareTo(heartbeat.multipliedBy(2)) < 0) {
            throw new SettingException(
                    "%s must be at least twice %s, or workers that live count as gone"
                            .formatted(SILENCE, HEARTBEAT));
        }
        return new NodeOptions(
                settings.text(KEY),
                (int) connections,
                positive(settings, CONNECT_TIME),
                heartbeat,
                silence,
                positive(settings, LOAD_INTERVAL),
                NodeOptions.defaults().bodyBytes(),
                settings.text(TLS_AUTHORITIES).map(NodeSettings::tls));
    }

    private static NodeTls tls(String file) {
        try {
            return new NodeTls(Path.of(file));
        } catch (IllegalArgumentException wrong) {
            throw new SettingException(TLS_AUTHORITIES + ": " + wrong.getMessage());
        }
    }

    private static Duration positive(Settings settings, String key) {
        Duration duration = settings.duration(key).orElseThrow();
        if (duration.toMillis() < 1 || duration.compareTo(Duration.ofHours(1)) > 0) {
            throw new SettingException(key + " must be between 1ms and 1h");
        }
        return duration;
    }
}
