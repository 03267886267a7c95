package dev.cairn.transport.events;

import java.util.Optional;

/**
 * How events are published and heard.
 *
 * @param address where batches are published; a port of {@code *} is a free one
 * @param replayAddress where they are asked for again
 * @param advertisedHost what subscribers are told; empty = the host of the addresses
 * @param topic of published batches; {@code {worker}} and {@code {model}} are filled in
 * @param wholeHashes publish 32 bytes of a hash instead of the last 8
 * @param limits bounds
 */
public record EventOptions(
        String address,
        String replayAddress,
        Optional<String> advertisedHost,
        String topic,
        boolean wholeHashes,
        Limits limits) {

    /**
     * Bounds.
     *
     * @param queue batches that wait to be published
     * @param replayBatches batches kept for who lost them
     * @param replayBytes of them
     * @param messageBytes of one batch; larger ones are neither published nor heard
     */
    public record Limits(int queue, int replayBatches, long replayBytes, int messageBytes) {}
}
