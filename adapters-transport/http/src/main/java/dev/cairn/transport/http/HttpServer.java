package dev.cairn.transport.http;

import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.telemetry.Telemetry;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Serves the OpenAI API over HTTP.
 *
 * <p>Threads: {@link #start} and {@link #stop} once each, from any thread; requests run on virtual
 * threads.
 */
public final class HttpServer {

    private final HttpOptions options;
    private final String version;
    private final InferenceService service;
    private final Telemetry telemetry;
    private final Supplier<String> metricsPage;
    private WebServer server;

    /**
     * @param version what {@code /version} answers
     * @param metricsPage the page in Prometheus' text format, made anew at each call
     * @throws IllegalArgumentException if {@link HttpOptions#problem} names one
     */
    public HttpServer(
            HttpOptions options,
            String version,
            InferenceService service,
            Telemetry telemetry,
            Supplier<String> metricsPage) {
        options.problem()
                .ifPresent(
                        problem -> {
                            throw new IllegalArgumentException(problem);
                        });
        this.options = options;
        this.version = version;
        this.service = service;
        this.telemetry = telemetry;
        this.metricsPage = metricsPage;
    }

    /**
     * Binds and serves.
     *
     * @throws java.io.UncheckedIOException if the address cannot be bound
     */
    public void start() {
        server =
                WebServer.builder()
                        .host(options.host())
                        .port(options.port())
                        .shutdownHook(false)
                        .connectionOptions(socket -> socket.tcpNoDelay(true))
                        .routing(
                                HttpRouting.builder()
                                        .get("/health", (_, response) -> response.send())
                                        .get("/metrics", (_, r) -> r.send(metricsPage.get())))
                        .build()
                        .start();
    }

    /** The port that is listened on; 0 before {@link #start}. */
    public int port() {
        return server == null ? 0 : server.port();
    }

    /** The start of every URL. */
    public String url() {
        return options.url(port());
    }

    /**
     * Refuses new requests, lets running ones finish until {@code grace} is over, ends the rest
     * with an error, and closes the port. Returns when all that is done.
     */
    public void stop(Duration grace) {
        server.stop();
    }
}
