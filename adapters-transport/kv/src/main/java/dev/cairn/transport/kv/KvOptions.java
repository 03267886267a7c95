package dev.cairn.transport.kv;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the transport listens, connects and bounds itself.
 *
 * @param host to listen on
 * @param port 0 = a free one
 * @param advertisedHost what peers are told; empty = {@code host}
 * @param insecure listen beyond loopback although anybody may pull
 * @param key what every member must know; empty = none
 * @param tls empty = plain TCP
 * @param ringBytes of memory shared with a peer on this machine; 0 = none is
 */
public record KvOptions(
        String host,
        int port,
        Optional<String> advertisedHost,
        boolean insecure,
        Optional<String> key,
        Optional<TlsFiles> tls,
        int ringBytes,
        Limits limits,
        Times times) {

    static final int MOST_RING_BYTES = 1 << 28;

    /** These options for somebody whose bytes all take the network. */
    public KvOptions withoutSharedMemory() {
        return new KvOptions(host, port, advertisedHost, insecure, key, tls, 0, limits, times);
    }

    /**
     * Bounds.
     *
     * @param credit bytes of payload that a peer may have under way to here, per connection
     * @param connections to one peer
     * @param incoming connections from all peers
     * @param queuedBlocks that wait or are under way, per peer and direction
     * @param lentBlocks that one connection has lent at once
     */
    public record Limits(
            long credit, int connections, int incoming, int queuedBlocks, int lentBlocks) {}

    /**
     * Times.
     *
     * @param timeout silence after which a peer counts as gone
     * @param stall without a block's bytes or end, after which pulls are given up
     * @param lease how long a block is lent for sending at most
     * @param idle after which a connection without pulls is closed
     */
    public record Times(Duration timeout, Duration stall, Duration lease, Duration idle) {}

    /**
     * PEM files.
     *
     * @param certificates own chain
     * @param privateKey of the first of them
     * @param authorities whom peers must be certified by, both ways; empty = the chain's last one
     */
    public record TlsFiles(Path certificates, Path privateKey, Optional<Path> authorities) {}
}
