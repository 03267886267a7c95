package dev.cairn.distribution.bench;

import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A LoRA adapter of random weights for every linear projection of a model's dense layers: what one
 * costs does not depend on what it says. All layers of one shape share their matrices as stored;
 * the engine packs them layer by layer.
 */
final class RandomAdapter implements AdapterArtifact {

    private final ModelArchitecture architecture;
    private final int rank;
    private final Map<WeightRole, Pair> pairs = new EnumMap<>(WeightRole.class);

    /**
     * @param weights of the model, for the shapes of its first layer
     */
    RandomAdapter(ModelArchitecture architecture, WeightSource weights, int rank, long seed) {
        this.architecture = architecture;
        this.rank = rank;
        Random random = new Random(seed);
        boolean dense =
                switch (architecture.layers().getFirst().feedForward()) {
                    case Dense _ -> true;
                    case Experts _ -> false;
                };
        for (WeightRole role : WeightRole.values()) {
            boolean attention =
                    role == WeightRole.QUERY
                            || role == WeightRole.KEY
                            || role == WeightRole.VALUE
                            || role == WeightRole.ATTENTION_OUTPUT;
            boolean unit =
                    role == WeightRole.GATE || role == WeightRole.UP || role == WeightRole.DOWN;
            if (attention || (unit && dense)) {
                StoredMatrix base = weights.matrix(role, 0);
                pairs.put(
                        role,
                        new Pair(
                                new Drawn(random, rank, base.columns()),
                                new Drawn(random, base.rows(), rank),
                                0.01f));
            }
        }
    }

    @Override
    public String digest() {
        return Integer.toHexString(rank);
    }

    @Override
    public String location() {
        return "random";
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public long storedBytes() {
        long elements = 0;
        for (Pair pair : pairs.values()) {
            elements += (long) rank * (pair.down().columns() + pair.up().rows());
        }
        return elements * Float.BYTES * architecture.layers().size();
    }

    @Override
    public Optional<Pair> pair(WeightRole role, int layer) {
        return Optional.ofNullable(pairs.get(role));
    }

    @Override
    public void requireUnchanged() {}

    /** Float32 in memory. */
    private record Drawn(int rows, int columns, MemorySegment bytes) implements StoredMatrix {

        Drawn(Random random, int rows, int columns) {
            this(rows, columns, MemorySegment.ofArray(new byte[4 * rows * columns]));
            for (int i = 0; i < rows * columns; i++) {
                bytes.set(
                        ValueLayout.JAVA_FLOAT_UNALIGNED,
                        4L * i,
                        (float) (random.nextGaussian() / Math.sqrt(columns)));
            }
        }

        @Override
        public WeightType type() {
            return WeightType.FLOAT32;
        }

        @Override
        public MemorySegment row(int row) {
            return bytes.asSlice(4L * row * columns, 4L * columns);
        }
    }
}
