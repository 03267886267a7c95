package dev.cairn.relaying;

import dev.cairn.core.fleet.health.HealthOptions;
import dev.cairn.core.relay.EngineHoldings;
import dev.cairn.core.relay.RelayOptions;
import dev.cairn.core.relay.RelayRouting;
import dev.cairn.core.request.Accounts;
import dev.cairn.core.route.policy.KvAware;
import dev.cairn.core.route.policy.RoundRobin;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.engine.remote.RelayServer;
import dev.cairn.engine.remote.RelayServerOptions;
import dev.cairn.engine.remote.WorkerLists;
import dev.cairn.ports.fleet.RoutingPolicy;
import dev.cairn.ports.relay.PromptReader;
import dev.cairn.ports.relay.RelayGate;
import dev.cairn.ports.relay.WorkerList;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.telemetry.Telemetry;
import dev.cairn.ports.telemetry.TraceContext;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** A relay in this process, as the program wires it, and a client for it. */
final class RelayUnderTest implements AutoCloseable {

    static final String CHAT = "/v1/chat/completions";
    static final String HELLO =
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

    private final RelayServer server;
    private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();
    private final HttpClient client = HttpClient.newHttpClient();

    private RelayUnderTest(WorkerList workers, Duration hedgeAfter, Optional<String> key) {
        this(
                workers,
                hedgeAfter,
                key,
                RelayServerOptions.loopback(0),
                new RoundRobin(),
                EngineHoldings.none(),
                PromptReader.none());
    }

    private RelayUnderTest(
            WorkerList workers,
            Duration hedgeAfter,
            Optional<String> key,
            RelayServerOptions options,
            RoutingPolicy policy,
            EngineHoldings holdings,
            PromptReader reader) {
        RelayOptions usual = RelayOptions.of(policy);
        HealthOptions health = HealthOptions.USUAL;
        server =
                new RelayServer(
                        options,
                        new RelayRouting(
                                new RelayOptions(
                                        usual.policy(),
                                        new HealthOptions(
                                                health.probeWell(),
                                                Duration.ofMillis(100),
                                                health.mostSilent(),
                                                health.mostFailures(),
                                                health.open(),
                                                health.mostOpen(),
                                                Duration.ZERO),
                                        usual.mostWorkers(),
                                        usual.mostRunning(),
                                        usual.prefixPlaces(),
                                        usual.mostAttempts(),
                                        usual.retryShare(),
                                        hedgeAfter,
                                        64),
                                new Accounts(SystemClock.INSTANCE, Telemetry.none()),
                                holdings),
                        workers,
                        gate(key),
                        reader,
                        new Gauged(),
                        "test",
                        () -> "metrics");
        server.start();
    }

    static RelayUnderTest before(String... workers) {
        return before(WorkerLists.of(List.of(workers)));
    }

    static RelayUnderTest before(WorkerList workers) {
        return new RelayUnderTest(workers, Duration.ZERO, Optional.empty());
    }

    /** One that knows the prompts' blocks and follows what engines tell. */
    static RelayUnderTest following(
            EngineHoldings holdings, PromptReader reader, String... workers) {
        return new RelayUnderTest(
                WorkerLists.of(List.of(workers)),
                Duration.ZERO,
                Optional.empty(),
                RelayServerOptions.loopback(0),
                new KvAware(),
                holdings,
                reader);
    }

    /** One whose requests wait while nobody can answer. */
    static RelayUnderTest waiting(Duration time, int most, String... workers) {
        return new RelayUnderTest(
                WorkerLists.of(List.of(workers)),
                Duration.ZERO,
                Optional.empty(),
                RelayServerOptions.loopback(0).waiting(time, most),
                new RoundRobin(),
                EngineHoldings.none(),
                PromptReader.none());
    }

    static RelayUnderTest hedging(Duration after, String... workers) {
        return new RelayUnderTest(WorkerLists.of(List.of(workers)), after, Optional.empty());
    }

    static RelayUnderTest withKey(String key, String... workers) {
        return new RelayUnderTest(
                WorkerLists.of(List.of(workers)), Duration.ZERO, Optional.of(key));
    }

    private static RelayGate gate(Optional<String> key) {
        return new RelayGate() {
            @Override
            public String admit(Optional<String> authorization) {
                if (key.isPresent() && !authorization.equals(key.map(one -> "Bearer " + one))) {
                    throw new RequestRefused(
                            RequestProblem.of(
                                    Category.UNAUTHENTICATED, "invalid_api_key", "no key"));
                }
                return "";
            }

            @Override
            public void demandAdministrator(Optional<String> authorization, boolean direct) {
                admit(authorization);
            }

            @Override
            public boolean asksForKeys() {
                return key.isPresent();
            }
        };
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.url() + path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    HttpResponse<String> chat() {
        return post(CHAT, HELLO);
    }

    /** Requests that wait for an engine. */
    int waiting() {
        return (int) gauges.get("cairn:relay_waiting_requests").getAsDouble();
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(URI.create(server.url() + path)).build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stopped);
        }
    }

    /** A connection of its own, for what no HTTP client sends. */
    Socket connection() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    static void write(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    static String request(String body) {
        return "POST "
                + CHAT
                + " HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length
                + "\r\n\r\n"
                + body;
    }

    /** Reads until a text came, or the end. */
    static String readUntil(Socket socket, String wanted) throws IOException {
        StringBuilder read = new StringBuilder();
        byte[] bytes = new byte[8192];
        int looked = 0;
        while (read.indexOf(wanted, looked) < 0) {
            looked = Math.max(0, read.length() - wanted.length());
            int count = socket.getInputStream().read(bytes);
            if (count < 0) {
                break;
            }
            read.append(new String(bytes, 0, count, StandardCharsets.UTF_8));
        }
        return read.toString();
    }

    @Override
    public void close() {
        client.close();
        server.stop(Duration.ofSeconds(1));
    }

    /** Keeps gauges to be read. */
    private final class Gauged implements Telemetry {

        private final Telemetry none = Telemetry.none();

        @Override
        public Counter counter(String name, String help, List<String> labels) {
            return none.counter(name, help, labels);
        }

        @Override
        public Histogram histogram(
                String name, String help, List<String> labels, double... buckets) {
            return none.histogram(name, help, labels, buckets);
        }

        @Override
        public void gauge(
                String name, String help, Map<String, String> labels, DoubleSupplier reading) {
            gauges.put(name, reading);
        }

        @Override
        public Span span(String name, TraceContext parent) {
            return none.span(name, parent);
        }
    }
}
