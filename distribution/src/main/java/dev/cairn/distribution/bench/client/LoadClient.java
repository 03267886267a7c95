package dev.cairn.distribution.bench.client;

import dev.cairn.distribution.bench.client.Streamed.Problem;
import dev.cairn.distribution.bench.client.Streamed.TokenUsage;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Requests to one server, each on the thread that asks; connections are kept and used again.
 *
 * <p>Threads: any, many at once; they wait on sockets, so virtual ones do best.
 */
public final class LoadClient implements AutoCloseable {

    private static final int LONGEST_REPLY = 64 << 20;
    private static final int LONGEST_TEXT = 16 << 20;
    private static final int MOST_CHUNKS = 1 << 20;
    private static final String LAST_EVENT = "[DONE]";
    private static final byte[] NOTHING = new byte[0];

    private final URI server;
    private final Duration patience;
    private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();
    private final Set<Connection> live = ConcurrentHashMap.newKeySet();
    private volatile boolean cancelled;

    /**
     * @param patience longest silence of the server that is borne
     */
    public LoadClient(URI server, Duration patience) {
        this.server = server;
        this.patience = patience;
    }

    public URI server() {
        return server;
    }

    /** Asks for something small, and reads the whole answer. */
    public Reply get(String path, Optional<String> apiKey) throws IOException {
        return reply("GET", path, apiKey, NOTHING);
    }

    /** As {@link #get}, with a body. */
    public Reply post(String path, Optional<String> apiKey, JsonObject body) throws IOException {
        return reply("POST", path, apiKey, bytes(body));
    }

    /** Asks for an answer and reads it as it comes. Never throws: what went wrong is the result. */
    public Streamed stream(Ask ask, Listener listener) {
        byte[] body = bytes(ask.body());
        Reading reading = new Reading(ask, listener, System.nanoTime());
        if (cancelled) {
            return reading.ended(Problem.of(Problem.CANCELLED, "not sent any more"));
        }
        try (Exchange exchange = exchange("POST", ask.path(), ask.apiKey(), ask.headers(), body)) {
            if (exchange.head.status() != 200) {
                return reading.ended(refused(exchange.head));
            }
            Optional<Problem> problem = reading.read(new EventReader(exchange.head.body()));
            if (problem.isEmpty()) {
                exchange.drained();
            }
            return reading.ended(problem);
        } catch (IOException broken) {
            return reading.ended(problem(broken));
        }
    }

    /**
     * Breaks off all answers and sends nothing more: their results say that they were cancelled.
     */
    public void cancelAll() {
        cancelled = true;
        live.forEach(LoadClient::closeQuietly);
    }

    @Override
    public void close() {
        cancelAll();
        idle.forEach(LoadClient::closeQuietly);
        idle.clear();
    }

