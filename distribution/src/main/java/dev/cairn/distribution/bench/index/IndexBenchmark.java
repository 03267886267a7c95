package dev.cairn.distribution.bench.index;

import com.sun.management.ThreadMXBean;
import dev.cairn.core.route.PrefixIndex;
import dev.cairn.core.route.PrefixIndexOptions;
import dev.cairn.core.route.PrefixMatch;
import dev.cairn.distribution.bench.BenchmarkReport;
import dev.cairn.distribution.bench.BenchmarkReport.Result;
import dev.cairn.distribution.bench.index.IndexEvents.Change;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How fast the prefix index takes events and answers, and what it takes of memory: all events into
 * an empty index by one thread, then look-ups by one thread and by two, then both at once.
 *
 * <p>Threads: those that it starts.
 */
public final class IndexBenchmark {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final int WARM_RUNS = 5;
    private static final int MOST_BLOCKS = 1 << 24;
    private static final double MOST_ENTRY_BYTES = 64;

    private final IndexEvents events;
    private final int runs;
    private final List<Double> ingest = new ArrayList<>();
    private final List<Double> ingestByCpu = new ArrayList<>();
    private final List<Double> garbage = new ArrayList<>();
    private long scoreSum;

    public IndexBenchmark(IndexEvents events, int runs) {
        this.events = events;
        this.runs = runs;
    }

    public BenchmarkReport run() {
        PrefixIndex index = null;
        for (int run = -WARM_RUNS; run < runs; run++) {
            index = ingest(run >= 0);
        }
        List<Result> results = new ArrayList<>();
        results.add(new Result("ingest", "Mblock/s", ingest));
        results.add(new Result("ingest-cpu", "Mblock/CPU-s", ingestByCpu));
        results.add(new Result("ingest-again-garbage", "B/block", List.of(again(index))));
        double bytes = (double) index.bytes() / index.entries();
        results.add(
                Result.judged(
                        "entry-bytes",
                        "B",
                        List.of(bytes),
                        "<= 64 B per worker and block",
                        bytes <= MOST_ENTRY_BYTES));
        lookups(index, 1, results);
        lookups(index, 2, results);
        results.add(new Result("lookup-garbage", "B", garbage));
        mixed(results);
        return new BenchmarkReport(
                "index",
                "%d workers, %d distinct blocks, %d entries; look-ups of %.0f blocks, sum of depths %d"
                        .formatted(
                                events.workers(),
                                index.blocks(),
                                index.entries(),
                                events.meanLookup(),
                                scoreSum),
                results);
    }

    private PrefixIndex newIndex() {
        return new PrefixIndex(new PrefixIndexOptions(MOST_BLOCKS, events.workers()));
    }

    private PrefixIndex ingest(boolean counts) {
        PrefixIndex index = newIndex();
        long start = System.nanoTime();
        long before = THREADS.getCurrentThreadCpuTime();
        apply(index);
        long cpu = THREADS.getCurrentThreadCpuTime() - before;
        double seconds = (System.nanoTime() - start) / 1e9;
        if (counts) {
            ingest.add(events.blockOperations() / seconds / 1e6);
            ingestByCpu.add(events.blockOperations() / (cpu / 1e3));
        }
        return index;
    }

    private void apply(PrefixIndex index) {
        for (Change change : events.changes()) {
            apply(index, change);
        }
    }

    private static void apply(PrefixIndex index, Change change) {
        long[] keys = change.keys();
        if (change.stores()) {
            index.stored(change.worker(), 0, change.parent(), keys, 0, keys.length);
        } else {
            index.removed(change.worker(), 0, keys, 0, keys.length);
        }
    }

