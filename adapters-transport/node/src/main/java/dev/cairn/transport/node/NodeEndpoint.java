package dev.cairn.transport.node;

import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.ports.engine.GenerationBackend;
import dev.cairn.ports.engine.GenerationBackend.OtherRouters;
import dev.cairn.ports.engine.PromptReader;
import dev.cairn.ports.engine.PromptReader.PromptEvent;
import dev.cairn.ports.fleet.ClusterCommands.CommandHandler;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Clock;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonWriter;
import dev.cairn.ports.system.Timers;
import dev.cairn.ports.telemetry.Telemetry;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A worker's side of the node protocol: answers everything under {@link #PREFIX} of the server that
 * it is put into.
 *
 * <p>Threads: a request's own for {@link #handle}, any for the rest.
 */
public final class NodeEndpoint implements AutoCloseable {

    /** Of the paths that it answers. */
    public static final String PREFIX = NodeProtocol.PREFIX;

    private static final System.Logger LOG = System.getLogger(NodeEndpoint.class.getName());

    private static final Duration IDLE_LOOK = Duration.ofMillis(40);

    /** What a worker gives to others. */
    public interface Workplace {

        /** Who serves a model; an empty name asks for the default. */
        Optional<GenerationBackend> backend(String model);

        /** Who reads prompts of a model for others, where that is done here. */
        default Optional<PromptReader> reader(String model) {
            return Optional.empty();
        }

        /** Does what another worker asks for, where that is done here; it may wait. */
        default Optional<CommandHandler> command(String name) {
            return Optional.empty();
        }

        /** Called often, from any thread; never waits. */
        NodeSelf self();

        /** What a router is told of the others that use a model; called often, too. */
        default OtherRouters otherRouters(String model, String router) {
            return OtherRouters.NONE;
        }
    }

    /** The connection that a request came by, as the server sees it. */
    public interface Caller {

        /** The body was read, and the client may take its time now. */
        void bodyReceived();

        /** Calls back, on any thread, once the other side goes away. */
        void watch(Runnable gone);
    }

    private final NodeOptions options;
    private final Workplace workplace;
    private final Clock clock;
    private final Telemetry telemetry;
    private final KeyCheck key;
    private final Set<EventFeed<TokenEvent>> answers = ConcurrentHashMap.newKeySet();
    private volatile Optional<String> draining = Optional.empty();
    private volatile boolean closed;

    public NodeEndpoint(
            NodeOptions options, Workplace workplace, Clock clock, Telemetry telemetry) {
        this.options = options;
        this.workplace = workplace;
        this.clock = clock;
        this.telemetry = telemetry;
        this.key = new KeyCheck(options.key());
        telemetry.gauge(
                "cairn:node_live_requests",
                "Requests of routers and other nodes that are being answered.",
                Map.of(),
                answers::size);
    }

    /** Requests that are being answered. */
    public int live() {
        return answers.size();
    }

    /**
     * Ends what runs with an interruption, so that whoever sent it goes on elsewhere with what it
     * was told, and takes nothing more.
     */
    public void drain(String reason) {
        draining = Optional.of(reason);
        answers.forEach(answer -> answer.on(new TokenEvent.Interrupted(reason)));
    }

    /** Ends everything, the watches too. */
    @Override
    public void close() {
        drain("the worker stops");
        closed = true;
    }

    /** Answers a request whose path begins with {@link #PREFIX}. */
    public void handle(ServerRequest request, ServerResponse response, Caller caller) {
        String path = request.path().path();
        if (!request.prologue().method().equals(Method.POST)) {
            refuse(response, 405, "only POST is answered here");
        } else if (!key.opens(request.headers().first(HeaderNames.AUTHORIZATION))) {
            refuse(response, 401, "the worker has another key: both sides need the same one");
        } else {
            switch (path) {
                case NodeProtocol.GENERATE -> generate(request, response, caller);
                case NodeProtocol.WATCH -> watch(request, response, caller);
                case NodeProtocol.PREFILL -> prefill(request, response, caller);
                case NodeProtocol.COMMAND -> command(request, response, caller);
                default -> refuse(response, 404, "this worker does not know " + path);
            }
        }
    }

    /** What was asked for; empty = it was refused. */
    private Optional<GenerationRequest> asked(
            ServerRequest request, ServerResponse response, Caller caller) {
        try {
            return Optional.of(RequestReader.read(body(request, caller), clock.nanos()));
        } catch (ProtocolException wrong) {
            refuse(response, 400, wrong.getMessage());
        } catch (TooLarge large) {
            refuse(response, 413, large.getMessage());
        }
        return Optional.empty();
    }

