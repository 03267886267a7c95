package dev.cairn.transport.node;

import java.time.Duration;
import java.util.Optional;

/**
 * How nodes speak to each other.
 *
 * @param key what both sides know; empty = nothing is asked for
 * @param connections open at once to one worker
 * @param connectTime for a connection to come about
 * @param heartbeat silence after which a worker says that it lives
 * @param silence after which a worker counts as gone
 * @param loadInterval shortest time between two reports of load
 * @param bodyBytes most of one request
 * @param tls spoken to workers; empty = plain HTTP
 */
public record NodeOptions(
        Optional<String> key,
        int connections,
        Duration connectTime,
        Duration heartbeat,
        Duration silence,
        Duration loadInterval,
        int bodyBytes,
        Optional<NodeTls> tls) {

    public static NodeOptions defaults() {
        return new NodeOptions(
                Optional.empty(),
                4096,
                Duration.ofSeconds(1),
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofMillis(5),
                32 << 20,
                Optional.empty());
    }

    public NodeOptions withKey(String secret) {
        return new NodeOptions(
                Optional.of(secret),
                connections,
                connectTime,
                heartbeat,
                silence,
                loadInterval,
                bodyBytes,
                tls);
    }

    /** The same, to workers that speak TLS. */
    public NodeOptions withTls(NodeTls spoken) {
        return new NodeOptions(
                key,
                connections,
                connectTime,
                heartbeat,
                silence,
                loadInterval,
                bodyBytes,
                Optional.of(spoken));
    }

    /** The same with other times of silence. */
    public NodeOptions withSilence(Duration newHeartbeat, Duration newSilence) {
        return new NodeOptions(
                key,
                connections,
                connectTime,
                newHeartbeat,
                newSilence,
                loadInterval,
                bodyBytes,
                tls);
    }

    /** Keys are nobody's business. */
    @Override
    public String toString() {
        return "NodeOptions[" + (key.isPresent() ? "with" : "without") + " key]";
    }
}
