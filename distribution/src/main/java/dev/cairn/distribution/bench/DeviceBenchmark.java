package dev.cairn.distribution.bench;

import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.ports.cache.KvLayout;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.DeviceProbe;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.system.Completion;
import dev.cairn.ports.system.MemoryLease;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * An engine on a device beside what the device does at best, in one run: decoding beside the bytes
 * per second of a plain copy kernel, prefill beside the product of square matrices, blocks beside
 * the link, and what the host adds to a step. The goals are those of a large model on a real
 * device; a mixture of experts is counted as if every token read those that it chose alone.
 *
 * <p>Threads: one.
 */
public final class DeviceBenchmark {

    private static final double DECODE_GOAL = 0.85;
    private static final double WIDE_GOAL = 0.75;
    private static final double PREFILL_GOAL = 0.70;
    private static final double HOST_GOAL = 0.05;
    private static final double BLOCKS_GOAL = 0.90;

    /** Steps of a decode case, and as much again for what a block rounds up. */
    private static final int STEPS = 24;

    /**
     * How large the cases are.
     *
     * @param streams of the wide decode case
     * @param depth tokens before those that it writes
     * @param prompt tokens of the prefill case
     */
    public record Sizes(int streams, int depth, int prompt) {

        /** Tokens that the KV cache must hold. */
        public long cacheTokens() {
            long wide = (long) streams * (depth + 2 * STEPS);
            return Math.max(wide, longest());
        }

        /** Tokens of the longest sequence. */
        public int longest() {
            return Math.max(EngineBenchmark.CONTEXT, Math.max(depth, prompt)) + 2 * STEPS;
        }
    }

    private final ModelArchitecture architecture;
    private final ModelRunner runner;
    private final EngineBenchmark engine;
    private final Map<String, DeviceProbe.Rate> best;
    private final Sizes sizes;
    private final int runs;
    private final List<Result> results = new ArrayList<>();

    /**
     * @param best what was measured of the device
     * @param runs of every case
     */
    public DeviceBenchmark(
            ModelArchitecture architecture,
            ModelRunner runner,
            List<DeviceProbe.Rate> best,
            Sizes sizes,
            int runs) {
        this.architecture = architecture;
        this.runner = runner;
        this.engine = new EngineBenchmark(runner, runs, _ -> true);
        this.best = best.stream().collect(Collectors.toMap(DeviceProbe.Rate::name, rate -> rate));
        this.sizes = sizes;
        this.runs = runs;
        best.forEach(rate -> results.add(new Result(rate.name(), rate.unit(), rate.runs())));
    }

    /** Shapes of a model's matrices, each once. */
    public static List<DeviceProbe.Shape> shapes(ModelArchitecture model) {
        Set<DeviceProbe.Shape> shapes = new LinkedHashSet<>();
        for (LayerArchitecture layer : model.layers()) {
            int queries = layer.attention().heads() * layer.attention().headSize();
            int inner = layer.feedForward().intermediateSize();
            shapes.add(new DeviceProbe.Shape(queries, model.hiddenSize()));
            shapes.add(new DeviceProbe.Shape(model.hiddenSize(), queries));
            shapes.add(new DeviceProbe.Shape(inner, model.hiddenSize()));
            shapes.add(new DeviceProbe.Shape(model.hiddenSize(), inner));
        }
        return List.copyOf(shapes);
    }

    /** Every figure, the device's own first. */
    public List<Result> run() {
        invariance();
        decode("decode-1", 1, EngineBenchmark.CONTEXT, DECODE_GOAL);
        decode("decode-1@" + sizes.prompt(), 1, sizes.prompt(), DECODE_GOAL);
        decode(
                "decode-%d@%d".formatted(sizes.streams(), sizes.depth()),
                sizes.streams(),
                sizes.depth(),
                WIDE_GOAL);
        prefill();
        blocks();
        return results;
    }

    /** Time of the model's products by algorithms that serve every batch, beside the fastest. */
    private void invariance() {
        Map<Integer, double[]> byRows = new TreeMap<>();
        for (DeviceProbe.Rate fixed : best.values()) {
            if (fixed.name().startsWith("fixed-")) {
                String shape = fixed.name().substring("fixed-".length());
                int rows = Integer.parseInt(shape.substring(shape.indexOf('@') + 1));
                double work = work(shape, rows);
                double[] seconds = byRows.computeIfAbsent(rows, _ -> new double[2]);
                seconds[0] += work / value(fixed.name());
                seconds[1] += work / value("fastest-" + shape);
            }
        }
        byRows.forEach(
                (rows, seconds) ->
                        results.add(
                                new Result(
                                        "invariance-cost@" + rows,
                                        "x",
                                        List.of(seconds[0] / seconds[1]))));
    }

    /** Of a name as {@code 48x32@4}. */
    private static double work(String shape, int rows) {
        String[] sides = shape.substring(0, shape.indexOf('@')).split("x", -1);
        return Double.parseDouble(sides[0]) * Double.parseDouble(sides[1]) * rows;
    }

    private double value(String rate) {
        DeviceProbe.Rate found = best.get(rate);
        return new Result(found.name(), found.unit(), found.runs()).value();
    }

