package dev.cairn.distribution.bench.guess;

import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.schedule.SchedulerSettings;
import dev.cairn.core.schedule.StepListener;
import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A scheduler over a runner that guesses or does not, asked by several streams at once. */
final class GuessedStreams implements AutoCloseable {

    private final ThreadMailboxes mailboxes = new ThreadMailboxes(SystemClock.INSTANCE);
    private final AtomicLong steps = new AtomicLong();
    private final ScheduledBackend backend;

    GuessedStreams(ModelRunner runner, TextCodec codec, SpeculationSettings speculation) {
        StepListener counting = step -> steps.incrementAndGet();
        backend =
                new ScheduledBackend(
                        "bench",
                        "bench",
                        runner,
                        codec,
                        SchedulerSettings.forModelLength(runner.description().maxPositions())
                                .with(speculation),
                        mailboxes,
                        Telemetry.none(),
                        counting);
    }

    /**
     * What the streams did.
     *
     * @param tokens of each stream
     * @param tokensPerSecond of all together, from the last first token to the first end
     * @param steps that it took
     */
    record Answers(List<List<Integer>> tokens, double tokensPerSecond, long steps) {}

    /** Answers all requests at once. */
    Answers answer(List<GenerationRequest> requests) {
        long before = steps.get();
        List<Stream> streams = new ArrayList<>();
        for (GenerationRequest request : requests) {
            Stream stream = new Stream();
            streams.add(stream);
            backend.generate(request, stream::on);
        }
        List<List<Integer>> tokens = new ArrayList<>();
        for (Stream stream : streams) {
            tokens.add(stream.whole.join());
        }
        long begin = streams.stream().mapToLong(stream -> stream.first).max().orElseThrow();
        long end = streams.stream().mapToLong(stream -> stream.last).max().orElseThrow();
        long counted = 0;
        for (Stream stream : streams) {
            counted += stream.tokensSince(begin);
        }
        return new Answers(tokens, counted * 1e9 / (end - begin), steps.get() - before);
    }

    @Override
    public void close() {
        backend.close();
        mailboxes.close();
    }

    /** One answer. Threads: the mailbox writes, whoever waits for the whole reads after it. */
    private static final class Stream {

        private final List<Integer> tokens = new ArrayList<>();
        private final List<Long> came = new ArrayList<>();
        private final CompletableFuture<List<Integer>> whole = new CompletableFuture<>();
        private long first;
        private long last;

        void on(TokenEvent event) {
            switch (event) {
                case TokenEvent.Tokens(int _, List<GeneratedToken> more) -> {
                    last = System.nanoTime();
                    first = tokens.isEmpty() ? last : first;
                    for (GeneratedToken token : more) {
                        tokens.add(token.id());
                        came.add(last);
                    }
                }
                case TokenEvent.Ended _ -> whole.complete(tokens);
                case TokenEvent.Failed(var problem) ->
                        whole.completeExceptionally(new IllegalStateException(problem.message()));
                case TokenEvent.Interrupted(var reason, var _) ->
                        whole.completeExceptionally(new IllegalStateException(reason));
                case TokenEvent.PromptDone _, TokenEvent.ChoiceEnded _ -> {}
            }
        }

        long tokensSince(long nanos) {
            return came.stream().filter(when -> when > nanos).count();
        }
    }
}
