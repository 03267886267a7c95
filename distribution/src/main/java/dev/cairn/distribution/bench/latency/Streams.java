package dev.cairn.distribution.bench.latency;

import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.load.Requests;
import dev.cairn.distribution.bench.load.Spread;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.distribution.bench.server.ServerUnderTest;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Streams that ask again and again until they are closed, with the time of every token.
 *
 * <p>Threads: any; each stream has a virtual one.
 */
final class Streams implements AutoCloseable {

    /** Servers that know this say with every chunk how many tokens there are so far. */
    static final JsonObject EVERY_CHUNK_COUNTED =
            JsonObject.builder()
                    .put("include_usage", true)
                    .put("continuous_usage_stats", true)
                    .build();

    private final LoadClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
    private final Queue<Streamed> ended = new ConcurrentLinkedQueue<>();
    private final AtomicInteger next = new AtomicInteger();
    private volatile boolean closed;

    /**
     * @param count of streams
     * @param prompts asked in turns
     */
    Streams(
            ServerUnderTest server,
            Requests requests,
            int count,
            List<List<Message>> prompts,
            int outputTokens) {
        this.client = server.client();
        Requests counted = requests.with("stream_options", EVERY_CHUNK_COUNTED);
        for (int i = 0; i < count; i++) {
            threads.execute(() -> askOn(counted, prompts, outputTokens));
        }
    }

    /** Tokens that came within a time. */
    long tokens(long fromNanos, long toNanos) {
        return arrivals.stream()
                .filter(each -> each.nanos() >= fromNanos && each.nanos() < toNanos)
                .mapToLong(Arrival::tokens)
                .sum();
    }

    /** Milliseconds to the first token of the requests that have ended. */
    Spread firstTokenMillis() {
        return Spread.of(
                ended.stream()
                        .filter(each -> each.stamps().length > 0)
                        .mapToDouble(each -> (each.stamps()[0] - each.startNanos()) / 1e6));
    }

    /** Why requests failed; empty where none did. */
    String problem() {
        return ended.stream()
                .flatMap(each -> each.problem().stream())
                .map(problem -> problem.kind() + ": " + problem.message())
                .findFirst()
                .orElse("");
    }

    @Override
    public void close() {
        closed = true;
        client.close();
        threads.close();
    }

    private void askOn(Requests requests, List<List<Message>> prompts, int outputTokens) {
        while (!closed) {
            List<Message> prompt = prompts.get(next.getAndIncrement() % prompts.size());
            long[] before = new long[1];
            Streamed streamed =
                    client.stream(
                            requests.ask(prompt, outputTokens, false),
                            (tokens, nanos) -> {
                                arrivals.add(new Arrival(nanos, tokens - before[0]));
                                before[0] = tokens;
                                return !closed;
                            });
            if (!closed) {
                ended.add(streamed);
                if (!streamed.answered()) {
                    // A server that refuses must not be asked in a tight loop.
                    Pause.millis(100);
                }
            }
        }
    }

    private record Arrival(long nanos, long tokens) {}
}
