package dev.cairn.engine.cpu.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attention over paged keys and values: right, the same from every provider, and the same in any
 * chunk.
 */
class AttentionTest {

    private static final Kernels PLAIN = new PlainKernels();

    static List<Kernels> providers() {
        return KernelProviders.all();
    }

    /**
     * One sequence in a pool of shuffled blocks whose other bytes are NaN: what should not be read
     * would show.
     */
    private record Scene(
            Samples samples,
            KvLayout layout,
            AttentionShape shape,
            int layer,
            int length,
            MemorySegment blockTable,
            MemorySegment slots,
            MemorySegment keys,
            MemorySegment values,
            MemorySegment queries) {

        static Scene random(long seed, int longest) {
            Samples samples = new Samples(seed);
            int kvHeads = samples.between(1, 3);
            int group = samples.oneOf(1, 2, 3, 4, 7);
            int size = samples.oneOf(8, 16, 20, 32, 64, 80, 128);
            int blockTokens = samples.oneOf(16, 32, 48);
            int length = samples.between(1, samples.coin() ? 40 : longest);
            int blocks = (length + blockTokens - 1) / blockTokens + 3;
            KvElement element = samples.oneOf(KvElement.values());
            KvLayout layout = new KvLayout(element, 2, blocks, blockTokens, kvHeads, size);
            int window = samples.coin() ? 0 : samples.between(1, 200);
            AttentionShape shape =
                    new AttentionShape(
                            kvHeads * group,
                            1 / (float) Math.sqrt(size),
                            window,
                            samples.coin() ? 0 : 3);
            int[] table = samples.shuffled(blocks);
            int[] slots = new int[length];
            for (int i = 0; i < length; i++) {
                slots[i] = table[i / blockTokens] * blockTokens + i % blockTokens;
            }
            return new Scene(
                    samples,
                    layout,
                    shape,
                    samples.between(0, 1),
                    length,
                    samples.of(table),
                    samples.of(slots),
                    samples.of(samples.normal(length * kvHeads * size)),
                    samples.of(samples.normal(length * kvHeads * size)),
                    samples.of(samples.normal(length * shape.queryHeads() * size)));
        }

        MemorySegment pool() {
            MemorySegment pool = samples.zeros(layout.poolBytes());
            for (long i = 0; i < layout.poolBytes() / 4; i++) {
                pool.setAtIndex(PlainMemory.INT, i, 0x7fc07fc0);
            }
            return pool;
        }

        void store(Kernels kernels, MemorySegment pool, int from, int to) {
            int stride = layout.kvHeads() * layout.headSize();
            kernels.storeKv(layout, pool, layer, slots, keys, values, stride, from, to);
        }

        MemorySegment output() {
            return samples.zeros(queries.byteSize());
        }

        int stride() {
            return shape.queryHeads() * layout.headSize();
        }

        /**
         * Queries from..to of the sequence as one call per KV head, query 0 of the call being token
         * {@code first}.
         */
        void attend(
                Kernels kernels,
                MemorySegment pool,
                MemorySegment output,
                int first,
                int from,
                int to) {
            long bytes = first * 4L * stride();
            for (int head = 0; head < layout.kvHeads(); head++) {
                kernels.attend(
                        layout,
                        pool,
                        layer,
                        shape,
                        blockTable,
                        first,
                        queries.asSlice(bytes),
                        output.asSlice(bytes),
                        stride(),
                        head,
                        from - first,
                        to - first);
            }
        }

        String what(Kernels kernels) {
            return "%s, %s, %s, %d tokens".formatted(kernels.name(), layout, shape, length);
        }
    }