    private void decode(String name, int streams, int context, double goal) {
        List<Double> host = new ArrayList<>();
        List<Double> rates =
                measured(
                        () -> {
                            var written = engine.write(streams, context, STEPS);
                            host.add(Math.max(0, 1 - written.computed()));
                            return written.tokensPerSecond();
                        });
        results.add(new Result(name, "tokens/s", rates));
        double bytes = parametersPerToken() * bytesPerParameter();
        bytes += streams * (double) context * cacheBytesPerToken();
        share(name + "-bytes", rates, 1e-9 * bytes / streams, "copy-kernel", goal);
        host.removeFirst();
        double overhead = new Result(name, "", host).value();
        results.add(
                Result.judged(
                        name + "-host",
                        "share",
                        host,
                        "at most " + HOST_GOAL,
                        overhead <= HOST_GOAL));
    }

    private void prefill() {
        String name = "prefill-" + sizes.prompt();
        List<Double> rates = measured(() -> engine.prefill(sizes.prompt()));
        results.add(new Result(name, "tokens/s", rates));
        double teraflops = 2e-12 * parametersPerToken();
        share(name + "-products", rates, teraflops, "square-product", PREFILL_GOAL);
    }

    /** Blocks that leave, as many at once as there are, to memory that the device knows. */
    private void blocks() {
        LayerGroup group = runner.description().groups().getFirst();
        KvLayout layout = group.layout();
        int count = Math.min(32, runner.description().poolBlocks().getFirst());
        // the garbage collector's, after the runner, which needs it as long as it lives
        MemorySegment memory = Arena.ofAuto().allocate(count * layout.blockBytes(), 4096);
        boolean direct = runner.blocks().attach(memory);
        List<Double> rates =
                measured(
                        () -> {
                            long begin = System.nanoTime();
                            List<CompletableFuture<Void>> copies = new ArrayList<>();
                            for (int block = 0; block < count; block++) {
                                copies.add(export(block, layout, memory));
                            }
                            copies.forEach(CompletableFuture::join);
                            return count
                                    * layout.blockBytes()
                                    / (double) (System.nanoTime() - begin);
                        });
        results.add(new Result(direct ? "blocks-leave" : "blocks-leave-unpinned", "GB/s", rates));
        share("blocks-leave-link", rates, 1, "link-out", BLOCKS_GOAL);
    }

    private CompletableFuture<Void> export(int block, KvLayout layout, MemorySegment memory) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        MemorySegment part = memory.asSlice(block * layout.blockBytes(), layout.blockBytes());
        runner.blocks()
                .export(
                        0,
                        block,
                        0,
                        layout.layers(),
                        new MemoryLease() {
                            @Override
                            public MemorySegment segment() {
                                return part;
                            }

                            @Override
                            public void close() {
                                // the benchmark's
                            }
                        },
                        new Completion<>() {
                            @Override
                            public void completed(Void nothing) {
                                done.complete(null);
                            }

                            @Override
                            public void failed(Throwable failure) {
                                done.completeExceptionally(failure);
                            }
                        });
        return done;
    }

    /** The first run does not count. */
    private List<Double> measured(DoubleSupplier body) {
        List<Double> measured = new ArrayList<>();
        for (int run = 0; run <= runs; run++) {
            double value = body.getAsDouble();
            if (run > 0) {
                measured.add(value);
            }
        }
        return measured;
    }

    /**
     * What rates reach of a rate of the device.
     *
     * @param each what one of the first is worth in the second's unit
     */
    private void share(String name, List<Double> rates, double each, String of, double goal) {
        double whole = value(of);
        List<Double> shares = rates.stream().map(rate -> rate * each / whole).toList();
        double reached = new Result(name, "", shares).value();
        results.add(
                Result.judged(
                        name,
                        "share",
                        shares,
                        "at least %s of %s".formatted(goal, of),
                        reached >= goal));
    }

    /** Weights that one token is multiplied with; a row of the embedding is none. */
    private double parametersPerToken() {
        return parameters(FeedForwardArchitecture.Experts::expertsPerToken);
    }

    /** Of all weights on the device, by their number. */
    private double bytesPerParameter() {
        double embedding = (double) architecture.vocabularySize() * architecture.hiddenSize();
        double all =
                parameters(FeedForwardArchitecture.Experts::experts)
                        + (architecture.tiedEmbeddings() ? 0 : embedding);
        return runner.description().weightBytes() / all;
    }

    /** Of all matrices but the embedding, with so many experts. */
    private double parameters(ToIntFunction<FeedForwardArchitecture.Experts> experts) {
        double hidden = architecture.hiddenSize();
        double count = architecture.vocabularySize() * hidden;
        for (LayerArchitecture layer : architecture.layers()) {
            var attention = layer.attention();
            int forwards =
                    switch (layer.feedForward()) {
                        case FeedForwardArchitecture.Dense _ -> 1;
                        case FeedForwardArchitecture.Experts some -> experts.applyAsInt(some);
                    };
            count +=
                    2
                            * hidden
                            * attention.headSize()
                            * (attention.heads() + attention.keyValueHeads());
            count += 3 * hidden * forwards * layer.feedForward().intermediateSize();
        }
        return count;
    }

    private double cacheBytesPerToken() {
        return runner.description().groups().stream()
                .mapToDouble(group -> (double) group.layout().blockBytes() / group.blockTokens())
                .sum();
    }
}