    private void prefill(ServerRequest request, ServerResponse response, Caller caller) {
        Optional<GenerationRequest> asked = asked(request, response, caller);
        if (asked.isEmpty()) {
            return;
        }
        var feed = new EventFeed<PromptEvent>(event -> event instanceof PromptReader.Lost);
        Optional<PromptReader> reader =
                draining.isPresent() ? Optional.empty() : workplace.reader(asked.get().model());
        Timers.Cancellation cancellation = () -> {};
        if (reader.isPresent()) {
            cancellation = reader.get().read(asked.get(), feed::on);
        } else {
            feed.on(new PromptReader.Lost("prompts are not read here"));
        }
        try {
            caller.watch(feed::gone);
            var frames = new FrameWriter();
            write(feed, frames, event -> PromptFrames.write(frames, event), response);
        } finally {
            cancellation.cancel();
        }
    }

    private void generate(ServerRequest request, ServerResponse response, Caller caller) {
        Optional<GenerationRequest> read = asked(request, response, caller);
        if (read.isEmpty()) {
            return;
        }
        GenerationRequest asked = read.get();
        var feed = new EventFeed<>(NodeEndpoint::isLast);
        answers.add(feed);
        Telemetry.Span span = telemetry.span("node generate", asked.trace());
        span.attribute("prompt.tokens", asked.prompt().length);
        Timers.Cancellation cancellation = start(asked.traced(span.context()), feed);
        try {
            caller.watch(feed::gone);
            var frames = new FrameWriter();
            write(feed, frames, new EventWriter(frames)::write, response);
        } finally {
            // Of what has ended, nothing is left to be cancelled.
            cancellation.cancel();
            answers.remove(feed);
            span.end();
        }
    }

    private Timers.Cancellation start(GenerationRequest asked, EventFeed<TokenEvent> feed) {
        Optional<String> drains = draining;
        if (drains.isPresent()) {
            feed.on(new TokenEvent.Interrupted(drains.get()));
            return () -> {};
        }
        Optional<GenerationBackend> backend = workplace.backend(asked.model());
        if (backend.isEmpty()) {
            feed.on(new TokenEvent.Failed(unknown(asked.model())));
            return () -> {};
        }
        return backend.get().generate(asked, feed::on);
    }

    private static RequestProblem unknown(String model) {
        return new RequestProblem(
                Category.NOT_FOUND,
                "the worker does not serve model \"" + model + "\"",
                Optional.of("model"),
                "model_not_found",
                OptionalLong.empty());
    }

    private static boolean isLast(TokenEvent event) {
        return switch (event) {
            case TokenEvent.Ended _, TokenEvent.Failed _, TokenEvent.Interrupted _ -> true;
            case TokenEvent.PromptDone _, TokenEvent.Tokens _, TokenEvent.ChoiceEnded _ -> false;
        };
    }

    private <T> void write(
            EventFeed<T> feed, FrameWriter frames, Consumer<T> writer, ServerResponse response) {
        List<T> batch = new ArrayList<>();
        try (OutputStream out = open(response)) {
            boolean last = false;
            while (!last) {
                if (!feed.take(batch, options.heartbeat())) {
                    throw new CloseConnectionException("the client went away");
                }
                if (batch.isEmpty()) {
                    heartbeat(frames);
                }
                for (T event : batch) {
                    writer.accept(event);
                    last |= feed.isLast(event);
                }
                batch.clear();
                frames.writeTo(out);
                out.flush();
            }
        } catch (IOException | UncheckedIOException gone) {
            throw new CloseConnectionException("the client went away", gone);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("the server stops", stopped);
        }
    }

    private static void heartbeat(FrameWriter frames) {
        frames.begin(NodeProtocol.HEARTBEAT);
        frames.end();
    }

    private void command(ServerRequest request, ServerResponse response, Caller caller) {
        JsonValue answer;
        try {
            byte[] body = body(request, caller);
            String text = new Payload().over(body, 0, body.length).getText();
            Members head = Members.of(JsonReader.read(text), "the head");
            String name = head.text("command", "");
            Optional<CommandHandler> handler = workplace.command(name);
            if (handler.isEmpty()) {
                refuse(response, 404, "the worker knows no command \"" + name + "\"");
                return;
            }
            answer = handler.get().answer(head.object("argument").object());
        } catch (ProtocolException
                | JsonException
                | IllegalArgumentException
                | IllegalStateException wrong) {
            refuse(response, 400, wrong.getMessage());
            return;
        } catch (TooLarge large) {
            refuse(response, 413, large.getMessage());
            return;
        }
        var frames = new FrameWriter();
        frames.begin(NodeProtocol.ANSWERED).putText(JsonWriter.write(answer)).end();
        try (OutputStream out = open(response)) {
            frames.writeTo(out);
        } catch (IOException | UncheckedIOException gone) {
            throw new CloseConnectionException("the client went away", gone);
        }
    }

