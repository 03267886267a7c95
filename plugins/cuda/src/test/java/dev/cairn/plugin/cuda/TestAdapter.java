package dev.cairn.plugin.cuda;

import dev.cairn.ports.model.AdapterArtifact;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A LoRA adapter of random weights for some of a test model's matrices, the same ones each time.
 *
 * @param rank of its largest pair
 * @param changed whether its files are not any more what they were
 */
record TestAdapter(TestModel model, int rank, long seed, boolean changed)
        implements AdapterArtifact {

    private static final List<WeightRole> ATTENTION =
            List.of(
                    WeightRole.QUERY,
                    WeightRole.KEY,
                    WeightRole.VALUE,
                    WeightRole.ATTENTION_OUTPUT);

    private static final List<WeightRole> DENSE =
            List.of(WeightRole.GATE, WeightRole.UP, WeightRole.DOWN);

    TestAdapter(TestModel model, int rank, long seed) {
        this(model, rank, seed, false);
    }

    /** Of float32 values, a row at a time. */
    private record Matrix(int rows, int columns, float[] values) implements StoredMatrix {

        static Matrix random(Random random, int rows, int columns, double deviation) {
            float[] values = new float[rows * columns];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
            return new Matrix(rows, columns, values);
        }

        @Override
        public WeightType type() {
            return WeightType.FLOAT32;
        }

        @Override
        public MemorySegment row(int row) {
            return MemorySegment.ofArray(
                    Arrays.copyOfRange(values, row * columns, (row + 1) * columns));
        }
    }

    @Override
    public Optional<Pair> pair(WeightRole role, int layer) {
        boolean dense = model.architecture().layers().get(layer).feedForward() instanceof Dense;
        Random random = new Random(seed + 31L * role.ordinal() + 1009L * layer);
        boolean adapted = layer == 0 || random.nextInt(4) > 0;
        if (!adapted || !(ATTENTION.contains(role) || (dense && DENSE.contains(role)))) {
            return Optional.empty();
        }
        StoredMatrix base = model.matrix(role, layer, 0);
        int own = role == WeightRole.QUERY ? rank : 1 + random.nextInt(rank);
        return Optional.of(
                new Pair(
                        Matrix.random(random, own, base.columns(), 1 / Math.sqrt(base.columns())),
                        Matrix.random(random, base.rows(), own, 0.3),
                        (float) (1 / Math.sqrt(own))));
    }

    @Override
    public String digest() {
        return "ab" + seed;
    }

    @Override
    public String location() {
        return "memory";
    }

    @Override
    public long storedBytes() {
        return 1;
    }

    @Override
    public void requireUnchanged() {
        if (changed) {
            throw new ModelException("memory: the adapter changed since it was registered");
        }
    }

    /** The model whose weights are those of the adapted one. */
    ModelArtifact merged() {
        return new Merged(model, this, new HashMap<>());
    }

    private record Merged(
            TestModel model, TestAdapter adapter, Map<List<Object>, StoredMatrix> made)
            implements ModelArtifact, WeightSource {

        @Override
        public StoredMatrix matrix(WeightRole role, int layer, int expert) {
            return made.computeIfAbsent(
                    List.of(role, layer, expert),
                    _ -> {
                        StoredMatrix base = model.matrix(role, layer, expert);
                        Optional<Pair> pair = adapter.pair(role, layer);
                        return pair.isEmpty() ? base : sum(base, pair.get());
                    });
        }

        private static StoredMatrix sum(StoredMatrix base, Pair pair) {
            float[] values = new float[base.rows() * base.columns()];
            float[][] down = new float[pair.down().rows()][];
            Arrays.setAll(down, k -> floats(pair.down().row(k)));
            for (int row = 0; row < base.rows(); row++) {
                float[] up = floats(pair.up().row(row));
                float[] own = floats(base.row(row));
                for (int i = 0; i < base.columns(); i++) {
                    double sum = 0;
                    for (int k = 0; k < up.length; k++) {
                        sum += (double) up[k] * down[k][i];
                    }
                    values[row * base.columns() + i] = (float) (own[i] + pair.scale() * sum);
                }
            }
            return new Matrix(base.rows(), base.columns(), values);
        }

        private static float[] floats(MemorySegment row) {
            return row.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        }

        @Override
        public float[] vector(WeightRole role, int layer) {
            return model.vector(role, layer);
        }

        @Override
        public long storedBytes() {
            return model.storedBytes();
        }

        @Override
        public WeightType dominantType() {
            return model.dominantType();
        }

        @Override
        public String defaultName() {
            return "merged";
        }

        @Override
        public String location() {
            return "memory";
        }

        @Override
        public ModelArchitecture architecture() {
            return model.architecture();
        }

        @Override
        public WeightSource weights() {
            return this;
        }

        @Override
        public TextCodec codec() {
            return model.codec();
        }

        @Override
        public GenerationDefaults generationDefaults() {
            return model.generationDefaults();
        }

        @Override
        public ModelFingerprint fingerprint() {
            return model.fingerprint();
        }

        @Override
        public void close() {
            // nothing is held
        }
    }
}
