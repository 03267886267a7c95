package dev.cairn.transport.http;

import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.system.Settings;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.transport.http.Routes.Guard;
import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Serves the OpenAI API over HTTP.
 *
 * <p>Threads: {@link #start} and {@link #stop} once each, from any thread; requests run on virtual
 * threads.
 */
public final class HttpServer {

    private static final System.Logger LOGGER = System.getLogger(HttpServer.class.getName());

    /** For connections to say their last word once no request runs any more. */
    private static final Duration LAST_WORD = Duration.ofSeconds(2);

    private final HttpOptions options;
    private final LiveRequests live = new LiveRequests();
    private final Optional<ReloadingIdentity> identity;
    private final ApiKeys keys;
    private final InferenceService service;
    private final WebServer server;
    private final SlowSenders senders;
    private final List<Thread> watchers = new ArrayList<>();

    /**
     * @param version what {@code /version} answers
     * @param metricsPage the page in Prometheus' text format, made anew at each call
     * @param guests who answer further paths
     * @throws IllegalArgumentException if {@link HttpOptions#problem} names one
     * @throws Settings.SettingException if a certificate or the file of keys cannot be used
     */
    public HttpServer(
            HttpOptions options,
            String version,
            InferenceService service,
            Telemetry telemetry,
            Supplier<String> metricsPage,
            List<Guest> guests) {
        this(options, version, service, telemetry, metricsPage, guests, System::currentTimeMillis);
    }

    /**
     * @param epochMillis for {@code created}
     */
    HttpServer(
            HttpOptions options,
            String version,
            InferenceService service,
            Telemetry telemetry,
            Supplier<String> metricsPage,
            List<Guest> guests,
            LongSupplier epochMillis) {
        options.problem()
                .ifPresent(
                        problem -> {
                            throw new IllegalArgumentException(problem);
                        });
        this.options = options;
        this.service = service;
        this.keys = HttpSettings.keys(options.apiKeys(), options.apiKeyFile());
        service.accounts(keys.rules());
        this.identity = options.tls().map(HttpServer::identity);
        this.senders = new SlowSenders(options.limits().sendTime());
        telemetry.gauge(
                "cairn:http_live_requests",
                "Requests whose answers are being made.",
                Map.of(),
                live::count);
        this.server = server(routes(version, service, telemetry, metricsPage, guests, epochMillis));
    }

    /**
     * Binds and serves.
     *
     * @throws java.io.UncheckedIOException if the address cannot be bound
     */
    public void start() {
        server.start();
        watchers.add(Thread.ofVirtual().name("http-slow").start(senders::watch));
        watchers.add(Thread.ofVirtual().name("http-files").start(this::watchFiles));
    }

    /** The port that is listened on; -1 before {@link #start}. */
    public int port() {
        return server.port();
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
        live.drain();
        try {
            if (!live.awaitNone(grace)) {
                LOGGER.log(
                        WARNING,
                        live.count() + " requests did not end in " + grace.toMillis() + " ms");
                live.stopAll(Problems.draining());
                live.awaitNone(LAST_WORD);
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            live.stopAll(Problems.draining());
        }
        watchers.forEach(Thread::interrupt);
        server.stop();
    }

    private WebServer server(Routes routes) {
        HttpOptions.Limits limits = options.limits();
        WebServerConfig.Builder builder =
                WebServer.builder()
                        .host(options.host())
                        .port(options.port())
                        // The program orders its own end.
                        .shutdownHook(false)
                        .shutdownGracePeriod(LAST_WORD)
                        // Off by default: with it off, Nagle and delayed acknowledgements hold
                        // every token back for 40 ms.
                        .connectionOptions(socket -> socket.tcpNoDelay(true))
                        // Sockets whose two directions are independent: one thread reads ahead
                        // while another writes, also under TLS.
                        .useNio(false)
                        // Under TLS, Helidon would lose a place to every handshake that fails.
                        .maxTcpConnections(identity.isEmpty() ? limits.connections() : -1)
                        .maxPayloadSize(limits.bodyBytes())
                        .protocolsDiscoverServices(false)
                        .addConnectionSelector(new WatchedHttp1(limits, senders))
                        .directHandlers(MalformedRequests.handlers())
                        .routing(HttpRouting.builder().any(routes));
        identity.ifPresent(
                watched ->
                        builder.tls(
                                Tls.builder()
                                        .sslContext(watched.context(limits.connections()))
                                        .build()));
        return builder.build();
    }

    private Routes routes(
            String version,
            InferenceService service,
            Telemetry telemetry,
            Supplier<String> metricsPage,
            List<Guest> guests,
            LongSupplier epochMillis) {
        HttpOptions.Limits limits = options.limits();
        var conversations = new Conversations(options.trustChatTemplates());
        var names = new RequestNames();
        var generation =
                new GenerationEndpoints(
                        service,
                        new AnswerDelivery(service, live, options.keepAliveComment()),
                        new ChatRequest.Bounds(
                                limits.logprobs(), limits.sequences(), conversations),
                        epochMillis,
                        names);
        var text = new TextEndpoints(service, conversations);
        var scores = new ScoreEndpoints(service, live, epochMillis);
        var models = new ModelEndpoints(service);
        var state = new StateEndpoints(service, live, version, metricsPage);
        var sleep = new SleepEndpoints(service, live);
        var adapters = new AdapterEndpoints(service);
        var routing = new RoutingEndpoints(service, live);
        var worker = new WorkerEndpoints(service, live);
        var cache = new CacheEndpoints(service, live, conversations, epochMillis);
        return new Routes.Builder(new Access(keys, options.adminKey()), limits, live, telemetry)
                .guests(guests)
                .get("/health", Guard.NOBODY, state::health)
                .get("/ping", Guard.NOBODY, state::health)
                .post("/ping", Guard.NOBODY, state::health)
                .get("/ready", Guard.NOBODY, state::ready)
                .get("/version", Guard.KEY, state::version)
                .get("/metrics", Guard.KEY, state::metrics)
                .get("/v1/models", Guard.KEY, models::all)
                .getUnder(ModelEndpoints.PREFIX, Guard.KEY, models::one)
                .post("/v1/chat/completions", Guard.KEY, generation::chat)
                .post("/v1/completions", Guard.KEY, generation::completions)
                .post("/v1/embeddings", Guard.KEY, new EmbeddingsEndpoint(service, live))
                .post("/score", Guard.KEY, scores::score)
                .post("/v1/score", Guard.KEY, scores::score)
                .post("/rerank", Guard.KEY, scores::rerank)
                .post("/v1/rerank", Guard.KEY, scores::rerank)
                .post("/v2/rerank", Guard.KEY, scores::rerank)
                .post("/tokenize", Guard.KEY, text::tokenize)
                .post("/v1/tokenize", Guard.KEY, text::tokenize)
                .post("/detokenize", Guard.KEY, text::detokenize)
                .post("/v1/detokenize", Guard.KEY, text::detokenize)
                .post("/v1/load_lora_adapter", Guard.ADMINISTRATOR, adapters::load)
                .post("/v1/unload_lora_adapter", Guard.ADMINISTRATOR, adapters::unload)
                .post("/sleep", Guard.ADMINISTRATOR, sleep::sleep)
                .post("/wake_up", Guard.ADMINISTRATOR, sleep::wake)
                .get("/is_sleeping", Guard.ADMINISTRATOR, sleep::isSleeping)
                .get("/v1/cairn/cache", Guard.ADMINISTRATOR, cache::status)
                .post("/v1/cairn/cache/lookup", Guard.ADMINISTRATOR, cache::lookup)
                .post("/v1/cairn/cache/pin", Guard.ADMINISTRATOR, cache::pin)
                .post("/v1/cairn/cache/unpin", Guard.ADMINISTRATOR, cache::unpin)
                .post("/v1/cairn/cache/move", Guard.ADMINISTRATOR, cache::move)
                .post("/v1/cairn/cache/clear", Guard.ADMINISTRATOR, cache::clear)
                .post("/v1/cairn/cache/drain", Guard.ADMINISTRATOR, cache::drain)
                .get(RoutingEndpoints.PATH, Guard.ADMINISTRATOR, routing::status)
                .post(RoutingEndpoints.PATH, Guard.ADMINISTRATOR, routing::change)
                .get(RoutingEndpoints.WORKERS, Guard.ADMINISTRATOR, routing::workers)
                .get("/v1/cairn/role", Guard.ADMINISTRATOR, worker::role)
                .post("/v1/cairn/role", Guard.ADMINISTRATOR, worker::changeRole)
                .post("/v1/cairn/drain", Guard.ADMINISTRATOR, worker::drain)
                .getUnder(
                        ExplainEndpoint.PREFIX,
                        Guard.ADMINISTRATOR,
                        new ExplainEndpoint(service, live, names))
                .getUnder(
                        "/v1/cairn/",
                        Guard.ADMINISTRATOR,
                        exchange -> {
                            throw Routes.noRoute(exchange);
                        })
                .build();
    }

    /** What is wrong with a file is the configuration's fault, and told as such. */
    private static ReloadingIdentity identity(HttpOptions.TlsFiles files) {
        try {
            return new ReloadingIdentity(files);
        } catch (IllegalArgumentException unusable) {
            throw new Settings.SettingException(
                    HttpSettings.TLS_CERTIFICATE
                            + " and "
                            + HttpSettings.TLS_PRIVATE_KEY
                            + ": "
                            + unusable.getMessage());
        }
    }

    /** Certificates and keys may change while the server runs. */
    private void watchFiles() {
        try {
            while (true) {
                Thread.sleep(options.tlsPoll());
                identity.ifPresent(ReloadingIdentity::reloadIfChanged);
                keys.reloadIfChanged(service::accounts);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
