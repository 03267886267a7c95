package dev.cairn.distribution.bench.tier;

import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.ports.cache.BlockTier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Megabytes per second of the tiers host and disk at several block sizes, checksums included. A run
 * measures the baseline and the tier one after the other, so that both see the same machine; every
 * case runs once before it counts.
 *
 * <p>Threads: one.
 */
public final class TierBenchmark {

    private static final long[] BLOCK_KIB = {64, 512, 1024, 4096, 8192};
    private static final long HOST_BYTES = 256L << 20;
    private static final long DISK_BYTES = 512L << 20;
    private static final double HOST_GOAL = 0.90;
    private static final double DISK_GOAL = 0.85;
    private static final double MEGA = 1e6;
    private static final String UNIT = "MB/s";

    private final Function<String, BlockTier> tiers;
    private final Path folder;
    private final int runs;
    private final List<Result> results = new ArrayList<>();

    /**
     * @param tiers opens a tier by name
     * @param folder where the disk is measured
     * @param runs that count
     */
    public TierBenchmark(Function<String, BlockTier> tiers, Path folder, int runs) {
        this.tiers = tiers;
        this.folder = folder;
        this.runs = runs;
    }

    /**
     * @throws IOException if the folder cannot be used
     * @throws IllegalStateException if a tier is too small for what is measured
     */
    public BenchmarkReport run() throws IOException {
        for (long kib : BLOCK_KIB) {
            host(kib);
        }
        for (long kib : BLOCK_KIB) {
            disk(kib);
            delete(folder.resolve("tier"));
        }
        String subject =
                "blocks of 16 layer slices, verified; one reader and one writer thread for host;"
                        + " disk on %s beside sequential direct I/O of 4 MiB, the better of 1 and 2"
                                .formatted(Files.getFileStore(folder).type())
                        + " threads";
        return new BenchmarkReport("tiers", subject, results);
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
