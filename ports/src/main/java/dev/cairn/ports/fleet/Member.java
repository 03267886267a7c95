package dev.cairn.ports.fleet;

import java.util.Map;
import java.util.Set;

/**
 * A process of the fleet, as it announced itself.
 *
 * @param id stable for the life of the process, never reused
 * @param httpAddress {@code host:port} of its node protocol
 * @param transferAddresses address per transport name
 * @param models names that it serves
 * @param draining takes no new work
 * @param properties whatever else a role needs to know, small
 */
public record Member(
        String id,
        Role role,
        String httpAddress,
        Map<String, String> transferAddresses,
        Set<String> models,
        boolean draining,
        Map<String, String> properties) {

    public Member {
        transferAddresses = Map.copyOf(transferAddresses);
        models = Set.copyOf(models);
        properties = Map.copyOf(properties);
    }
}
