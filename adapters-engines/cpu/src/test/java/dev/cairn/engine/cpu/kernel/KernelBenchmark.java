package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The linear part of one Llama-1B layer (61 million weights) and its attention, per provider,
 * format and batch.
 *
 * <p>Not part of any build. After {@code ./mvnw -pl adapters-engines/cpu test-compile}, with the
 * module's test class path: {@code java --enable-native-access=ALL-UNNAMED --add-modules
 * jdk.incubator.vector -cp CLASSPATH org.openjdk.jmh.Main KernelBenchmark -p provider=native -p
 * format=Q8_0 -p tokens=1,8,512}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--enable-native-access=ALL-UNNAMED",
            "--add-modules",
            "jdk.incubator.vector"
        })
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelBenchmark {

    private static final int HIDDEN = 2048;
    private static final int INTERMEDIATE = 8192;
    private static final int KV_WIDTH = 512;

    /** Positions that a query of the attention benchmark sees. */
    private static final int DEPTH = 1024;

    @Param({"native", "vector"})
    String provider;

    @Param({"Q8_0", "Q4_0", "BF16", "F32"})
    WeightFormat format;

    @Param({"1", "8", "128"})
    int tokens;

    @Param({"2"})
    int threads;

    private final SplittableRandom random = new SplittableRandom(1);
    private Arena arena;
    private Crew crew;
    private ParallelKernels kernels;
    private PackedMatrix[] matrices;
    private MemorySegment input;
    private MemorySegment prepared;
    private MemorySegment output;
    private KvLayout layout;
    private MemorySegment pool;
    private MemorySegment blockTable;

    /** Weights of four matrices, and a sequence of {@value #DEPTH} tokens in a pool. */
    @Setup(Level.Trial)
    public void setUp() {
        arena = Arena.ofShared();
        crew = new Crew(threads, Crew.DEFAULT_SPIN_NANOS);
        Kernels chosen =
                KernelProviders.all().stream()
                        .filter(k -> k.name().startsWith(provider))
                        .findFirst()
                        .orElseThrow();
        kernels = new ParallelKernels(chosen, crew);
        matrices =
                new PackedMatrix[] {
                    matrix(HIDDEN + 2 * KV_WIDTH, HIDDEN),
                    matrix(HIDDEN, HIDDEN),
                    matrix(2 * INTERMEDIATE, HIDDEN),
                    matrix(HIDDEN, INTERMEDIATE)
                };
        input = normal((long) tokens * INTERMEDIATE);
        prepared = HugeMemory.allocate(tokens * format.activation().rowBytes(INTERMEDIATE), arena);
        output = HugeMemory.allocate(tokens * 2L * INTERMEDIATE * 4, arena);
        int blocks = (DEPTH + tokens) / 16 + 1;
        layout = new KvLayout(KvElement.BF16, 1, blocks, 16, 8, 64);
        pool = HugeMemory.allocate(layout.poolBytes(), arena);
        blockTable = arena.allocate(blocks * 4L, 64);
        for (int i = 0; i < blocks; i++) {
            blockTable.setAtIndex(ValueLayout.JAVA_INT, i, blocks - 1 - i);
        }
    }

    private PackedMatrix matrix(int rows, int columns) {
        MemorySegment data =
                HugeMemory.allocate(PackedMatrix.packedBytes(format, rows, columns), arena);
        MemorySegment row = normal(columns);
        StoredRows source =
                new StoredRows() {
                    @Override
                    public WeightFormat format() {
                        return WeightFormat.F32;
                    }

                    @Override
                    public MemorySegment row(int number) {
                        return row;
                    }
                };
        return MatrixPacker.pack(source, new PackedMatrix(format, rows, columns, data));
    }

    private MemorySegment normal(long count) {
        MemorySegment values = HugeMemory.allocate(count * 4, arena);
        for (long i = 0; i < count; i++) {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        return values;
    }

    /** Ends the threads and frees the memory. */
    @TearDown(Level.Trial)
    public void tearDown() {
        crew.close();
        arena.close();
    }

    /** Four products with their preparation: one layer of a step. */
    @Benchmark
    public void layer() {
        product(matrices[0]);
        product(matrices[1]);
        product(matrices[2]);
        product(matrices[3]);
    }

    private void product(PackedMatrix weights) {
        MemorySegment rows = input;
        if (format.activation().needsPreparation()) {
            kernels.prepare(format.activation(), input, weights.columns(), prepared, tokens);
            rows = prepared;
        }
        kernels.matmul(weights, rows, tokens, output, weights.rows());
    }

    /** 32 query heads over 8 KV heads of 64 in bfloat16, behind {@value #DEPTH} tokens. */
    @Benchmark
    public void attention() {
        AttentionShape shape = new AttentionShape(32, 0.125f, 0, 0);
        crew.run(
                8,
                head ->
                        kernels.kernels()
                                .attend(
                                        layout,
                                        pool,
                                        0,
                                        shape,
                                        blockTable,
                                        DEPTH,
                                        input,
                                        output,
                                        HIDDEN,
                                        head,
                                        0,
                                        tokens));
    }
}
