package dev.cairn.distribution.bench.tier;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.ports.cache.BlockTier;
import dev.cairn.ports.cache.BlockTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Megabytes per second of the tiers host and disk and from a peer at several block sizes, checksums
 * included. A run measures the baseline and the tier one after the other, so that both see the same
 * machine; every case runs once before it counts.
 *
 * <p>Threads: one.
 */
public final class TierBenchmark {

    private static final long[] BLOCK_KIB = {64, 512, 1024, 4096, 8192};
    private static final long HOST_BYTES = 256L << 20;
    private static final long DISK_BYTES = 512L << 20;
    private static final double HOST_GOAL = 0.90;
    private static final double DISK_GOAL = 0.85;
    private static final long PEER_BYTES = 256L << 20;
    private static final double STREAM_GOAL = 0.90;
    private static final double RING_GOAL = 0.80;
    private static final int LARGE_PIECE = 1 << 20;

    /** So that both sides' code is compiled. */
    private static final int PEER_WARM_RUNS = 3;

    private static final double MEGA = 1e6;
    private static final String UNIT = "MB/s";

    /** What can be measured. */
    public enum Part {
        HOST,
        DISK,
        PEER;

        /** As results and options name it. */
        public String tier() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Opens a member's transport on loopback. */
    public interface Transports {

        /**
         * @param sharedMemory whether it may take memory that two processes map
         */
        BlockTransport open(boolean sharedMemory);
    }

    private final Function<String, BlockTier> tiers;
    private final Transports transports;
    private final Path folder;
    private final int runs;
    private final List<Result> results = new ArrayList<>();

    /**
     * @param tiers opens a tier by name
     * @param transports opens a member's transport
     * @param folder where the disk is measured
     * @param runs that count
     */
    public TierBenchmark(
            Function<String, BlockTier> tiers, Transports transports, Path folder, int runs) {
        this.tiers = tiers;
        this.transports = transports;
        this.folder = folder;
        this.runs = runs;
    }

    /**
     * @param parts in order
     * @throws IOException if the folder cannot be used
     * @throws IllegalStateException if a tier is too small for what is measured
     */
    public BenchmarkReport run(Set<Part> parts) throws IOException {
        for (Part part : parts) {
            for (long kib : BLOCK_KIB) {
                measure(part, kib);
            }
        }
        String subject =
                "blocks of 16 layer slices, verified; one reader and one writer thread for host;"
                        + " disk on %s beside sequential direct I/O of 4 MiB, the better of 1 and 2"
                                .formatted(Files.getFileStore(folder).type())
                        + " threads; peers beside a TCP stream over loopback, the better of pieces of"
                        + " a block and of 1 MiB, and beside a ring of 2 MiB";
        return new BenchmarkReport("tiers", subject, results);
    }

    private void measure(Part part, long kib) throws IOException {
        switch (part) {
            case HOST -> host(kib);
            case DISK -> {
                disk(kib);
                delete(folder.resolve("tier"));
            }
            case PEER -> {
                network(kib);
                sharedMemory(kib);
            }
        }
    }

    private void host(long kib) {
        List<Double> copies = new ArrayList<>();
        List<Double> puts = new ArrayList<>();
        List<Double> gets = new ArrayList<>();
        try (BlockTier tier = tiers.apply("host");
                Blocks blocks = new Blocks(kib << 10, HOST_BYTES)) {
            var traffic = new Traffic(tier);
            // The slab's pages are made when they are first written.
            int warm = (int) (tier.capacityBytes() / HOST_BYTES) + 1;
            for (int run = 0; run < warm; run++) {
                traffic.put(blocks, run);
            }
            for (int run = warm; run <= warm + runs; run++) {
                double copy = Baselines.copyWithChecksums(blocks);
                double put = traffic.put(blocks, run);
                double get = traffic.get(blocks, run);
                if (run > warm) {
                    copies.add(copy / MEGA);
                    puts.add(put / MEGA);
                    gets.add(get / MEGA);
                }
            }
        }
        String size = "-" + kib + "k";
        Result copy = new Result("copy-crc" + size, UNIT, copies);
        results.add(copy);
        results.add(judged("host-put" + size, puts, copy, HOST_GOAL, "memcpy with CRC32C"));
        results.add(judged("host-get" + size, gets, copy, HOST_GOAL, "memcpy with CRC32C"));
    }

