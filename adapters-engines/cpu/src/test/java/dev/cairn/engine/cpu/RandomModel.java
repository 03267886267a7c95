package dev.cairn.engine.cpu;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Activation;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.model.RotaryEncoding;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;

/** Tiny models with random weights, in the shapes of the families that Cairn serves. */
final class RandomModel implements ModelArtifact, WeightSource {

    /** Whether the files that the weights were read from are gone. */
    volatile boolean lost;

    /** A family's peculiarities in the smallest model that has them all. */
    enum Family {
        LLAMA,
        LLAMA_ROPE_LINEAR,
        LLAMA_ROPE_LLAMA3,
        QWEN2_BIAS,
        QWEN3_HEAD_NORM,
        GEMMA3_LOCAL_GLOBAL,
        GEMMA2_SOFTCAP,
        MISTRAL_WINDOW,
        MIXTRAL,
        QWEN3_MOE,
        PHI3_LONGROPE,
        PARTIAL_ROTARY
    }

    static final int VOCABULARY = 83;
    static final int WINDOW = 11;

    /** Longest sequence of the first of two forms of positions. */
    static final int FIRST_FORM = 32;

    private static final int POSITIONS = 1024;

    private final ModelArchitecture architecture;
    private final WeightType type;
    private final Map<String, TestMatrix> matrices = new HashMap<>();
    private final Map<String, float[]> vectors = new HashMap<>();

    private RandomModel(ModelArchitecture architecture, WeightType type) {
        this.architecture = architecture;
        this.type = type;
    }

    static RandomModel of(Family family, WeightType type, Random random) {
        RandomModel model = new RandomModel(architecture(family, random), type);
        model.fill(random);
        return model;
    }

    private static ModelArchitecture architecture(Family family, Random random) {
        boolean gemma = family == Family.GEMMA3_LOCAL_GLOBAL || family == Family.GEMMA2_SOFTCAP;
        int hidden = 32 * (1 + random.nextInt(3));
        int layers = 2 + random.nextInt(2);
        List<LayerArchitecture> stack = new ArrayList<>();
        int keyValueHeads = 1 + random.nextInt(2);
        int heads = keyValueHeads * (1 + random.nextInt(3));
        int headSize = 32;
        for (int layer = 0; layer < layers; layer++) {
            AttentionArchitecture attention =
                    attention(family, layer, heads, keyValueHeads, headSize);
            stack.add(new LayerArchitecture(attention, feedForward(family, layer)));
        }
        return new ModelArchitecture(
                family.name(),
                VOCABULARY,
                hidden,
                POSITIONS,
                1e-5f,
                gemma ? (float) Math.sqrt(hidden) : 1,
                family == Family.GEMMA2_SOFTCAP ? OptionalDouble.of(5) : OptionalDouble.empty(),
                gemma || family == Family.QWEN2_BIAS,
                gemma,
                stack);
    }

    private static AttentionArchitecture attention(
            Family family, int layer, int heads, int keyValueHeads, int headSize) {
        boolean local =
                switch (family) {
                    case MISTRAL_WINDOW, PHI3_LONGROPE -> true;
                    case GEMMA3_LOCAL_GLOBAL, GEMMA2_SOFTCAP -> layer % 2 == 0;
                    case LLAMA,
                            LLAMA_ROPE_LINEAR,
                            LLAMA_ROPE_LLAMA3,
                            QWEN2_BIAS,
                            QWEN3_HEAD_NORM,
                            MIXTRAL,
                            QWEN3_MOE,
                            PARTIAL_ROTARY ->
                            false;
                };
        return new AttentionArchitecture(
                heads,
                keyValueHeads,
                headSize,
                (float) (1 / Math.sqrt(headSize)),
                local ? OptionalInt.of(WINDOW) : OptionalInt.empty(),
                family == Family.GEMMA2_SOFTCAP ? OptionalDouble.of(3) : OptionalDouble.empty(),
                family == Family.QWEN3_HEAD_NORM
                        || family == Family.QWEN3_MOE
                        || family == Family.GEMMA3_LOCAL_GLOBAL,
                family == Family.QWEN2_BIAS,
                family == Family.PARTIAL_ROTARY,
                rotary(family, local, headSize));
    }

