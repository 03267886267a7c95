package dev.cairn.transport.node;

import dev.cairn.ports.fleet.Role;
import java.util.List;
import java.util.Map;

/**
 * What a worker says of itself to whoever watches it.
 *
 * @param member its {@link dev.cairn.ports.fleet.Member#id}; empty where there is no fleet
 * @param starting takes no work yet: its models are being loaded
 * @param draining takes no new work
 * @param models names that it serves, the default first
 * @param properties whatever else a router needs to know, small
 */
public record NodeSelf(
        String member,
        Role role,
        boolean starting,
        boolean draining,
        List<String> models,
        Map<String, String> properties) {

    public NodeSelf {
        models = List.copyOf(models);
        properties = Map.copyOf(properties);
    }

    /** Of a worker that has started. */
    public NodeSelf(
            String member,
            Role role,
            boolean draining,
            List<String> models,
            Map<String, String> properties) {
        this(member, role, false, draining, models, properties);
    }

    /** The same worker, which takes no new work. */
    NodeSelf drained() {
        return new NodeSelf(member, role, starting, true, models, properties);
    }
}
