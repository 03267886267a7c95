package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.ports.fleet.Member;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.transport.http.HttpOptions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A server from start to end: models behind the use cases, use cases behind HTTP. */
@Singleton
public final class Serving {

    private final InferenceAssembly assembly;
    private final RouterAssembly routers;
    private final HttpFrontEnd http;
    private final Cluster cluster;
    private final CacheSharing sharing;
    private final WorkerNode node;
    private final Configuration configuration;
    private final CurrentRole role;
    private HttpOptions options;
    private ServedModels models;

    /** What the port serves that is open while models are loaded; null = none is. */
    private ServiceToCome toCome;

    @Inject
    Serving(
            InferenceAssembly assembly,
            RouterAssembly routers,
            HttpFrontEnd http,
            Cluster cluster,
            CacheSharing sharing,
            WorkerNode node,
            Configuration configuration,
            CurrentRole role) {
        this.assembly = assembly;
        this.routers = routers;
        this.http = http;
        this.cluster = cluster;
        this.sharing = sharing;
        this.node = node;
        this.configuration = configuration;
        this.role = role;
    }

    /**
     * Loads the models.
     *
     * @throws RuntimeException with a message for the user
     */
    public void load() {
        options = http.check();
        node.check(options);
        if (cluster.configured()) {
            // Before a model is loaded: what is wrong with it is told at once.
            cluster.membership();
        }
        try {
            if (node.isOn()) {
                openEarly();
            }
            models =
                    WorkerNode.role(configuration) == Role.ROUTER
                            ? routers.load()
                            : assembly.load();
        } catch (RuntimeException failed) {
            stop();
            throw failed;
        }
        if (sharing.canHandOver()) {
            models.inference().join(new SharedCaches(sharing));
        }
        if (node.isOn()) {
            models.inference()
                    .join(new WorkerDuty(role, node, cluster, sharing, models.inference()));
        }
    }

    /** So that routers know of this worker, and wait for it. */
    private void openEarly() {
        toCome = new ServiceToCome();
        http.start(options, toCome, node.open());
        cluster.describe(self -> serving(self, Set.of()));
    }

    /**
     * Listens. When this returns, a request would be served.
     *
     * @throws RuntimeException with a message for the user; {@link #stop} gives back what was taken
     */
    public void listen() {
        if (toCome == null) {
            http.start(options, models.inference(), List.of());
        } else {
            toCome.come(models.inference());
            node.offer(models);
        }
        Set<String> names =
                models.inference().models().stream()
                        .filter(model -> model.parent().isEmpty())
                        .map(ServedModel::name)
                        .collect(Collectors.toSet());
        cluster.describe(self -> serving(self, names));
    }

    /** This member as others see it from now on; without names of models it loads them. */
    private Member serving(Member self, Set<String> names) {
        return new Member(
                self.id(),
                role.now(),
                URI.create(http.url()).getAuthority(),
                self.transferAddresses(),
                names,
                false,
                self.properties());
    }

    /** What is served, where, by what, and how to try it. */
    public List<String> banner() {
        return new Banner(models, http.url(), options).lines();
    }

    /** Drains, closes the port, gives memory back, and leaves the fleet. */
    public void stop() {
        try {
            if (models != null) {
                cluster.describe(Cluster::draining);
                models.inference().drain();
                node.drain();
                http.stop();
                node.close();
                sharing.drainBeforeTheEnd();
                models.close();
            } else if (toCome != null) {
                http.stop();
                node.close();
            }
        } finally {
            cluster.close();
        }
    }
}
