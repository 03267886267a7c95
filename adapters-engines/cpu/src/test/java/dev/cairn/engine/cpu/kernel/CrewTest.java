package dev.cairn.engine.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The crew: every part once, by all threads, whether they spin or park. */
class CrewTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1_000, Crew.DEFAULT_SPIN_NANOS})
    void everyPartOfEveryJobRunsOnce(long spinNanos) {
        try (Crew crew = new Crew(4, spinNanos)) {
            for (int job = 0; job < 2_000; job++) {
                int count = job % 19;
                AtomicIntegerArray runs = new AtomicIntegerArray(19);
                crew.run(count, runs::incrementAndGet);
                for (int part = 0; part < 19; part++) {
                    assertThat(runs.get(part))
                            .as("job %d, part %d", job, part)
                            .isEqualTo(part < count ? 1 : 0);
                }
            }
        }
    }

    /** Parts that wait for each other end only if different threads hold them. */
    @Test
    void partsRunAtTheSameTime() {
        try (Crew crew = new Crew(3, 0)) {
            CountDownLatch together = new CountDownLatch(3);
            Set<Thread> threads = ConcurrentHashMap.newKeySet();
            crew.run(
                    3,
                    part -> {
                        together.countDown();
                        awaitAll(together);
                        threads.add(Thread.currentThread());
                    });
            assertThat(threads).hasSize(3).contains(Thread.currentThread());
        }
    }

    @Test
    void whatAPartThrowsReachesTheCallerAndTheCrewLivesOn() {
        try (Crew crew = new Crew(2, 0)) {
            assertThatThrownBy(
                            () ->
                                    crew.run(
                                            8,
                                            part -> {
                                                if (part == 5) {
                                                    throw new IllegalArgumentException("part 5");
                                                }
                                            }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("part 5");
            AtomicIntegerArray runs = new AtomicIntegerArray(8);
            crew.run(8, runs::incrementAndGet);
            assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1, 1, 1, 1, 1]");
        }
    }

    @Test
    void aClosedCrewRefusesWork() {
        Crew crew = new Crew(2, 0);
        crew.close();
        assertThatThrownBy(() -> crew.run(2, part -> {})).isInstanceOf(IllegalStateException.class);
    }

    /** How products are cut and over how many threads they run changes no bit. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void productsAreTheSameForAnyCrew(int size) {
        Samples samples = new Samples(31);
        Kernels kernels = KernelProviders.all().getFirst();
        int columns = 256;
        int tokens = 9;
        List<PackedMatrix> matrices =
                List.of(
                        samples.matrix(WeightFormat.Q8_0, 700, columns),
                        samples.matrix(WeightFormat.Q4_0, 40, columns),
                        samples.matrix(WeightFormat.Q8_0, 333, columns));
        MemorySegment input = samples.of(samples.normal(tokens * columns));
        MemorySegment prepared =
                samples.prepared(kernels, WeightFormat.Q8_0, input, tokens, columns);
        try (Crew crew = new Crew(size, 0)) {
            ParallelKernels parallel = new ParallelKernels(kernels, crew);
            List<ParallelKernels.Product> products =
                    matrices.stream().map(matrix -> product(samples, matrix, tokens)).toList();
            parallel.matmul(products, prepared, tokens);
            for (ParallelKernels.Product product : products) {
                PackedMatrix weights = product.weights();
                MemorySegment expected = samples.zeros((long) tokens * weights.rows() * 4);
                kernels.matmul(
                        weights, prepared, tokens, expected, weights.rows(), 0, weights.panels());
                samples.assertSame(product.output(), expected, "crew of " + size);
            }
        }
    }

    private static ParallelKernels.Product product(
            Samples samples, PackedMatrix matrix, int tokens) {
        return new ParallelKernels.Product(
                matrix, samples.zeros((long) tokens * matrix.rows() * 4), matrix.rows());
    }

    private static void awaitAll(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
