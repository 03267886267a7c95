package dev.cairn.distribution.bench.tier;

import dev.cairn.core.block.CacheListener;
import dev.cairn.core.cache.TierChain;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.schedule.ScheduledBackend;
import dev.cairn.core.schedule.SchedulerSettings;
import dev.cairn.core.schedule.StepRecord;
import dev.cairn.distribution.drive.SystemClock;
import dev.cairn.distribution.drive.ThreadMailboxes;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GenerationRequest;
import dev.cairn.ports.request.TokenEvent;
import dev.cairn.ports.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A scheduler whose device cache is empty over a runner and tiers, asked one request after the
 * other. Threads: one asks.
 */
final class ServedPrefix implements AutoCloseable {

    private static final long LOOK_NANOS = 5_000_000;

    private final ThreadMailboxes mailboxes = new ThreadMailboxes(SystemClock.INSTANCE);
    private final List<StepRecord> steps = new CopyOnWriteArrayList<>();
    private final ScheduledBackend backend;
    private int asked;

    ServedPrefix(ModelRunner runner, TextCodec codec, TierChain tiers) {
        backend =
                new ScheduledBackend(
                        "bench",
                        "bench",
                        runner,
                        codec,
                        new Grammars(
                                codec,
                                runner.description().vocabularySize(),
                                codec.endOfSequenceIds()),
                        SchedulerSettings.forModelLength(runner.description().maxPositions()),
                        mailboxes,
                        Telemetry.none(),
                        steps::add,
                        CacheListener.NONE,
                        tiers);
    }

    /**
     * @param firstTokenMillis from asking to the first token
     * @param prefillMillis that the engine computed on the prompt
     * @param decodeMillis that it computed on each token after the first; 0 = there was none
     */
    record Answer(
            int cachedTokens, double firstTokenMillis, double prefillMillis, double decodeMillis) {}

    Answer ask(int[] prompt, int tokens) {
        steps.clear();
        long[] first = new long[1];
        List<Integer> cached = new ArrayList<>();
        CompletableFuture<Void> over = new CompletableFuture<>();
        long begin = System.nanoTime();
        backend.generate(
                request(prompt, tokens),
                event -> {
                    switch (event) {
                        case TokenEvent.Tokens _ ->
                                first[0] = first[0] == 0 ? System.nanoTime() : first[0];
                        case TokenEvent.PromptDone(int fromCache, var _) -> cached.add(fromCache);
                        case TokenEvent.Ended _ -> over.complete(null);
                        case TokenEvent.Failed(var problem) ->
                                over.completeExceptionally(
                                        new IllegalStateException(problem.message()));
                        case TokenEvent.Interrupted(var reason, var _) ->
                                over.completeExceptionally(new IllegalStateException(reason));
                        case TokenEvent.ChoiceEnded _ -> {}
                    }
                });
        over.join();
        double prefill = 0;
        List<Double> decodes = new ArrayList<>();
        for (StepRecord step : steps) {
            if (step.decodeTokens() == 0) {
                prefill += step.computeNanos() / 1e6;
            } else {
                decodes.add(step.computeNanos() / 1e6);
            }
        }
        double decode = decodes.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        return new Answer(cached.getFirst(), (first[0] - begin) / 1e6, prefill, decode);
    }

    private GenerationRequest request(int[] prompt, int tokens) {
        return GenerationRequest.greedy(
                "prefix-" + asked++, "bench", prompt, tokens, SystemClock.INSTANCE.nanos());
    }

    /** Looks again and again until something is so. */
    void await(BooleanSupplier holds) {
        while (!holds.getAsBoolean()) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    @Override
    public void close() {
        backend.close();
        mailboxes.close();
    }
}