    /**
     * Everything goes and comes once more: bytes allocated for a block when the index has its size.
     */
    private double again(PrefixIndex index) {
        for (int worker = 0; worker < events.workers(); worker++) {
            index.cleared(worker);
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();
        apply(index);
        long made = THREADS.getCurrentThreadAllocatedBytes() - before;
        return (double) made / events.blockOperations();
    }

    private void lookups(PrefixIndex index, int threads, List<Result> results) {
        List<Double> rates = new ArrayList<>();
        List<Double> ratesByCpu = new ArrayList<>();
        List<List<Double>> times = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int run = -WARM_RUNS; run < runs; run++) {
            long start = System.nanoTime();
            List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                readers.add(new Reader(index, i, threads));
            }
            long[] nanos = Reader.joinAll(readers);
            double seconds = (System.nanoTime() - start) / 1e9;
            if (run >= 0) {
                rates.add(nanos.length / seconds / 1e3);
                long cpu = readers.stream().mapToLong(reader -> reader.cpu).sum();
                ratesByCpu.add(nanos.length / (cpu / 1e6));
                times.get(0).add(percentile(nanos, 0.5));
                times.get(1).add(percentile(nanos, 0.99));
                times.get(2).add(percentile(nanos, 0.999));
                readers.forEach(reader -> garbage.add(reader.garbage));
                scoreSum = readers.stream().mapToLong(reader -> reader.sum).sum();
            }
        }
        String name = "lookup-" + threads + "t";
        results.add(new Result(name, "k/s", rates));
        results.add(new Result(name + "-cpu", "k/CPU-s", ratesByCpu));
        results.add(new Result(name + "-p50", "us", times.get(0)));
        results.add(new Result(name + "-p99", "us", times.get(1)));
        results.add(new Result(name + "-p99.9", "us", times.get(2)));
    }

    /** One thread streams all events in while another one looks up, both as fast as they can. */
    private void mixed(List<Result> results) {
        List<Double> rates = new ArrayList<>();
        List<Double> medians = new ArrayList<>();
        List<Double> tails = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            PrefixIndex index = newIndex();
            Reader reader = new Reader(index, 0, 1);
            long start = System.nanoTime();
            apply(index);
            rates.add(events.blockOperations() / ((System.nanoTime() - start) / 1e3));
            long[] nanos = Reader.joinAll(List.of(reader));
            medians.add(percentile(nanos, 0.5));
            tails.add(percentile(nanos, 0.99));
        }
        results.add(new Result("mixed-ingest", "Mblock/s", rates));
        results.add(new Result("mixed-lookup-p50", "us", medians));
        results.add(new Result("mixed-lookup-p99", "us", tails));
    }

    private static double percentile(long[] sorted, double share) {
        return sorted[(int) ((sorted.length - 1) * share)] / 1e3;
    }

    /** Looks up every so manieth prefix, once, in a thread of its own. */
    private final class Reader implements Runnable {

        private final PrefixIndex index;
        private final int first;
        private final int stride;
        private final long[] nanos;
        private final Thread thread;
        private long sum;
        private double garbage;
        private long cpu;

        Reader(PrefixIndex index, int first, int stride) {
            this.index = index;
            this.first = first;
            this.stride = stride;
            this.nanos = new long[(events.lookups().size() - first + stride - 1) / stride];
            this.thread = Thread.ofPlatform().name("lookup-" + first).start(this);
        }

        @Override
        public void run() {
            PrefixMatch match = index.newMatch();
            long cpuBefore = THREADS.getCurrentThreadCpuTime();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < nanos.length; i++) {
                long[] prefix = events.lookups().get(first + i * stride);
                long start = System.nanoTime();
                index.match(prefix, prefix.length, match);
                nanos[i] = System.nanoTime() - start;
                for (int k = 0; k < match.workers(); k++) {
                    sum += match.depth(match.worker(k));
                }
            }
            long made = THREADS.getCurrentThreadAllocatedBytes() - before;
            cpu = THREADS.getCurrentThreadCpuTime() - cpuBefore;
            garbage = (double) made / Math.max(1, nanos.length);
        }

        static long[] joinAll(List<Reader> readers) {
            try {
                for (Reader reader : readers) {
                    reader.thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while look-ups were measured", e);
            }
            return readers.stream()
                    .flatMapToLong(reader -> Arrays.stream(reader.nanos))
                    .sorted()
                    .toArray();
        }
    }
}
