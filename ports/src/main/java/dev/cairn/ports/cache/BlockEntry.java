package dev.cairn.ports.cache;

/**
 * A block that a tier holds.
 *
 * @param tenant digest that quotas are counted under; empty string = none
 * @param storedEpochMillis when it was stored, milliseconds since 1970-01-01T00:00Z
 */
public record BlockEntry(
        BlockKey key, KvLayout layout, String tenant, long storedEpochMillis, boolean pinned) {}
