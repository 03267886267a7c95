package dev.cairn.distribution.wiring;

import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.distribution.telemetry.ProgramTelemetry;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.transport.http.Guest;
import dev.cairn.transport.http.HttpOptions;
import dev.cairn.transport.http.HttpServer;
import dev.cairn.transport.http.HttpSettings;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;

/** The HTTP server, with its failures told in terms of settings. */
@Singleton
final class HttpFrontEnd {

    private final Configuration configuration;
    private final ProgramTelemetry telemetry;
    private final ProgramVersion version;
    private HttpServer server;

    @Inject
    HttpFrontEnd(Configuration configuration, ProgramTelemetry telemetry, ProgramVersion version) {
        this.configuration = configuration;
        this.telemetry = telemetry;
        this.version = version;
    }

    /**
     * Refuses, before a model is loaded, what the server would refuse afterwards.
     *
     * @return the options that {@link #start} takes
     */
    HttpOptions check() {
        HttpOptions options = HttpSettings.read(configuration);
        options.problem()
                .ifPresent(
                        problem -> {
                            throw configuration.problem(HttpSettings.HOST, problem);
                        });
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(options.host(), options.port()));
        } catch (IOException refused) {
            throw cannotListen(options, refused);
        }
        return options;
    }

    /**
     * @param guests who answer further paths of the port
     */
    void start(HttpOptions options, InferenceService service, List<Guest> guests) {
        server =
                new HttpServer(
                        options,
                        version.number(),
                        service,
                        telemetry,
                        telemetry::metricsPage,
                        guests);
        try {
            server.start();
        } catch (UncheckedIOException refused) {
            throw cannotListen(options, refused.getCause());
        }
    }

    String url() {
        return server.url();
    }

    /** Ready goes 503; running answers may end within the grace period. */
    void stop() {
        if (server != null) {
            server.stop(
                    configuration.duration(ProgramSettings.SHUTDOWN_GRACE).orElse(Duration.ZERO));
        }
    }

    private StartException cannotListen(HttpOptions options, IOException refused) {
        String reason = String.valueOf(refused.getMessage());
        String advice =
                refused instanceof BindException && reason.contains("in use")
                        ? "port %d on %s is in use; stop what listens there, or take another by --port PORT"
                                .formatted(options.port(), options.host())
                        : "cannot listen on %s port %d: %s; see --host and --port"
                                .formatted(options.host(), options.port(), reason);
        return new StartException(configuration.place(HttpSettings.PORT) + ": " + advice, refused);
    }
}
