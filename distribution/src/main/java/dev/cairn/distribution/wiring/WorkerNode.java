package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.engine.PromptReader;
import dev.cairn.ports.fleet.ClusterCommands.CommandHandler;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.system.Clock;
import dev.cairn.transport.http.Guest;
import dev.cairn.transport.http.HttpOptions;
import dev.cairn.transport.http.HttpSettings;
import dev.cairn.transport.node.NodeEndpoint;
import dev.cairn.transport.node.NodeOptions;
import dev.cairn.transport.node.NodeSelf;
import dev.cairn.transport.node.NodeSettings;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * This process as a worker of routers: the node protocol on the port of its HTTP API, where the
 * role asks for it. Threads: one for opening and ending, any for the rest.
 */
@Singleton
final class WorkerNode {

    private final Configuration configuration;
    private final Cluster cluster;
    private final SplitPrefill split;
    private final ProgramTelemetry telemetry;
    private final Clock clock;
    private final EventPublishing events;
    private final CurrentRole role;
    private NodeEndpoint endpoint;

    /** What is offered at this port; nothing before the models are loaded. */
    private volatile Optional<Workplace> offered = Optional.empty();

    @Inject
    WorkerNode(
            Configuration configuration,
            Cluster cluster,
            SplitPrefill split,
            ProgramTelemetry telemetry,
            Clock clock,
            EventPublishing events,
            CurrentRole role) {
        this.configuration = configuration;
        this.cluster = cluster;
        this.split = split;
        this.telemetry = telemetry;
        this.clock = clock;
        this.events = events;
        this.role = role;
    }

    /** What this process does in its fleet. */
    static Role role(Configuration configuration) {
        return Role.valueOf(
                configuration.requiredText(ProgramSettings.ROLE).toUpperCase(Locale.ROOT));
    }

    /** Whether routers may ask this process. */
    boolean isOn() {
        return answersRouters(configuration, cluster);
    }

    /** Whether routers are answered: workers by their role, and members of a fleet. */
    static boolean answersRouters(Configuration configuration, Cluster cluster) {
        return switch (role(configuration)) {
            case PREFILL, DECODE -> true;
            case ALL -> cluster.configured() || configuration.text(NodeSettings.KEY).isPresent();
            case ROUTER -> false;
        };
    }

    /**
     * Refuses, before a model is loaded, a port that strangers reach and may use.
     *
     * @throws dev.cairn.ports.system.Settings.SettingException with a message for the user
     */
    void check(HttpOptions http) {
        NodeOptions options = NodeSettings.read(configuration);
        boolean asked = role(configuration) != Role.ALL;
        if (!isOn() || !asked) {
            return;
        }
        if (http.tls().isPresent() && options.tls().isEmpty()) {
            throw configuration.problem(
                    HttpSettings.TLS_CERTIFICATE,
                    "workers ask each other as routers ask them, all over TLS or none; name the"
                            + " authorities in "
                            + NodeSettings.TLS_AUTHORITIES
                            + " here and at the routers, or leave the certificate to the router");
        }
        if (options.key().isEmpty() && !http.insecure() && !isLoopback(http.host())) {
            throw configuration.problem(
                    NodeSettings.KEY,
                    "host %s can be reached from other machines, and routers need no key; set one,"
                                    .formatted(http.host())
                            + " bind 127.0.0.1, or say --insecure");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unknown) {
            return false;
        }
    }

    /**
     * What answers the node protocol's paths of the HTTP server; nobody, where that is off. Until
     * {@link #offer} it says that it starts.
     */
    List<Guest> open() {
        if (!isOn()) {
            return List.of();
        }
        endpoint = new NodeEndpoint(NodeSettings.read(configuration), new Door(), clock, telemetry);
        return List.of(new NodeGuest(endpoint));
    }

    /** Routers may send work from now on. */
    void offer(ServedModels models) {
        if (isOn()) {
            offered = Optional.of(new Workplace(models));
        }
    }

    /**
     * Routers take what runs here elsewhere, and send nothing more.
     *
     * @return how much ran
     */
    int drain() {
        if (endpoint == null) {
            return 0;
        }
        int live = endpoint.live();
        endpoint.drain("the worker drains");
        return live;
    }

    void close() {
        if (endpoint != null) {
            endpoint.close();
            split.close();
        }
    }

    /** What others see of this worker, from the moment at which its port is open. */
    private final class Door implements NodeEndpoint.Workplace {

        private final GenerationBackend loading = new AbsentBackend(AbsentBackend.LOADING);

        @Override
        public Optional<GenerationBackend> backend(String model) {
            return offered.isPresent() ? offered.get().backend(model) : Optional.of(loading);
        }

        @Override
        public Optional<PromptReader> reader(String model) {
            return offered.flatMap(place -> place.reader(model));
        }

        @Override
        public Optional<CommandHandler> command(String name) {
            return offered.flatMap(_ -> split.command(name));
        }

        @Override
        public OtherRouters otherRouters(String model, String router) {
            return offered.map(place -> place.otherRouters(model, router))
                    .orElse(OtherRouters.NONE);
        }

        @Override
        public NodeSelf self() {
            Member self = cluster.membership().self();
            Optional<Workplace> place = offered;
            return new NodeSelf(
                    cluster.configured() ? self.id() : "",
                    role.now(),
                    place.isEmpty(),
                    self.draining() || place.map(Workplace::isBroken).orElse(false),
                    place.map(Workplace::names).orElse(List.of()),
                    place.isEmpty() ? Map.of() : events.properties());
        }
    }

    /** The models, each as other nodes may use it. */
    private final class Workplace {

        private final List<SplitPrefill.Shared> models;
        private final List<String> names;

        Workplace(ServedModels served) {
            this.models = served.generation().stream().map(split::share).toList();
            this.names = models.stream().map(SplitPrefill.Shared::name).toList();
        }

        List<String> names() {
            return names;
        }

        /** A request for a broken engine is interrupted, so that it goes on elsewhere. */
        Optional<GenerationBackend> backend(String model) {
            return find(model)
                    .map(SplitPrefill.Shared::backend)
                    .map(
                            own ->
                                    own.unreadyBecause()
                                            .<GenerationBackend>map(AbsentBackend::new)
                                            .orElse(own));
        }

        /** Whether an engine is broken and stays so: routers are to send nothing more. */
        boolean isBroken() {
            return models.stream().anyMatch(each -> each.backend().unreadyBecause().isPresent());
        }

        OtherRouters otherRouters(String model, String router) {
            return find(model).map(each -> each.ledger().toldTo(router)).orElse(OtherRouters.NONE);
        }

        Optional<PromptReader> reader(String model) {
            return find(model).flatMap(SplitPrefill.Shared::reader);
        }

        private Optional<SplitPrefill.Shared> find(String model) {
            return models.stream()
                    .filter(each -> model.isEmpty() || each.name().equals(model))
                    .findFirst();
        }
    }

    /** The node protocol's endpoint as the HTTP server sees it. */
    private record NodeGuest(NodeEndpoint endpoint) implements Guest {

        @Override
        public String prefix() {
            return NodeEndpoint.PREFIX;
        }

        @Override
        public void serve(ServerRequest request, ServerResponse response, Connection connection) {
            endpoint.handle(
                    request,
                    response,
                    new NodeEndpoint.Caller() {
                        @Override
                        public void bodyReceived() {
                            connection.bodyReceived();
                        }

                        @Override
                        public void watch(Runnable gone) {
                            connection.watch(gone);
                        }
                    });
        }
    }
}