    /**
     * Against softmax in double precision over keys and values as they are stored. Scores lose
     * about 1e-6 in float32 chains, the weights as much relatively; 2e-5 of the largest output
     * leaves room for heads of 128 and softcaps.
     */
    @RepeatedTest(40)
    void plainAgreesWithSoftmaxInDoublePrecision(RepetitionInfo repetition) {
        Scene scene = Scene.random(repetition.getCurrentRepetition(), 300);
        MemorySegment pool = scene.pool();
        scene.store(PLAIN, pool, 0, scene.length());
        MemorySegment output = scene.output();
        double[] expected = new double[scene.length() * scene.stride()];
        int last = scene.length() - 1;
        for (int token : IntStream.of(0, last / 2, last).distinct().toArray()) {
            scene.attend(PLAIN, pool, output, 0, token, token + 1);
            for (int head = 0; head < scene.shape().queryHeads(); head++) {
                ReferenceAttention.attend(
                        scene.layout(),
                        pool,
                        scene.layer(),
                        scene.shape(),
                        scene.blockTable(),
                        scene.queries(),
                        token,
                        head,
                        expected);
            }
        }
        float[] actual = Samples.floats(output);
        MemorySegment compared = scene.output();
        for (int i = 0; i < expected.length; i++) {
            boolean computed = expected[i] != 0;
            compared.setAtIndex(PlainMemory.FLOAT, i, computed ? actual[i] : 0);
        }
        scene.samples().assertClose(compared, expected, 2e-5, scene.what(PLAIN));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    void providersAgreeBitForBit(Kernels kernels) {
        for (int seed = 1; seed <= 20; seed++) {
            Scene scene = Scene.random(1000 + seed, 300);
            MemorySegment expectedPool = scene.pool();
            scene.store(PLAIN, expectedPool, 0, scene.length());
            MemorySegment pool = scene.pool();
            scene.store(kernels, pool, 0, scene.length());
            scene.samples().assertSame(pool, expectedPool, "pool of " + scene.what(kernels));
            int from = scene.samples().between(0, scene.length() - 1);
            int to = Math.min(scene.length(), from + 12);
            MemorySegment expected = scene.output();
            scene.attend(PLAIN, pool, expected, 0, from, to);
            MemorySegment actual = scene.output();
            scene.attend(kernels, pool, actual, 0, from, to);
            scene.samples().assertSame(actual, expected, scene.what(kernels));
        }
    }

    /**
     * Prefilled at once, in chunks of random size, and token by token: blocks are stored as they
     * are reached.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    void aTokensResultIsTheSameInAnyChunk(Kernels kernels) {
        for (int seed = 1; seed <= 6; seed++) {
            Scene scene = Scene.random(2000 + seed, 160);
            MemorySegment wholePool = scene.pool();
            scene.store(kernels, wholePool, 0, scene.length());
            MemorySegment whole = scene.output();
            scene.attend(kernels, wholePool, whole, 0, 0, scene.length());
            for (int most : new int[] {1, 30}) {
                MemorySegment pool = scene.pool();
                MemorySegment output = scene.output();
                for (int from = 0; from < scene.length(); ) {
                    int to = Math.min(scene.length(), from + scene.samples().between(1, most));
                    scene.store(kernels, pool, from, to);
                    scene.attend(kernels, pool, output, from, from, to);
                    from = to;
                }
                scene.samples()
                        .assertSame(
                                output,
                                whole,
                                "chunks up to " + most + " of " + scene.what(kernels));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("providers")
    void blocksBehindTheWindowAreNotLookedUp(Kernels kernels) {
        Samples samples = new Samples(7);
        KvLayout layout = new KvLayout(KvElement.F32, 1, 4, 16, 1, 16);
        AttentionShape shape = new AttentionShape(1, 0.25f, 20, 0);
        MemorySegment pool = samples.zeros(layout.poolBytes());
        MemorySegment query = samples.of(samples.normal(16));
        MemorySegment freed = samples.of(-1, -1, 2, 3);
        MemorySegment kept = samples.of(0, 1, 2, 3);
        MemorySegment expected = samples.zeros(64);
        MemorySegment actual = samples.zeros(64);
        kernels.attend(layout, pool, 0, shape, kept, 55, query, expected, 16, 0, 0, 1);
        kernels.attend(layout, pool, 0, shape, freed, 55, query, actual, 16, 0, 0, 1);
        samples.assertSame(actual, expected, kernels.name());
    }
}
