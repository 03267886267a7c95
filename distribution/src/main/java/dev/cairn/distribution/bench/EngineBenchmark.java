package dev.cairn.distribution.bench;

import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.AdapterPort;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.engine.RunnerDescription;
import dev.cairn.ports.engine.SamplingBatch;
import dev.cairn.ports.engine.SamplingRow;
import dev.cairn.ports.engine.SequenceStep;
import dev.cairn.ports.engine.StepBatch;
import dev.cairn.ports.engine.StepResult;
import dev.cairn.ports.engine.TokenChoice;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.system.Completion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Tokens per second of a runner alone, without scheduler and HTTP: prompts read in chunks of the
 * step budget, answers written greedily by streams that start after {@link #CONTEXT} tokens.
 *
 * <p>Every case runs once before it counts, because the JIT compiler and the page tables take that
 * long. Threads: one.
 */
public final class EngineBenchmark {

    /** Tokens before the first that a decode case writes. */
    static final int CONTEXT = 64;

    private static final long SEED = 20_261_121;

    private final ModelRunner runner;
    private final RunnerDescription description;
    private final int runs;
    private final Predicate<String> wanted;
    private int adapters;
    private long computeNanos;

    /**
     * @param runs measurements of every case
     * @param wanted cases by name, for example {@code decode-8}
     */
    public EngineBenchmark(ModelRunner runner, int runs, Predicate<String> wanted) {
        this.runner = runner;
        this.description = runner.description();
        this.runs = runs;
        this.wanted = wanted;
    }

    /**
     * Loads random LoRA adapters of ranks 8, 16, 32 and 64 by turns, which the streams of every
     * case use by turns from now on.
     *
     * @throws dev.cairn.ports.model.ModelException if the engine takes none
     */
    public void adapt(ModelArtifact model, int count) {
        AdapterPort port =
                runner.adapters()
                        .orElseThrow(
                                () -> new ModelException("this engine takes no LoRA adapters"));
        for (int slot = 0; slot < count; slot++) {
            CompletableFuture<Void> loaded = new CompletableFuture<>();
            port.load(
                    slot,
                    new RandomAdapter(
                            model.architecture(), model.weights(), 8 << slot % 4, SEED + slot),
                    new Completion<>() {
                        @Override
                        public void completed(Void nothing) {
                            loaded.complete(null);
                        }

                        @Override
                        public void failed(Throwable failure) {
                            loaded.completeExceptionally(failure);
                        }
                    });
            loaded.join();
        }
        adapters = count;
    }

    /** Sequences that the widest case needs at once, and the longest sequence of all cases. */
    public static int widest() {
        return 32;
    }

    /** See {@link #widest}. */
    public static int longest() {
        return 4096 + 64;
    }

    /** The cases that fit the runner, in the design's order. */
    public List<BenchmarkReport.Result> run() {
        List<BenchmarkReport.Result> results = new ArrayList<>();
        for (int tokens : new int[] {512, 4096}) {
            if (tokens <= description.maxPositions()) {
                measure("prefill-" + tokens, () -> prefill(tokens), results);
            }
        }
        for (int streams : new int[] {1, 8, 32}) {
            if (streams <= description.maxSequencesPerStep()) {
                measure("decode-" + streams, () -> decode(streams, CONTEXT, 24), results);
            }
        }
        if (longest() <= description.maxPositions()) {
            measure("decode-1@4096", () -> decode(1, 4096, 24), results);
        }
        return results;
    }

    /**
     * Runs steps of many shapes: chunks of all sizes, batches of all widths, near the start and
     * deep. Who times the runner's steps has seen what they cost.
     */
    public void exercise() {
        int longest = Math.min(2048, description.maxPositions() - 64);
        for (int run = 0; run <= runs; run++) {
            for (int chunk = 4; chunk <= description.maxTokensPerStep(); chunk *= 2) {
                read(stream(0, Math.min(longest, 8 * chunk)), chunk);
            }
            for (int streams = 1; streams <= widest(); streams *= 2) {
                if (streams <= description.maxSequencesPerStep()) {
                    decode(streams, CONTEXT, 24);
                }
            }
            decode(1, longest, 24);
        }
    }

    private void measure(String name, Case body, List<BenchmarkReport.Result> results) {
        if (!wanted.test(name)) {
            return;
        }
        body.tokensPerSecond();
        List<Double> measured = new ArrayList<>();
        for (int i = 0; i < runs; i++) {
            measured.add(body.tokensPerSecond());
        }
        results.add(new BenchmarkReport.Result(name, "tokens/s", measured));
    }

    /** Tokens per second at which one prompt is read. */
    double prefill(int tokens) {
        Stream stream = stream(0, tokens);
        long start = System.nanoTime();
        read(stream);
        return tokens * 1e9 / (System.nanoTime() - start);
    }

    private double decode(int count, int context, int steps) {
        return write(count, context, steps).tokensPerSecond();
    }

    /**
     * Streams that have written side by side.
     *
     * @param computed share of the time in which the engine was at work on a step
     */
    record Written(double tokensPerSecond, double computed) {}

    /**
     * Lets streams write.
     *
     * @param context tokens of each before the first that counts
     */
    Written write(int count, int context, int steps) {
        List<Stream> streams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            streams.add(stream(i, context + steps));
            streams.getLast().prompt = Arrays.copyOf(streams.getLast().prompt, context);
            read(streams.getLast());
        }
        computeNanos = 0;
        long start = System.nanoTime();
        for (int step = 0; step < steps; step++) {
            List<SequenceStep> batch = new ArrayList<>(count);
            List<SamplingRow> rows = new ArrayList<>(count);
            for (Stream stream : streams) {
                batch.add(
                        new SequenceStep(
                                new int[] {stream.next},
                                stream.position,
                                stream.tables,
                                0,
                                stream.adapter));
                rows.add(greedy(stream));
            }
            List<TokenChoice> chosen = step(batch, rows);
            for (int i = 0; i < count; i++) {
                streams.get(i).position++;
                streams.get(i).next = chosen.get(i).token();
            }
        }
        double nanos = System.nanoTime() - start;
        return new Written(count * steps * 1e9 / nanos, computeNanos / nanos);
    }

    private void read(Stream stream) {
        read(stream, description.maxTokensPerStep());
    }

    /** Reads a stream's prompt and writes its first token. */
    private void read(Stream stream, int chunkTokens) {
        int[] prompt = stream.prompt;
        while (stream.position < prompt.length) {
            int size = Math.min(prompt.length - stream.position, chunkTokens);
            int[] chunk = Arrays.copyOfRange(prompt, stream.position, stream.position + size);
            boolean last = stream.position + size == prompt.length;
            List<TokenChoice> chosen =
                    step(
                            List.of(
                                    new SequenceStep(
                                            chunk,
                                            stream.position,
                                            stream.tables,
                                            last ? size - 1 : size,
                                            stream.adapter)),
                            last ? List.of(greedy(stream)) : List.of());
            stream.position += size;
            if (last) {
                stream.next = chosen.getFirst().token();
            }
        }
    }

    private static SamplingRow greedy(Stream stream) {
        return new SamplingRow.Sample(
                SamplingParameters.GREEDY, 0, stream.position, null, null, -1, false);
    }

    private List<TokenChoice> step(List<SequenceStep> sequences, List<SamplingRow> rows) {
        CompletableFuture<StepResult> result = new CompletableFuture<>();
        var handle = runner.launch(new StepBatch(List.of(), sequences));
        runner.complete(
                handle,
                new SamplingBatch(rows),
                new Completion<>() {
                    @Override
                    public void completed(StepResult step) {
                        result.complete(step);
                    }

                    @Override
                    public void failed(Throwable failure) {
                        result.completeExceptionally(failure);
                    }
                });
        computeNanos += result.join().computeNanos();
        return result.join().rows();
    }

    /** A stream with blocks of its own; the same tokens for every run. */
    private Stream stream(int index, int tokens) {
        List<LayerGroup> groups = description.groups();
        int[][] tables = new int[groups.size()][];
        for (LayerGroup group : groups) {
            int needed = (tokens + group.blockTokens() - 1) / group.blockTokens();
            int first = index * needed;
            if (first + needed > description.poolBlocks().get(group.index())) {
                throw new IllegalStateException(
                        "the KV cache is too small: stream %d needs blocks up to %d, there are %d"
                                .formatted(
                                        index,
                                        first + needed,
                                        description.poolBlocks().get(group.index())));
            }
            tables[group.index()] = new int[needed];
            Arrays.setAll(tables[group.index()], i -> first + i);
        }
        int[] prompt =
                new Random(SEED + index).ints(tokens, 0, description.vocabularySize()).toArray();
        return new Stream(prompt, tables, adapters == 0 ? -1 : index % adapters);
    }

    private interface Case {
        double tokensPerSecond();
    }

    private static final class Stream {

        private int[] prompt;
        private final int[][] tables;
        private final int adapter;
        private int position;
        private int next;

        private Stream(int[] prompt, int[][] tables, int adapter) {
            this.adapter = adapter;
            this.prompt = prompt;
            this.tables = tables;
        }
    }
}