    private static RotaryEncoding rotary(Family family, boolean local, int headSize) {
        boolean partial = family == Family.PARTIAL_ROTARY || family == Family.PHI3_LONGROPE;
        int rotated = partial ? headSize / 2 : headSize;
        float[] frequencies = new float[rotated / 2];
        double base = local && family == Family.GEMMA3_LOCAL_GLOBAL ? 100 : 10_000;
        for (int i = 0; i < frequencies.length; i++) {
            double frequency = Math.pow(base, -2.0 * i / rotated);
            frequencies[i] =
                    (float)
                            switch (family) {
                                case LLAMA_ROPE_LINEAR -> frequency / 4;
                                // the long wavelengths alone are slowed down, the shortest stay
                                case LLAMA_ROPE_LLAMA3 ->
                                        2 * Math.PI / frequency > 64 ? frequency / 8 : frequency;
                                case LLAMA,
                                        QWEN2_BIAS,
                                        QWEN3_HEAD_NORM,
                                        GEMMA3_LOCAL_GLOBAL,
                                        GEMMA2_SOFTCAP,
                                        MISTRAL_WINDOW,
                                        MIXTRAL,
                                        QWEN3_MOE,
                                        PHI3_LONGROPE,
                                        PARTIAL_ROTARY ->
                                        frequency;
                            };
        }
        float magnitude = partial ? 1.25f : 1;
        if (family != Family.PHI3_LONGROPE) {
            return new RotaryEncoding("default", frequencies, magnitude);
        }
        float[] stretched = frequencies.clone();
        for (int i = 0; i < stretched.length; i++) {
            stretched[i] /= 1.5f + 0.3f * i;
        }
        return new RotaryEncoding(
                "longrope",
                frequencies,
                magnitude,
                Optional.of(new RotaryEncoding.Beyond(FIRST_FORM, stretched)));
    }

    private static FeedForwardArchitecture feedForward(Family family, int layer) {
        return switch (family) {
            case MIXTRAL -> new Experts(5, 2, true, 64, Activation.SILU);
            case QWEN3_MOE ->
                    layer == 1
                            ? new Dense(96, Activation.SILU)
                            : new Experts(5, 3, false, 64, Activation.SILU);
            case GEMMA3_LOCAL_GLOBAL, GEMMA2_SOFTCAP -> new Dense(96, Activation.GELU_TANH);
            case LLAMA,
                    LLAMA_ROPE_LINEAR,
                    LLAMA_ROPE_LLAMA3,
                    QWEN2_BIAS,
                    QWEN3_HEAD_NORM,
                    MISTRAL_WINDOW,
                    PHI3_LONGROPE,
                    PARTIAL_ROTARY ->
                    new Dense(96, Activation.SILU);
        };
    }

