package dev.cairn.core.fleet;

import dev.cairn.ports.fleet.Role;

/**
 * A worker as it announced itself.
 *
 * @param id {@link dev.cairn.ports.fleet.Member#id}, or where none is announced its address
 * @param address {@code host:port} of its node protocol
 * @param role {@link Role#ALL} and {@link Role#DECODE} write answers, {@link Role#PREFILL} reads
 *     prompts for those
 * @param totalBlocks of its KV cache; 0 = not known
 * @param events where it tells what it holds; empty = it does not
 */
public record FleetWorker(
        String id,
        String address,
        Role role,
        Condition condition,
        long totalBlocks,
        String events) {

    /** Whether it takes work. */
    public enum Condition {
        /** It does. */
        READY,
        /** It said that it will. */
        STARTING,
        /** It said that it takes none. */
        DRAINING,
        /** It cannot be reached. */
        AWAY
    }

    /** Whether it is there to write answers. */
    boolean answers() {
        return role == Role.ALL || role == Role.DECODE;
    }
}
