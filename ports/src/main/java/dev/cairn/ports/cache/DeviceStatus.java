package dev.cairn.ports.cache;

import java.util.List;

/**
 * The prefix cache in one engine's device memory.
 *
 * @param model served name
 * @param lookedUpTokens of prompts that began since the start
 * @param hitTokens those that were there
 * @param groups its block pools, one per layer group
 */
public record DeviceStatus(
        String model, long lookedUpTokens, long hitTokens, List<GroupUse> groups) {

    public DeviceStatus {
        groups = List.copyOf(groups);
    }

    /**
     * One block pool. What is cached may be in use or idle; idle blocks are let go for new ones.
     *
     * @param group {@link LayerGroup#index}
     * @param blockTokens tokens per block
     * @param blocks in all
     * @param inUse held by requests, or on their way
     * @param cached would be found by a prompt
     * @param empty hold nothing
     */
    public record GroupUse(
            int group, int blockTokens, long blocks, long inUse, long cached, long empty) {}
}
