package dev.cairn.ports.relay;

/**
 * Where a remote engine tells what its cache gains and loses.
 *
 * @param dialect of {@link dev.cairn.ports.cache.KvEventChannel#dialect}
 * @param address as that channel understands it
 */
public record EventSource(String dialect, String address) {}
