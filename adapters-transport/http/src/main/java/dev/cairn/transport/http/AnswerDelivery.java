package dev.cairn.transport.http;

import static java.lang.System.Logger.Level.WARNING;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.transport.http.AnswerQueue.Happening;
import io.helidon.webserver.CloseConnectionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Brings answers to clients, whole or streamed. Immutable; every request on its own thread.
 *
 * @param keepAlive silence after which a comment is sent
 */
record AnswerDelivery(InferenceService service, LiveRequests live, Duration keepAlive) {

    private static final System.Logger LOGGER = System.getLogger(AnswerDelivery.class.getName());
    private static final Usage NOTHING_USED = new Usage(0, 0, 0, 0);

    /** Answers with one object once all calls have ended. */
    void whole(List<GenerationCall> calls, AnswerRenderer renderer, Exchange exchange) {
        List<JsonObject> body;
        try (var running = RunningCalls.start(calls, service, exchange.connection(), live)) {
            var progress = new Progress(calls.size(), renderer);
            do {
                switch (running.next(keepAlive)) {
                    case Happening.Heard(int call, AnswerEvent event) -> progress.hear(call, event);
                    case Happening.Silence() -> {}
                    case Happening.ClientGone() -> throw clientGone();
                    case Happening.Stopped(RequestProblem problem) ->
                            throw new RequestRefused(problem);
                }
            } while (!progress.isComplete());
            body = renderer.ended(progress.usage());
        }
        exchange.reply(body.getFirst());
    }

    /**
     * Answers with events. Until the first one is there, an error is an answer with a status of its
     * own; after that, it is an event.
     */
    void stream(List<GenerationCall> calls, AnswerRenderer renderer, Exchange exchange) {
        try (var running = RunningCalls.start(calls, service, exchange.connection(), live)) {
            var progress = new Progress(calls.size(), renderer);
            Optional<EventStream> stream = Optional.empty();
            try {
                while (!progress.isComplete()) {
                    stream = step(running, progress, stream, exchange);
                }
                EventStream open = stream.orElseGet(exchange::openEventStream);
                for (JsonObject chunk : renderer.ended(progress.usage())) {
                    open.send(chunk);
                }
                open.done();
            } catch (RequestRefused failed) {
                endWith(failed.problem(), stream.orElseThrow(() -> failed));
            } catch (CloseConnectionException | UncheckedIOException gone) {
                throw gone;
            } catch (RuntimeException bug) {
                EventStream open = stream.orElseThrow(() -> bug);
                LOGGER.log(WARNING, "request " + exchange.requestId() + " failed", bug);
                endWith(Problems.INTERNAL, open);
            }
        } catch (IOException | UncheckedIOException gone) {
            throw new CloseConnectionException("the client went away", gone);
        }
    }

    private Optional<EventStream> step(
            RunningCalls running,
            Progress progress,
            Optional<EventStream> stream,
            Exchange exchange)
            throws IOException {
        switch (running.next(keepAlive)) {
            case Happening.Heard(int call, AnswerEvent event) -> {
                List<JsonObject> chunks = progress.hear(call, event);
                if (chunks.isEmpty()) {
                    return stream;
                }
                EventStream open = stream.orElseGet(exchange::openEventStream);
                for (JsonObject chunk : chunks) {
                    open.send(chunk);
                }
                if (running.isQuiet()) {
                    open.flush();
                }
                return Optional.of(open);
            }
            case Happening.Silence() -> {
                if (stream.isPresent()) {
                    stream.get().comment();
                }
                return stream;
            }
            case Happening.ClientGone() -> throw clientGone();
            case Happening.Stopped(RequestProblem problem) -> throw new RequestRefused(problem);
        }
    }

    private static void endWith(RequestProblem problem, EventStream stream) throws IOException {
        stream.send(Problems.body(problem));
        stream.done();
    }

    private static CloseConnectionException clientGone() {
        return new CloseConnectionException("the client went away");
    }

    /** What of a request's calls has come. */
    private static final class Progress {

        private final AnswerRenderer renderer;
        private int open;
        private Usage usage = NOTHING_USED;

        Progress(int calls, AnswerRenderer renderer) {
            this.open = calls;
            this.renderer = renderer;
        }

        boolean isComplete() {
            return open == 0;
        }

        Usage usage() {
            return usage;
        }

        /**
         * @throws RequestRefused if the call has failed: the request has
         */
        List<JsonObject> hear(int call, AnswerEvent event) {
            return switch (event) {
                case AnswerEvent.Started started -> renderer.started(call, started);
                case AnswerEvent.Delta delta -> renderer.delta(call, delta);
                case AnswerEvent.ChoiceEnded ended -> renderer.choiceEnded(call, ended);
                case AnswerEvent.Ended(Usage more) -> {
                    open--;
                    usage = sum(usage, more);
                    yield List.of();
                }
                case AnswerEvent.Failed(RequestProblem problem) ->
                        throw new RequestRefused(problem);
            };
        }

        private static Usage sum(Usage one, Usage other) {
            return new Usage(
                    one.promptTokens() + other.promptTokens(),
                    one.completionTokens() + other.completionTokens(),
                    one.cachedTokens() + other.cachedTokens(),
                    one.reasoningTokens() + other.reasoningTokens());
        }
    }
}