    private void watch(ServerRequest request, ServerResponse response, Caller caller) {
        String model;
        String router;
        try {
            byte[] body = body(request, caller);
            String text = new Payload().over(body, 0, body.length).getText();
            Members head = Members.of(JsonReader.read(text), "the head");
            model = head.text("model", "");
            router = head.text("router", "");
            if (workplace.backend(model).isEmpty()) {
                refuse(response, 404, unknown(model).message());
                return;
            }
        } catch (ProtocolException | JsonException wrong) {
            refuse(response, 400, wrong.getMessage());
            return;
        } catch (TooLarge large) {
            refuse(response, 413, large.getMessage());
            return;
        }
        var end = new EventFeed<TokenEvent>(NodeEndpoint::isLast);
        caller.watch(end::gone);
        try (OutputStream out = open(response)) {
            tellLoad(model, router, end, out);
        } catch (IOException | UncheckedIOException gone) {
            throw new CloseConnectionException("the client went away", gone);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new CloseConnectionException("the server stops", stopped);
        }
    }

    /** Ends when the model is not served here any more, or was not what the worker started. */
    private void tellLoad(String model, String router, EventFeed<TokenEvent> end, OutputStream out)
            throws IOException, InterruptedException {
        var frames = new FrameWriter();
        List<TokenEvent> nothing = new ArrayList<>();
        NodeSelf self = null;
        StateFrames.Load load = null;
        long said = clock.nanos();
        boolean busy = true;
        while (end.take(nothing, busy ? options.loadInterval() : IDLE_LOOK)) {
            NodeSelf selfNow = self();
            Optional<GenerationBackend> backend = workplace.backend(model);
            if (backend.isEmpty()) {
                return;
            }
            var loadNow =
                    new StateFrames.Load(
                            backend.get().load(), workplace.otherRouters(model, router));
            if (!selfNow.equals(self)) {
                StateFrames.write(frames, selfNow, backend.get().description());
                self = selfNow;
            }
            if (!loadNow.equals(load)) {
                StateFrames.write(frames, loadNow);
                load = loadNow;
            }
            long now = clock.nanos();
            if (frames.isEmpty() && now - said > options.heartbeat().toNanos()) {
                heartbeat(frames);
            }
            if (!frames.isEmpty()) {
                frames.writeTo(out);
                out.flush();
                said = now;
            }
            if (closed) {
                return;
            }
            busy = load.all().running() + load.all().waiting() > 0;
        }
    }

    private NodeSelf self() {
        NodeSelf self = workplace.self();
        return draining.isPresent() && !self.draining() ? self.drained() : self;
    }

    private byte[] body(ServerRequest request, Caller caller) throws TooLarge {
        long most = options.bodyBytes();
        if (request.headers().contentLength().orElse(0) > most) {
            throw new TooLarge("a request of more than " + most + " bytes");
        }
        try (var in = request.content().inputStream()) {
            byte[] bytes = in.readNBytes((int) most + 1);
            if (bytes.length > most) {
                throw new TooLarge("a request of more than " + most + " bytes");
            }
            caller.bodyReceived();
            return bytes;
        } catch (IOException broken) {
            throw new CloseConnectionException("a request ended before it was complete", broken);
        }
    }

    private static OutputStream open(ServerResponse response) {
        response.status(Status.OK_200);
        response.header(HeaderNames.CONTENT_TYPE, NodeProtocol.MEDIA_TYPE);
        return response.outputStream();
    }

    /** Before the body may have been read: the connection ends with the answer. */
    private static void refuse(ServerResponse response, int status, String why) {
        LOG.log(WARNING, "a node is refused with {0}: {1}", status, why);
        response.status(Status.create(status));
        response.header(HeaderValues.CONNECTION_CLOSE);
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        try {
            response.send(why.getBytes(StandardCharsets.UTF_8));
        } catch (UncheckedIOException gone) {
            throw new CloseConnectionException("the client went away", gone);
        }
    }

    /** A body beyond what is read. */
    private static final class TooLarge extends Exception {

        private static final long serialVersionUID = 1L;

        TooLarge(String message) {
            super(message);
        }
    }
}
