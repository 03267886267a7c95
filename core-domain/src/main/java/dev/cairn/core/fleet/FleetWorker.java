package dev.cairn.core.fleet;

import dev.cairn.ports.fleet.Role;

/**
 * A worker as it announced itself.
 *
 * @param id {@link dev.cairn.ports.fleet.Member#id}, or where none is announced its address
 * @param address {@code host:port} of its node protocol
 * @param role {@link Role#ALL} and {@link Role#DECODE} write answers, {@link Role#PREFILL} reads
 *     prompts for those
 * @param ready false while it is starting
 * @param draining takes no new work
 * @param totalBlocks of its KV cache; 0 = not known
 */
public record FleetWorker(
        String id, String address, Role role, boolean ready, boolean draining, long totalBlocks) {

    /** Whether it is there to write answers. */
    boolean answers() {
        return role == Role.ALL || role == Role.DECODE;
    }
}
