package dev.cairn.ports.relay;

import dev.cairn.ports.fleet.Role;
import java.util.Optional;

/**
 * An engine behind an OpenAI-compatible API, or one data-parallel rank of it.
 *
 * @param name unique in its list; what metrics and explanations call it
 * @param host name or address
 * @param role {@link Role#ALL}, or the half of the work that it does
 * @param bootstrapPort where an SGLang prefill worker is met; 0 = none
 * @param rank data-parallel rank that requests name; -1 = none
 * @param events where it tells what it holds
 */
public record RemoteWorker(
        String name,
        String host,
        int port,
        Dialect dialect,
        Role role,
        int bootstrapPort,
        int rank,
        Optional<EventSource> events) {

    public RemoteWorker {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException(
                    "a worker needs a host and a port from 1 to 65535, got " + host + ":" + port);
        }
        if (role == Role.ROUTER) {
            throw new IllegalArgumentException("a worker is no router: " + name);
        }
    }

    /** One in the clear that tells nothing. */
    public RemoteWorker(
            String name,
            String host,
            int port,
            Dialect dialect,
            Role role,
            int bootstrapPort,
            int rank) {
        this(name, host, port, dialect, role, bootstrapPort, rank, Optional.empty());
    }

    /** {@code host:port} as URLs and {@code Host} headers have it. */
    public String authority() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
