package dev.cairn.transport.node;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.fleet.Role;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A worker whose backend says what the test says, behind a real server. */
final class ScriptedWorker implements GenerationBackend, NodeEndpoint.Workplace, AutoCloseable {

    /** A request that arrived, and the way to answer it. */
    record Asked(GenerationRequest request, TokenListener events) {}

    final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
    final AtomicInteger aborted = new AtomicInteger();
    final NodeEndpoint endpoint;
    private final WebServer server;
    volatile boolean starting;
    volatile OtherRouters others = OtherRouters.NONE;
    private volatile LoadReport load = new LoadReport(0, 0, 0, 100, 0);

    ScriptedWorker(NodeOptions options, Clock clock, int port) {
        endpoint = new NodeEndpoint(options, this, clock, Telemetry.none());
        server =
                WebServer.builder()
                        .host("127.0.0.1")
                        .port(port)
                        .shutdownHook(false)
                        .connectionOptions(socket -> socket.tcpNoDelay(true))
                        .routing(
                                HttpRouting.builder()
                                        .any(
                                                (request, response) ->
                                                        endpoint.handle(request, response, NOBODY)))
                        .build()
                        .start();
    }

    /** A server that notices who goes away when it writes. */
    private static final NodeEndpoint.Caller NOBODY =
            new NodeEndpoint.Caller() {
                @Override
                public void bodyReceived() {}

                @Override
                public void watch(Runnable gone) {}
            };

    NodeAddress address() {
        return new NodeAddress("127.0.0.1", server.port());
    }

    void load(LoadReport next) {
        load = next;
    }

    @Override
    public Optional<GenerationBackend> backend(String model) {
        return model.isEmpty() || model.equals("m") ? Optional.of(this) : Optional.empty();
    }

    @Override
    public NodeSelf self() {
        return new NodeSelf("id", Role.DECODE, starting, false, List.of("m"), Map.of("zone", "a"));
    }

    /** Of {@code me} nothing is told. */
    @Override
    public OtherRouters otherRouters(String model, String router) {
        return router.equals("me")
                ? others
                : new OtherRouters(new LoadReport(99, 99, 99, 99, 99), 9, 99);
    }

    @Override
    public BackendDescription description() {
        return new BackendDescription("w", "m", 4096, "scripted");
    }

    @Override
    public Timers.Cancellation generate(GenerationRequest request, TokenListener events) {
        asked.add(new Asked(request, events));
        return aborted::incrementAndGet;
    }

    @Override
    public LoadReport load() {
        return load;
    }

    static void answer(Asked asked, List<TokenEvent> events) {
        events.forEach(asked.events()::on);
    }

    @Override
    public void close() {
        endpoint.close();
        server.stop();
    }
}
