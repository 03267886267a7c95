package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.ports.fleet.Role;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * What this process does in its fleet: what it was started for, until an operator says otherwise.
 */
@Singleton
final class CurrentRole {

    private volatile Role role;

    @Inject
    CurrentRole(Configuration configuration) {
        this.role = WorkerNode.role(configuration);
    }

    Role now() {
        return role;
    }

    void become(Role other) {
        role = other;
    }
}
