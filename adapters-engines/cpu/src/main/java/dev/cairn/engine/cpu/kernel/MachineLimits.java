package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What this machine does at most in the instructions of the best kernels it runs: memory that is
 * read once, products of bytes and of floats on registers alone. Measured, for benchmarks to
 * compare with.
 *
 * @param readBytes that all threads together read in a second, from memory too large for any cache
 * @param int8Operations products and sums of bytes that they do in a second
 * @param floatOperations the same of float32
 */
public record MachineLimits(double readBytes, double int8Operations, double floatOperations) {

    private static final long READ = 256L << 20;
    private static final long ROUNDS = 40_000_000;
    private static final int SUMS = 8;
    private static final int LANES = 16;

    private static final int TURNS = 5;

    /**
     * Measures; takes some seconds and a quarter of a GiB for each thread.
     *
     * @return empty where there is no native library, with whose instructions to compare
     */
    public static Optional<MachineLimits> measure(int threads) {
        NativeLibrary library = NativeLibrary.get();
        if (library.levels().isEmpty()) {
            return Optional.empty();
        }
        String level = library.levels().getFirst().replace('-', '_');
        var rounds = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
        var floats = FunctionDescriptor.of(ValueLayout.JAVA_FLOAT, ValueLayout.JAVA_LONG);
        var reads =
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG);
        MethodHandle int8 = library.handle("cairn_limit_int8_" + level, rounds);
        MethodHandle single = library.handle("cairn_limit_float_" + level, floats);
        MethodHandle read = library.handle("cairn_limit_read_" + level, reads);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment[] memory = new MemorySegment[threads];
            for (int i = 0; i < threads; i++) {
                memory[i] = HugeMemory.allocate(READ, arena);
                memory[i].fill((byte) 1);
            }
            double products = (double) ROUNDS * SUMS * LANES * threads;
            return Optional.of(
                    new MachineLimits(
                            READ
                                    * (double) threads
                                    / fastest(
                                            threads, i -> (long) read.invokeExact(memory[i], READ)),
                            products * 8 / fastest(threads, _ -> (long) int8.invokeExact(ROUNDS)),
                            products
                                    * 2
                                    / fastest(
                                            threads,
                                            _ -> (long) (float) single.invokeExact(ROUNDS))));
        }
    }

    /** What a thread does, by its number. */
    private interface Work {
        long run(int thread) throws Throwable;
    }

    /** Seconds of the fastest of a few turns, in which all threads do the same at once. */
    private static double fastest(int threads, Work work) {
        double best = Double.MAX_VALUE;
        for (int turn = 0; turn < TURNS; turn++) {
            long start = System.nanoTime();
            List<CompletableFuture<Void>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                CompletableFuture<Void> done = new CompletableFuture<>();
                Thread.ofPlatform().start(() -> finish(done, work, thread));
                running.add(done);
            }
            running.forEach(CompletableFuture::join);
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }

    private static void finish(CompletableFuture<Void> done, Work work, int thread) {
        try {
            work.run(thread);
            done.complete(null);
        } catch (Throwable failed) {
            done.completeExceptionally(failed);
        }
    }
}
