package dev.cairn.ports.cache;

/**
 * A block that is to be stored.
 *
 * @param tenant digest that quotas are counted under; empty string = none
 */
public record BlockWrite(BlockKey key, BlockBytes block, String tenant) {}