    private Reply reply(String method, String path, Optional<String> apiKey, byte[] body)
            throws IOException {
        try (Exchange exchange = exchange(method, path, apiKey, Map.of(), body)) {
            byte[] bytes = exchange.head.body().readAll(LONGEST_REPLY);
            exchange.drained();
            return new Reply(exchange.head.status(), new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /** Sends on a kept connection; where the server has closed that meanwhile, on a new one. */
    private Exchange exchange(
            String method,
            String path,
            Optional<String> apiKey,
            Map<String, String> headers,
            byte[] body)
            throws IOException {
        Connection connection = idle.pollLast();
        if (connection != null) {
            live.add(connection);
            try {
                return new Exchange(
                        connection, connection.send(method, path, apiKey, headers, body));
            } catch (SocketTimeoutException silent) {
                discard(connection);
                throw silent;
            } catch (IOException closedMeanwhile) {
                discard(connection);
                if (cancelled) {
                    throw closedMeanwhile;
                }
            }
        }
        Connection fresh = Connection.open(server, patience);
        live.add(fresh);
        try {
            if (cancelled) {
                throw new IOException("cancelled");
            }
            return new Exchange(fresh, fresh.send(method, path, apiKey, headers, body));
        } catch (IOException broken) {
            discard(fresh);
            throw broken;
        }
    }

    private Problem problem(IOException broken) {
        if (cancelled) {
            return Problem.of(Problem.CANCELLED, "broken off");
        }
        String message = String.valueOf(broken.getMessage());
        return switch (broken) {
            case ConnectException _ -> Problem.of("connect", message);
            case SocketTimeoutException _ ->
                    Problem.of("timeout", "silent for " + patience.toSeconds() + " s");
            default -> Problem.of("broken answer", message);
        };
    }

    private static Problem refused(Connection.Head head) throws IOException {
        String text = new String(head.body().readAll(LONGEST_REPLY), StandardCharsets.UTF_8);
        String message = text;
        try {
            if (JsonReader.read(text) instanceof JsonObject body) {
                message = AnswerChunk.error(body).orElse(text);
            }
        } catch (JsonException noJson) {
            // Then the text itself says most.
        }
        return new Problem(
                "http " + head.status(),
                message.length() > 300 ? message.substring(0, 300) : message,
                head.headers().containsKey("retry-after"));
    }

    private void discard(Connection connection) {
        live.remove(connection);
        closeQuietly(connection);
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (IOException alreadyBroken) {
            // Then it is closed.
        }
    }

    private static byte[] bytes(JsonObject body) {
        return JsonWriter.write(body).getBytes(StandardCharsets.UTF_8);
    }

    /** A small answer, whole. */
    public record Reply(int status, String body) {

        /** The body, where it is a JSON object. */
        public Optional<JsonObject> json() {
            try {
                return JsonReader.read(body) instanceof JsonObject object
                        ? Optional.of(object)
                        : Optional.empty();
            } catch (JsonException noJson) {
                return Optional.empty();
            }
        }

        /** A member of the JSON object, if there is one. */
        public Optional<JsonValue> member(String name) {
            return json().map(object -> object.member(name));
        }
    }

    /** A connection while it carries a request: kept if the answer was read to its end. */
    private final class Exchange implements AutoCloseable {

        private final Connection connection;
        private final Connection.Head head;
        private boolean keeps;

        Exchange(Connection connection, Connection.Head head) {
            this.connection = connection;
            this.head = head;
        }

        /** The answer was read: what follows it, if anything, is read too. */
        void drained() throws IOException {
            head.body().readAll(LONGEST_REPLY);
            keeps = head.keepsOpen() && !cancelled;
        }

        @Override
        public void close() {
            live.remove(connection);
            if (keeps) {
                idle.addLast(connection);
            } else {
                closeQuietly(connection);
            }
        }
    }

    /** An answer while it is read. */
    private static final class Reading {

        private final Ask ask;
        private final Listener listener;
        private final long startNanos;
        private long[] stamps = new long[64];
        private int count;
        private Optional<TokenUsage> usage = Optional.empty();
        private final StringBuilder text = new StringBuilder();

        Reading(Ask ask, Listener listener, long startNanos) {
            this.ask = ask;
            this.listener = listener;
            this.startNanos = startNanos;
        }

        Optional<Problem> read(EventReader events) throws IOException {
            for (String event = events.next(); event != null; event = events.next()) {
                if (event.equals(LAST_EVENT)) {
                    return Optional.empty();
                }
                AnswerChunk chunk = AnswerChunk.read(event);
                if (chunk.error().isPresent()) {
                    return Optional.of(Problem.of("error in stream", chunk.error().get()));
                }
                usage = chunk.usage().or(() -> usage);
                if (chunk.speaks() && !take(chunk, events.arrivedNanos())) {
                    return Optional.of(Problem.of(Problem.CANCELLED, "the client went away"));
                }
            }
            return Optional.of(Problem.of("ended early", "the stream ended without [DONE]"));
        }

        private boolean take(AnswerChunk chunk, long nanos) throws IOException {
            if (count == MOST_CHUNKS || text.length() > LONGEST_TEXT) {
                throw new IOException("the answer does not end");
            }
            if (count == stamps.length) {
                stamps = Arrays.copyOf(stamps, count * 2);
            }
            stamps[count++] = nanos;
            if (ask.keepsText()) {
                text.append(chunk.text());
            }
            long tokens = chunk.usage().map(TokenUsage::completion).orElse((long) count);
            return listener.chunk(tokens, nanos);
        }

        Streamed ended(Problem problem) {
            return ended(Optional.of(problem));
        }

        Streamed ended(Optional<Problem> problem) {
            return new Streamed(
                    startNanos,
                    System.nanoTime(),
                    Arrays.copyOf(stamps, count),
                    usage,
                    text.toString(),
                    problem);
        }
    }
}