    private void disk(long kib) throws IOException {
        List<Double> directWrites = new ArrayList<>();
        List<Double> puts = new ArrayList<>();
        List<Double> directReads = new ArrayList<>();
        List<Double> gets = new ArrayList<>();
        Path file = folder.resolve("direct");
        try (BlockTier tier = tiers.apply("disk");
                Blocks blocks = new Blocks(kib << 10, DISK_BYTES)) {
            var traffic = new Traffic(tier);
            for (int run = 0; run <= runs; run++) {
                double write =
                        Math.max(
                                Baselines.write(blocks, file, 1), Baselines.write(blocks, file, 2));
                double put = traffic.put(blocks, run);
                double read =
                        Math.max(Baselines.read(blocks, file, 1), Baselines.read(blocks, file, 2));
                double get = traffic.get(blocks, run);
                if (run > 0) {
                    directWrites.add(write / MEGA);
                    puts.add(put / MEGA);
                    directReads.add(read / MEGA);
                    gets.add(get / MEGA);
                }
            }
        } finally {
            Files.deleteIfExists(file);
        }
        String size = "-" + kib + "k";
        Result write = new Result("direct-write" + size, UNIT, directWrites);
        Result read = new Result("direct-read" + size, UNIT, directReads);
        results.add(write);
        results.add(judged("disk-put" + size, puts, write, DISK_GOAL, "sequential direct write"));
        results.add(read);
        results.add(judged("disk-get" + size, gets, read, DISK_GOAL, "sequential direct read"));
    }

    private void network(long kib) throws IOException {
        List<Double> streams = new ArrayList<>();
        List<Double> largeStreams = new ArrayList<>();
        List<Double> pulls = new ArrayList<>();
        try (Blocks blocks = new Blocks(kib << 10, PEER_BYTES);
                PeerTraffic peers = peers(blocks, false)) {
            for (int run = -PEER_WARM_RUNS; run < runs; run++) {
                double stream = PeerBaselines.stream(blocks, (int) kib << 10);
                double large = PeerBaselines.stream(blocks, LARGE_PIECE);
                double pull = peers.pull();
                if (run >= 0) {
                    streams.add(stream / MEGA);
                    largeStreams.add(large / MEGA);
                    pulls.add(pull / MEGA);
                }
            }
        }
        String name = "tcp-stream-" + kib + "k";
        Result own = new Result(name, UNIT, streams);
        Result large = new Result(name, UNIT, largeStreams);
        Result stream = own.value() >= large.value() ? own : large;
        results.add(stream);
        results.add(judged("peer-tcp-" + kib + "k", pulls, stream, STREAM_GOAL, "TCP stream"));
    }

    private void sharedMemory(long kib) throws IOException {
        List<Double> rings = new ArrayList<>();
        List<Double> pulls = new ArrayList<>();
        String name = "peer-shared-memory-" + kib + "k";
        String path = "";
        try (Blocks blocks = new Blocks(kib << 10, PEER_BYTES);
                PeerTraffic peers = peers(blocks, true)) {
            for (int run = -PEER_WARM_RUNS; run < runs && path.isEmpty(); run++) {
                double pull = peers.pull();
                if (!peers.path().equals("shared-memory")) {
                    path = peers.path();
                } else {
                    double ring = PeerBaselines.ring(blocks);
                    if (run >= 0) {
                        rings.add(ring / MEGA);
                        pulls.add(pull / MEGA);
                    }
                }
            }
        }
        String of = "ring in shared memory";
        if (path.isEmpty()) {
            Result ring = new Result("ring-" + kib + "k", UNIT, rings);
            results.add(ring);
            results.add(judged(name, pulls, ring, RING_GOAL, of));
        } else {
            String goal = ">= %.2fx %s".formatted(RING_GOAL, of);
            results.add(Result.unjudged(name, UNIT, goal, "no shared memory here, only " + path));
        }
    }

    private PeerTraffic peers(Blocks blocks, boolean sharedMemory) {
        BlockTransport pulling = transports.open(sharedMemory);
        return new PeerTraffic(pulling, transports.open(sharedMemory), blocks);
    }

    private static Result judged(
            String name, List<Double> values, Result baseline, double goal, String of) {
        Result measured = new Result(name, UNIT, values);
        return Result.judged(
                name,
                UNIT,
                values,
                ">= %.2fx %s".formatted(goal, of),
                measured.value() >= goal * baseline.value());
    }

    /** Removes what a measurement has left. */
    public static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
