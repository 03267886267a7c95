package dev.cairn.distribution.bench.predict;

import dev.cairn.ports.engine.GenerationBackend.TokenListener;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.system.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** When the tokens of one request came. Threads: the backend's; read once {@link #over} is done. */
final class Latencies implements TokenListener {

    private final Clock clock;
    private final long arrival;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private long first;
    private long last;
    private int tokens;

    Latencies(Clock clock, long arrivalNanos) {
        this.clock = clock;
        this.arrival = arrivalNanos;
    }

    @Override
    public void on(TokenEvent event) {
        switch (event) {
            case TokenEvent.Tokens(int _, var more) -> {
                last = clock.nanos();
                first = tokens == 0 ? last : first;
                tokens += more.size();
            }
            case TokenEvent.Ended _ -> over.complete(null);
            case TokenEvent.Failed(var problem) ->
                    over.completeExceptionally(new IllegalStateException(problem.message()));
            case TokenEvent.Interrupted(var reason, var _) ->
                    over.completeExceptionally(new IllegalStateException(reason));
            case TokenEvent.PromptDone _, TokenEvent.ChoiceEnded _ -> {}
        }
    }

    /** Whether a request ends with it. */
    static boolean isEnd(TokenEvent event) {
        return switch (event) {
            case TokenEvent.Ended _, TokenEvent.Failed _, TokenEvent.Interrupted _ -> true;
            case TokenEvent.PromptDone _, TokenEvent.Tokens _, TokenEvent.ChoiceEnded _ -> false;
        };
    }

    CompletableFuture<Void> over() {
        return over;
    }

    long endNanos() {
        return last;
    }

    double firstTokenMillis() {
        return (first - arrival) / 1e6;
    }

    double perTokenMillis() {
        return (last - first) / 1e6 / (tokens - 1);
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
