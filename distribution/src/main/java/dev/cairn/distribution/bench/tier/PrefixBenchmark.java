package dev.cairn.distribution.bench.tier;

import dev.cairn.core.cache.TierChain;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport;
import dev.cairn.ports.cache.LayerGroup;
import dev.cairn.ports.engine.ModelRunner;
import dev.cairn.ports.model.TextCodec;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Time to the first token of a prompt whose first 4,096 tokens lie in the device, in host memory,
 * on the disk or in another process's memory, beside what the device computes anyway and what the
 * tier's bandwidth allows. A run measures each tier's bandwidth, with the very blocks of the
 * prefix, and its prefix one after the other, in turns which one first, so that both see the same
 * machine; scheduler and engine, without HTTP. What the engine computes on the tail is the same for
 * all and varies more than the rest on a busy machine: {@code wait} is the time without it.
 *
 * <p>Threads: one.
 */
public final class PrefixBenchmark {

    private static final int PREFIX = 4096;
    private static final int TAIL = 16;
    private static final int STEPS = 4;

    /** A server has long compiled what is measured: what counts begins when compilers rest. */
    private static final int LEAST_WARM_UP = 9;

    private static final int MOST_WARM_UP = 36;

    /** Milliseconds that compilers take in a round in which they rest. */
    private static final long AT_REST = 10;

    private static final double OF_BANDWIDTH = 1.25;
    private static final double MEGA = 1e6;
    private static final List<String> TIERS = List.of("host", "disk");

    private final ModelRunner runner;
    private final TextCodec codec;
    private final Function<String, BlockTier> open;
    private final Function<List<BlockTier>, TierChain> chain;
    private final Supplier<BlockTransport> transport;
    private final int runs;
    private final Set<TierBenchmark.Part> parts;
    private final int[] prefix;
    private final List<Result> results = new ArrayList<>();
    private final List<Double> chunks = new ArrayList<>();
    private final List<Double> steps = new ArrayList<>();
    private final List<Double> fromDevice = new ArrayList<>();
    private final List<Double> deviceWaits = new ArrayList<>();
    private int tails;

    /**
     * @param runner with room for a sequence of {@value #PREFIX} tokens and some more
     * @param open a tier by its name
     * @param chain of tiers, which always fetches
     * @param transport opens one of this process
     * @param runs that count; some more come before them
     * @param parts where the prefix lies that is measured
     */
    public PrefixBenchmark(
            ModelRunner runner,
            TextCodec codec,
            Function<String, BlockTier> open,
            Function<List<BlockTier>, TierChain> chain,
            Supplier<BlockTransport> transport,
            int runs,
            Set<TierBenchmark.Part> parts) {
        this.runner = runner;
        this.codec = codec;
        this.open = open;
        this.chain = chain;
        this.transport = transport;
        this.runs = runs;
        this.parts = parts;
        int room = runner.description().maxPositions() - TAIL - STEPS;
        int tokens = Math.min(PREFIX, room) / blockTokens() * blockTokens();
        prefix = new Random(1).ints(tokens, 0, codec.vocabularySize()).toArray();
    }

    private int blockTokens() {
        return runner.description().groups().stream()
                .mapToInt(LayerGroup::blockTokens)
                .max()
                .orElseThrow();
    }

    /**
     * @throws IllegalStateException if a tier is too small for the prefix
     */
    public List<Result> run() {
        List<BlockTier> tiers = TIERS.stream().map(open).toList();
        List<PulledBlocks> blocks = new ArrayList<>();
        try {
            store(tiers);
            tiers.forEach(tier -> blocks.add(PulledBlocks.of(tier)));
            try (var peer = new PrefixPeer(transport.get(), tiers.getFirst())) {
                List<Measured> measured = new ArrayList<>();
                for (int i = 0; i < tiers.size(); i++) {
                    BlockTier tier = tiers.get(i);
                    PulledBlocks read = blocks.get(i);
                    measured.add(
                            new Measured(
                                    tier.name(),
                                    () -> read.get(tier),
                                    () -> chain.apply(List.of(tier))));
                }
                measured.add(
                        new Measured(
                                "peer",
                                peer::pull,
                                () -> chain.apply(List.of()).with(peer.ports())));
                measured.removeIf(each -> !isWanted(each));
                warmUp(measured);
                for (int run = 0; run < runs; run++) {
                    for (Measured each : measured) {
                        measure(each, run, true);
                    }
                }
                report(measured);
            }
        } finally {
            tiers.forEach(BlockTier::close);
            blocks.forEach(PulledBlocks::close);
        }
        return results;
    }

    private void warmUp(List<Measured> measured) {
        long compiled = compileMillis();
        for (int round = 0; round < MOST_WARM_UP; round++) {
            for (Measured each : measured) {
                measure(each, round, false);
            }
            long before = compiled;
            compiled = compileMillis();
            if (round + 1 >= LEAST_WARM_UP && compiled - before <= AT_REST * measured.size()) {
                return;
            }
        }
    }

