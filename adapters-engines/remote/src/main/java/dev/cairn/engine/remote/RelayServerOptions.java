package dev.cairn.engine.remote;

import java.time.Duration;

/**
 * How a relay listens and what it allows.
 *
 * @param host address or name to bind
 * @param port 0 = any free one
 * @param bodyBytes of one request
 * @param headBytes of one request's head
 * @param jsonDepth nesting of a body
 * @param connections of clients, open at once
 * @param sendTime for a client to send a request, from its first byte to its last
 * @param connectTime for a connection to a worker
 * @param answerTime until a worker's answer begins
 * @param probeTime for one look at a worker
 * @param probePath what is asked there; any answer of 2xx is a good one
 * @param bufferBytes that requests may take at once, before they are answered
 * @param waitTime for a worker to be well again; zero = nobody waits
 * @param mostWaiting requests that wait for that at once
 * @param workerKey sent to workers as {@code Authorization: Bearer}; empty = none
 */
public record RelayServerOptions(
        String host,
        int port,
        long bodyBytes,
        int headBytes,
        int jsonDepth,
        int connections,
        Duration sendTime,
        Duration connectTime,
        Duration answerTime,
        Duration probeTime,
        String probePath,
        long bufferBytes,
        Duration waitTime,
        int mostWaiting,
        String workerKey) {

    private static final int MOST_HEAD = 32 << 10;

    public RelayServerOptions {
        if (bodyBytes < 1 || bodyBytes > 1 << 30) {
            throw new IllegalArgumentException("a body has at most 1 GiB, not " + bodyBytes);
        }
        if (headBytes < 256 || headBytes > MOST_HEAD) {
            throw new IllegalArgumentException(
                    "a head has 256 to " + MOST_HEAD + " bytes, not " + headBytes);
        }
    }

    /** Loopback, and the usual bounds. */
    public static RelayServerOptions loopback(int port) {
        return new RelayServerOptions(
                "127.0.0.1",
                port,
                32L << 20,
                16 << 10,
                64,
                8192,
                Duration.ofMinutes(2),
                Duration.ofSeconds(1),
                Duration.ofMinutes(10),
                Duration.ofSeconds(1),
                "/health",
                512L << 20,
                Duration.ZERO,
                256,
                "");
    }

    /** The same, but requests wait so long while nobody can answer. */
    public RelayServerOptions waiting(Duration time, int most) {
        return new RelayServerOptions(
                host,
                port,
                bodyBytes,
                headBytes,
                jsonDepth,
                connections,
                sendTime,
                connectTime,
                answerTime,
                probeTime,
                probePath,
                bufferBytes,
                time,
                most,
                workerKey);
    }

    boolean letsWait() {
        return !waitTime.isZero() && mostWaiting > 0;
    }

    /** Keys are nobody's business. */
    @Override
    public String toString() {
        return "RelayServerOptions[" + host + ":" + port + "]";
    }
}
