package dev.cairn.ports.request;

/**
 * The worker that reads a request's prompt for the one that writes the answer.
 *
 * @param member its {@link dev.cairn.ports.fleet.Member#id}
 * @param address {@code host:port} of its node protocol
 */
public record PrefillPlace(String member, String address) {}
