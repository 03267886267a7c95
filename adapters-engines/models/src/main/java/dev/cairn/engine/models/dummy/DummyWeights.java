package dev.cairn.engine.models.dummy;

import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Weights that are nowhere stored: each row is a slice of one pool of normal random numbers in
 * bfloat16, at a place that follows from the seed, the role, the layer, the expert and the row.
 * Rows that fall on overlapping places are alike, which no benchmark minds.
 */
public final class DummyWeights implements WeightSource {

    private static final int POOL = 1 << 20;
    private static final ValueLayout.OfShort BITS =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ModelArchitecture architecture;
    private final long seed;
    private final MemorySegment pool;

    /**
     * @param arena owns the pool of 2 MiB
     */
    public DummyWeights(ModelArchitecture architecture, long seed, Arena arena) {
        this.architecture = architecture;
        this.seed = seed;
        this.pool = pool(seed, 1 / Math.sqrt(architecture.hiddenSize()), arena).asReadOnly();
    }

    private static MemorySegment pool(long seed, double deviation, Arena arena) {
        MemorySegment pool = arena.allocate(2L * POOL, 64);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < POOL; i++) {
            float value = (float) (random.nextGaussian() * deviation);
            pool.setAtIndex(BITS, i, (short) ((Float.floatToRawIntBits(value) + 0x8000) >>> 16));
        }
        return pool;
    }

    private record PoolMatrix(MemorySegment pool, long salt, int rows, int columns)
            implements StoredMatrix {

        @Override
        public WeightType type() {
            return WeightType.BFLOAT16;
        }

        @Override
        public MemorySegment row(int row) {
            Objects.checkIndex(row, rows);
            int start = (int) Long.remainderUnsigned(mixed(salt + row), POOL - columns);
            return pool.asSlice(2L * start, 2L * columns);
        }
    }

    /** SplitMix64's finaliser: neighbouring inputs land far apart. */
    private static long mixed(long value) {
        long z = value * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Override
    public StoredMatrix matrix(WeightRole role, int layer, int expert) {
        int[] shape = shape(role, layer, expert);
        long salt =
                mixed(seed)
                        ^ mixed(
                                ((long) role.ordinal() << 40)
                                        | ((long) layer << 24)
                                        | ((long) expert << 16));
        return new PoolMatrix(pool, salt, shape[0], shape[1]);
    }

    private int[] shape(WeightRole role, int layer, int expert) {
        int hidden = architecture.hiddenSize();
        LayerArchitecture block =
                architecture.layers().get(Objects.checkIndex(layer, architecture.layers().size()));
        int queries = block.attention().heads() * block.attention().headSize();
        int keys = block.attention().keyValueHeads() * block.attention().headSize();
        int width = block.feedForward().intermediateSize();
        int experts =
                block.feedForward() instanceof FeedForwardArchitecture.Experts mixture
                        ? mixture.experts()
                        : 0;
        int[] shape =
                switch (role) {
                    case EMBEDDING -> new int[] {architecture.vocabularySize(), hidden};
                    case OUTPUT ->
                            architecture.tiedEmbeddings()
                                    ? null
                                    : new int[] {architecture.vocabularySize(), hidden};
                    case QUERY -> new int[] {queries, hidden};
                    case KEY, VALUE -> new int[] {keys, hidden};
                    case ATTENTION_OUTPUT -> new int[] {hidden, queries};
                    case GATE, UP -> experts > 0 ? null : new int[] {width, hidden};
                    case DOWN -> experts > 0 ? null : new int[] {hidden, width};
                    case ROUTER -> experts > 0 ? new int[] {experts, hidden} : null;
                    case EXPERT_GATE, EXPERT_UP ->
                            expert < experts ? new int[] {width, hidden} : null;
                    case EXPERT_DOWN -> expert < experts ? new int[] {hidden, width} : null;
                    case OUTPUT_NORM,
                            ATTENTION_NORM,
                            QUERY_BIAS,
                            KEY_BIAS,
                            VALUE_BIAS,
                            ATTENTION_OUTPUT_BIAS,
                            QUERY_NORM,
                            KEY_NORM,
                            POST_ATTENTION_NORM,
                            FEED_FORWARD_NORM,
                            POST_FEED_FORWARD_NORM ->
                            null;
                };
        if (shape == null) {
            throw new IllegalArgumentException(
                    "the model has no matrix "
                            + role
                            + " in layer "
                            + layer
                            + ", expert "
                            + expert);
        }
        return shape;
    }

    @Override
    public float[] vector(WeightRole role, int layer) {
        var attention =
                architecture
                        .layers()
                        .get(Objects.checkIndex(layer, architecture.layers().size()))
                        .attention();
        int size =
                switch (role) {
                    case OUTPUT_NORM, ATTENTION_NORM, FEED_FORWARD_NORM ->
                            architecture.hiddenSize();
                    case POST_ATTENTION_NORM, POST_FEED_FORWARD_NORM ->
                            architecture.postNorms() ? architecture.hiddenSize() : 0;
                    case QUERY_NORM, KEY_NORM ->
                            attention.queryKeyNorm() ? attention.headSize() : 0;
                    case QUERY_BIAS ->
                            attention.bias() ? attention.heads() * attention.headSize() : 0;
                    case KEY_BIAS, VALUE_BIAS ->
                            attention.bias() ? attention.keyValueHeads() * attention.headSize() : 0;
                    case ATTENTION_OUTPUT_BIAS ->
                            attention.outputBias() ? architecture.hiddenSize() : 0;
                    case EMBEDDING,
                            OUTPUT,
                            QUERY,
                            KEY,
                            VALUE,
                            ATTENTION_OUTPUT,
                            GATE,
                            UP,
                            DOWN,
                            ROUTER,
                            EXPERT_GATE,
                            EXPERT_UP,
                            EXPERT_DOWN ->
                            0;
                };
        if (size == 0) {
            throw new IllegalArgumentException(
                    "the model has no vector " + role + " in layer " + layer);
        }
        boolean norm = role.name().endsWith("NORM");
        float[] values = new float[size];
        SplittableRandom random =
                new SplittableRandom(mixed(seed) ^ mixed(((long) role.ordinal() << 40) | layer));
        for (int i = 0; i < size; i++) {
            values[i] = (norm ? 1 : 0) + 0.1f * (float) random.nextGaussian();
        }
        return values;
    }

    @Override
    public long storedBytes() {
        long weights =
                (long) architecture.vocabularySize()
                        * architecture.hiddenSize()
                        * (architecture.tiedEmbeddings() ? 1 : 2);
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            LayerArchitecture block = architecture.layers().get(layer);
            long heads =
                    2L
                            * (block.attention().heads() + block.attention().keyValueHeads())
                            * block.attention().headSize();
            long copies =
                    block.feedForward() instanceof FeedForwardArchitecture.Experts mixture
                            ? mixture.experts()
                            : 1;
            weights +=
                    architecture.hiddenSize()
                            * (heads + 3L * copies * block.feedForward().intermediateSize());
        }
        return 2 * weights;
    }

    @Override
    public WeightType dominantType() {
        return WeightType.BFLOAT16;
    }
}