    private void fill(Random random) {
        int hidden = architecture.hiddenSize();
        matrix(random, WeightRole.EMBEDDING, 0, 0, VOCABULARY, hidden, 1);
        if (!architecture.tiedEmbeddings()) {
            matrix(random, WeightRole.OUTPUT, 0, 0, VOCABULARY, hidden, 2 / Math.sqrt(hidden));
        }
        norm(random, WeightRole.OUTPUT_NORM, 0, hidden);
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            fillAttention(random, layer, architecture.layers().get(layer).attention());
            fillFeedForward(random, layer, architecture.layers().get(layer).feedForward());
        }
    }

    private void fillAttention(Random random, int layer, AttentionArchitecture attention) {
        int hidden = architecture.hiddenSize();
        int query = attention.heads() * attention.headSize();
        int key = attention.keyValueHeads() * attention.headSize();
        double scale = 1 / Math.sqrt(hidden);
        norm(random, WeightRole.ATTENTION_NORM, layer, hidden);
        matrix(random, WeightRole.QUERY, layer, 0, query, hidden, scale);
        matrix(random, WeightRole.KEY, layer, 0, key, hidden, scale);
        matrix(random, WeightRole.VALUE, layer, 0, key, hidden, scale);
        matrix(random, WeightRole.ATTENTION_OUTPUT, layer, 0, hidden, query, 1 / Math.sqrt(query));
        if (attention.bias()) {
            vector(random, WeightRole.QUERY_BIAS, layer, query, 0, 0.5);
            vector(random, WeightRole.KEY_BIAS, layer, key, 0, 0.5);
            vector(random, WeightRole.VALUE_BIAS, layer, key, 0, 0.5);
        }
        if (attention.outputBias()) {
            vector(random, WeightRole.ATTENTION_OUTPUT_BIAS, layer, hidden, 0, 0.5);
        }
        if (attention.queryKeyNorm()) {
            norm(random, WeightRole.QUERY_NORM, layer, attention.headSize());
            norm(random, WeightRole.KEY_NORM, layer, attention.headSize());
        }
        if (architecture.postNorms()) {
            norm(random, WeightRole.POST_ATTENTION_NORM, layer, hidden);
        }
    }

    private void fillFeedForward(Random random, int layer, FeedForwardArchitecture feedForward) {
        int hidden = architecture.hiddenSize();
        int width = feedForward.intermediateSize();
        double in = 1 / Math.sqrt(hidden);
        double out = 1 / Math.sqrt(width);
        norm(random, WeightRole.FEED_FORWARD_NORM, layer, hidden);
        switch (feedForward) {
            case Dense _ -> {
                matrix(random, WeightRole.GATE, layer, 0, width, hidden, in);
                matrix(random, WeightRole.UP, layer, 0, width, hidden, in);
                matrix(random, WeightRole.DOWN, layer, 0, hidden, width, out);
            }
            case Experts experts -> {
                matrix(random, WeightRole.ROUTER, layer, 0, experts.experts(), hidden, in);
                for (int expert = 0; expert < experts.experts(); expert++) {
                    matrix(random, WeightRole.EXPERT_GATE, layer, expert, width, hidden, in);
                    matrix(random, WeightRole.EXPERT_UP, layer, expert, width, hidden, in);
                    matrix(random, WeightRole.EXPERT_DOWN, layer, expert, hidden, width, out);
                }
            }
        }
        if (architecture.postNorms()) {
            norm(random, WeightRole.POST_FEED_FORWARD_NORM, layer, hidden);
        }
    }

    private void matrix(
            Random random,
            WeightRole role,
            int layer,
            int expert,
            int rows,
            int columns,
            double scale) {
        // a router is kept as it is whatever the file's type, so that the same experts are chosen
        WeightType own = role == WeightRole.ROUTER ? WeightType.FLOAT32 : type;
        matrices.put(
                key(role, layer, expert), TestMatrix.random(random, own, rows, columns, scale));
    }

    private void norm(Random random, WeightRole role, int layer, int size) {
        vector(random, role, layer, size, 1, 0.2);
    }

    private void vector(
            Random random, WeightRole role, int layer, int size, double mean, double deviation) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        vectors.put(key(role, layer, 0), values);
    }

    private static String key(WeightRole role, int layer, int expert) {
        return role + " " + layer + " " + expert;
    }

    /** The same model with an adapter's share added to its matrices. */
    RandomModel merged(RandomAdapter adapter) {
        RandomModel merged = new RandomModel(architecture, type);
        merged.matrices.putAll(matrices);
        merged.vectors.putAll(vectors);
        for (int layer = 0; layer < architecture.layers().size(); layer++) {
            for (WeightRole role : RandomAdapter.roles(architecture, layer)) {
                TestMatrix sum = adapter.addedTo(values(role, layer, 0), role, layer);
                merged.matrices.put(key(role, layer, 0), sum);
            }
        }
        return merged;
    }

    /** Replaces a matrix by one whose elements are all the same. */
    RandomModel withConstant(WeightRole role, int layer, float value) {
        TestMatrix old = matrices.get(key(role, layer, 0));
        matrices.put(
                key(role, layer, 0),
                TestMatrix.constant(old.type(), old.rows(), old.columns(), value));
        return this;
    }

    @Override
    public StoredMatrix matrix(WeightRole role, int layer, int expert) {
        return values(role, layer, expert);
    }

    /** Whether sequences have a choice between two forms of positions. */
    boolean hasTwoForms() {
        return architecture.layers().getFirst().attention().rotary().beyond().isPresent();
    }

    TestMatrix values(WeightRole role, int layer, int expert) {
        TestMatrix found = matrices.get(key(role, layer, expert));
        if (found == null) {
            throw new IllegalArgumentException("no " + key(role, layer, expert));
        }
        return found;
    }

    @Override
    public float[] vector(WeightRole role, int layer) {
        float[] found = vectors.get(key(role, layer, 0));
        if (found == null) {
            throw new IllegalArgumentException("no " + key(role, layer, 0));
        }
        return found;
    }

    @Override
    public long storedBytes() {
        return matrices.values().stream().mapToLong(TestMatrix::storedBytes).sum();
    }

    @Override
    public WeightType dominantType() {
        return type;
    }

    @Override
    public String defaultName() {
        return "random-" + architecture.family();
    }

    @Override
    public String location() {
        return "memory";
    }

    @Override
    public ModelArchitecture architecture() {
        return architecture;
    }

    @Override
    public WeightSource weights() {
        return this;
    }

    @Override
    public TextCodec codec() {
        throw new AssertionError("a runner asks for no text");
    }

    @Override
    public GenerationDefaults generationDefaults() {
        return GenerationDefaults.none();
    }

    @Override
    public ModelFingerprint fingerprint() {
        return ModelFingerprint.of(new byte[32]);
    }

    @Override
    public void requireUnchanged() {
        if (lost) {
            throw new ModelException("the weights are gone");
        }
    }

    @Override
    public void close() {}
}
