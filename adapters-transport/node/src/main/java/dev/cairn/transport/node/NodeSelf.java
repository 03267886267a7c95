package dev.cairn.transport.node;

import dev.cairn.ports.fleet.Role;
import java.util.List;
import java.util.Map;

/**
 * What a worker says of itself to whoever watches it.
 *
 * @param member its {@link dev.cairn.ports.fleet.Member#id}; empty where there is no fleet
 * @param draining takes no new work
 * @param models names that it serves, the default first
 * @param properties whatever else a router needs to know, small
 */
public record NodeSelf(
        String member,
        Role role,
        boolean draining,
        List<String> models,
        Map<String, String> properties) {

    public NodeSelf {
        models = List.copyOf(models);
        properties = Map.copyOf(properties);
    }
}