    private static long compileMillis() {
        return ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
    }

    private boolean isWanted(Measured place) {
        return parts.stream().anyMatch(part -> part.tier().equals(place.name));
    }

    /** Computes the prefix and waits until every tier has it. */
    private void store(List<BlockTier> tiers) {
        try (var served = new ServedPrefix(runner, codec, chain.apply(tiers))) {
            served.ask(prompt(), 1);
            for (BlockTier tier : tiers) {
                served.await(() -> tier.counts().blocks() >= blocks());
            }
        }
    }

    private long blocks() {
        return runner.description().groups().stream()
                .mapToLong(group -> prefix.length / group.blockTokens())
                .sum();
    }

    private void measure(Measured each, int run, boolean counts) {
        double before = run % 2 == 0 ? each.bandwidth.getAsDouble() : 0;
        try (var served = new ServedPrefix(runner, codec, each.chain.get())) {
            // What the engine takes is known to a scheduler that served something before.
            served.ask(tail(), 1);
            ServedPrefix.Answer fetched = served.ask(prompt(), 1);
            ServedPrefix.Answer held = served.ask(prompt(), STEPS);
            if (fetched.cachedTokens() != prefix.length || held.cachedTokens() != prefix.length) {
                throw new IllegalStateException(
                        "of %d tokens %d came from %s, and %d from the device; is it large enough?"
                                .formatted(
                                        prefix.length,
                                        fetched.cachedTokens(),
                                        each.name,
                                        held.cachedTokens()));
            }
            double bandwidth = run % 2 == 0 ? before : each.bandwidth.getAsDouble();
            if (counts) {
                each.bandwidths.add(bandwidth / MEGA);
                each.times.add(fetched.firstTokenMillis());
                each.waits.add(fetched.firstTokenMillis() - fetched.prefillMillis());
                fromDevice.add(held.firstTokenMillis());
                deviceWaits.add(held.firstTokenMillis() - held.prefillMillis());
                chunks.add(held.prefillMillis());
                steps.add(held.decodeMillis());
            }
        }
    }

    private int[] prompt() {
        return IntStream.concat(IntStream.of(prefix), IntStream.of(tail())).toArray();
    }

    /** Tokens that nobody has computed. */
    private int[] tail() {
        return new Random(1000 + ++tails).ints(TAIL, 0, codec.vocabularySize()).toArray();
    }

    private void report(List<Measured> measured) {
        Result chunk = new Result("tail-chunk", "ms", chunks);
        Result step = new Result("decode-step", "ms", steps);
        results.add(chunk);
        results.add(step);
        Result device = new Result("ttft-device", "ms", fromDevice);
        results.add(
                Result.judged(
                        device.name(),
                        device.unit(),
                        fromDevice,
                        "<= a tail chunk and two steps",
                        device.value() <= chunk.value() + 2 * step.value()));
        Result deviceWait = new Result("wait-device", "ms", deviceWaits);
        results.add(deviceWait);
        for (Measured each : measured) {
            Result bandwidth = new Result(each.name + "-get", "MB/s", each.bandwidths);
            results.add(bandwidth);
            double allowed = OF_BANDWIDTH * prefixBytes() * 1e3 / (bandwidth.value() * MEGA);
            results.add(within("ttft-" + each.name, each.times, device, allowed));
            results.add(within("wait-" + each.name, each.waits, deviceWait, allowed));
        }
    }

    private Result within(String name, List<Double> millis, Result device, double more) {
        Result time = new Result(name, "ms", millis);
        return Result.judged(
                name,
                time.unit(),
                millis,
                "<= %.1f: %s + %.2fx %.0f MB over the bandwidth"
                        .formatted(
                                device.value() + more,
                                device.name(),
                                OF_BANDWIDTH,
                                prefixBytes() / MEGA),
                time.value() <= device.value() + more);
    }

    private double prefixBytes() {
        double bytes = 0;
        for (LayerGroup group : runner.description().groups()) {
            bytes += (double) prefix.length / group.blockTokens() * group.layout().blockBytes();
        }
        return bytes;
    }

    /** A place of the prefix, and what was measured of it. */
    private static final class Measured {

        private final String name;
        private final DoubleSupplier bandwidth;
        private final Supplier<TierChain> chain;
        private final List<Double> bandwidths = new ArrayList<>();
        private final List<Double> times = new ArrayList<>();
        private final List<Double> waits = new ArrayList<>();

        /**
         * @param bandwidth bytes per second, measured anew each time
         * @param chain in which nothing else holds the prefix
         */
        Measured(String name, DoubleSupplier bandwidth, Supplier<TierChain> chain) {
            this.name = name;
            this.bandwidth = bandwidth;
            this.chain = chain;
        }
    }
}
