package dev.cairn.distribution.wiring;

import dev.cairn.core.fleet.health.HealthOptions;
import dev.cairn.core.relay.RelayOptions;
import dev.cairn.core.relay.RelayRouting;
import dev.cairn.core.request.Accounts;
import dev.cairn.core.route.policy.RoutingPolicies;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.config.Spelling;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.engine.remote.RelayServer;
import dev.cairn.engine.remote.RelayServerOptions;
import dev.cairn.engine.remote.RemoteSettings;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.relay.RelayGate;
import dev.cairn.ports.system.Clock;
import dev.cairn.transport.http.ClientAccess;
import dev.cairn.transport.http.HttpOptions;
import dev.cairn.transport.http.HttpSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A router whose workers are engines behind an OpenAI API: no model is loaded, bytes are relayed.
 */
@Singleton
public final class Relaying {

    private final Configuration configuration;
    private final ProgramTelemetry telemetry;
    private final ProgramVersion version;
    private final HttpFrontEnd http;
    private final Clock clock;
    private final EngineCaches caches;
    private RelayServer server;
    private Thread watching;

    @Inject
    Relaying(
            Configuration configuration,
            ProgramTelemetry telemetry,
            ProgramVersion version,
            HttpFrontEnd http,
            Clock clock,
            EngineCaches caches) {
        this.configuration = configuration;
        this.telemetry = telemetry;
        this.version = version;
        this.http = http;
        this.clock = clock;
        this.caches = caches;
    }

    /** Whether the configuration names such workers. */
    public static boolean isConfigured(Configuration configuration) {
        return RemoteSettings.areSet(configuration);
    }

    /**
     * Looks at the workers and listens. When this returns, a request is answered: by a worker, or,
     * if none is there yet, with 503.
     *
     * @throws RuntimeException with a message for the user
     */
    public void listen() {
        HttpOptions endpoint = http.check();
        if (endpoint.tls().isPresent()) {
            throw configuration.problem(
                    HttpSettings.TLS_CERTIFICATE,
                    "a router that relays to remote workers speaks plain HTTP; leave TLS to what stands"
                            + " before it");
        }
        var access = new ClientAccess(endpoint);
        var accounts = new Accounts(clock, telemetry);
        accounts.rules(access.rules());
        watching =
                Thread.ofVirtual()
                        .name("relay-keys")
                        .start(() -> watch(access, accounts, endpoint.tlsPoll()));
        RelayOptions options = relayOptions();
        server =
                new RelayServer(
                        serverOptions(endpoint),
                        new RelayRouting(options, accounts, caches.open(options.mostWorkers())),
                        RemoteSettings.workers(configuration),
                        gate(access),
                        caches.reader(),
                        telemetry,
                        version.number(),
                        telemetry::metricsPage);
        try {
            server.start();
        } catch (UncheckedIOException refused) {
            throw new StartException(
                    configuration.place(HttpSettings.PORT)
                            + ": cannot listen: "
                            + refused.getCause().getMessage(),
                    refused.getCause());
        }
    }

    private static void watch(ClientAccess access, Accounts accounts, Duration every) {
        try {
            while (true) {
                Thread.sleep(every);
                access.reloadIfChanged(accounts::rules);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static RelayGate gate(ClientAccess access) {
        return new RelayGate() {
            @Override
            public String admit(Optional<String> authorization) {
                return access.tenant(authorization);
            }

            @Override
            public void demandAdministrator(Optional<String> authorization, boolean direct) {
                access.demandAdministrator(authorization, direct);
            }

            @Override
            public boolean asksForKeys() {
                return access.asksForKeys();
            }
        };
    }

    private RelayServerOptions serverOptions(HttpOptions options) {
        HttpOptions.Limits limits = options.limits();
        return new RelayServerOptions(
                options.host(),
                options.port(),
                limits.bodyBytes(),
                Math.min(limits.headerBytes(), 32 << 10),
                limits.jsonDepth(),
                limits.connections(),
                limits.sendTime(),
                time(RemoteSettings.CONNECT_TIME),
                time(RemoteSettings.ANSWER_TIME),
                time(RemoteSettings.PROBE_TIME),
                configuration.requiredText(RemoteSettings.PROBE_PATH),
                configuration.size(RemoteSettings.BUFFER_SIZE).orElseThrow(),
                configuration.duration(RemoteSettings.LONGEST_WAIT).orElse(Duration.ZERO),
                whole(RemoteSettings.MAX_WAITING, 0, 1 << 20),
                configuration.text(RemoteSettings.API_KEY).orElse(""));
    }

    private RelayOptions relayOptions() {
        RelayOptions usual = RelayOptions.of(policy());
        return new RelayOptions(
                usual.policy(),
                HealthOptions.USUAL,
                usual.mostWorkers(),
                whole(RemoteSettings.MAX_RUNNING, 1, 1 << 20),
                whole(RemoteSettings.PREFIX_BLOCKS, 1024, 1 << 28),
                usual.mostAttempts(),
                share(),
                configuration.duration(RemoteSettings.HEDGE_AFTER).orElse(Duration.ZERO),
                configuration.size(RemoteSettings.SPLIT_FROM).orElseThrow());
    }

    private RoutingPolicy policy() {
        String name = configuration.requiredText(RemoteSettings.POLICY);
        List<String> names = RoutingPolicies.all().stream().map(RoutingPolicy::name).toList();
        return RoutingPolicies.named(name)
                .orElseThrow(
                        () ->
                                configuration.problem(
                                        RemoteSettings.POLICY,
                                        "there is no policy \"%s\"; %s"
                                                .formatted(
                                                        name,
                                                        Spelling.nearest(name, names)
                                                                .map(
                                                                        near ->
                                                                                "did you mean "
                                                                                        + near
                                                                                        + "?")
                                                                .orElse(
                                                                        "there are "
                                                                                + String.join(
                                                                                        ", ",
                                                                                        names)))));
    }

    private double share() {
        double share = configuration.decimal(RemoteSettings.RETRY_SHARE).orElseThrow();
        if (share < 0 || share > 1) {
            throw configuration.problem(
                    RemoteSettings.RETRY_SHARE, share + " is no share; write 0 to 1");
        }
        return share;
    }

    private int whole(String key, int least, int most) {
        long value = configuration.integer(key).orElseThrow();
        if (value < least || value > most) {
            throw configuration.problem(
                    key, "%d is not from %d to %d".formatted(value, least, most));
        }
        return (int) value;
    }

    private Duration time(String key) {
        Duration time = configuration.duration(key).orElseThrow();
        if (time.isZero() || time.isNegative() || time.compareTo(Duration.ofDays(1)) > 0) {
            throw configuration.problem(key, "write a time above 0 and at most a day");
        }
        return time;
    }

    /** What is served and how to try it. */
    public List<String> banner() {
        return List.of(
                "Cairn relays at " + server.url(),
                "Try it:",
                "  curl " + server.url() + "/v1/models");
    }

    /** Drains and closes the port. */
    public void stop() {
        if (watching != null) {
            watching.interrupt();
        }
        if (server != null) {
            server.stop(
                    configuration.duration(ProgramSettings.SHUTDOWN_GRACE).orElse(Duration.ZERO));
        }
        caches.close();
    }
}
