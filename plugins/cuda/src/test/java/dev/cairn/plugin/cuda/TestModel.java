package dev.cairn.plugin.cuda;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.BlockEncoding;
import dev.cairn.ports.model.EncodedRows;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Activation;
import dev.cairn.ports.model.FeedForwardArchitecture.Dense;
import dev.cairn.ports.model.FeedForwardArchitecture.Experts;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.ModelFingerprint;
import dev.cairn.ports.model.RotaryEncoding;
import dev.cairn.ports.model.RotaryEncoding.Beyond;
import dev.cairn.ports.model.StoredMatrix;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.model.WeightRole;
import dev.cairn.ports.model.WeightSource;
import dev.cairn.ports.model.WeightType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;

/**
 * A tiny model with random weights, made as they are asked for, the same ones each time. That the
 * numbers are those of real families is for the oracles of the distribution to show; here they have
 * to be there.
 *
 * @param type in which matrices are stored
 * @param rich whether it has everything that families add to Llama: windows, norms, biases, caps,
 *     experts
 * @param forms of its positions
 * @param codes of its weights where the type is Q8_0
 */
record TestModel(WeightType type, boolean rich, Forms forms, Codes codes)
        implements ModelArtifact, WeightSource {

    /** In which forms positions enter. */
    enum Forms {
        FIRST,
        SECOND,
        BOTH
    }

    /** What quantised weights are like. */
    enum Codes {
        USUAL,
        /** Of five bits, though their type has more. */
        FIVE_BITS,
        /** The same, whose file has them in blocks of five bits. */
        FIVE_BITS_IN_BLOCKS
    }

    TestModel(WeightType type, boolean rich) {
        this(type, rich, Forms.FIRST, Codes.USUAL);
    }

    static final int VOCABULARY = 83;
    static final int HIDDEN = 64;
    private static final int HEADS = 4;
    private static final int KEY_HEADS = 2;
    private static final int HEAD = 32;
    private static final int WIDTH = 96;
    private static final int EXPERTS = 5;
    private static final int WINDOW = 11;

    /** Longest sequence whose positions enter by the first form where there are two. */
    static final int FIRST_FORM = 32;

    @Override
    public ModelArchitecture architecture() {
        List<LayerArchitecture> layers = new ArrayList<>();
        for (int layer = 0; layer < 2; layer++) {
            layers.add(
                    new LayerArchitecture(
                            attention(rich && layer == 0), feedForward(rich && layer == 1)));
        }
        return new ModelArchitecture(
                "test",
                VOCABULARY,
                HIDDEN,
                1024,
                1e-5f,
                rich ? 8 : 1,
                rich ? OptionalDouble.of(5) : OptionalDouble.empty(),
                rich,
                rich,
                layers);
    }

    private AttentionArchitecture attention(boolean local) {
        return new AttentionArchitecture(
                HEADS,
                KEY_HEADS,
                HEAD,
                (float) (1 / Math.sqrt(HEAD)),
                local ? OptionalInt.of(WINDOW) : OptionalInt.empty(),
                local ? OptionalDouble.of(3) : OptionalDouble.empty(),
                rich,
                rich,
                rich,
                rotary());
    }

    private RotaryEncoding rotary() {
        float[] first = frequencies(10_000);
        float[] second = frequencies(300);
        return switch (forms) {
            case FIRST -> new RotaryEncoding("default", first, 1);
            case SECOND -> new RotaryEncoding("default", second, 1);
            case BOTH ->
                    new RotaryEncoding(
                            "longrope", first, 1, Optional.of(new Beyond(FIRST_FORM, second)));
        };
    }

    private float[] frequencies(double base) {
        float[] frequencies = new float[(rich ? HEAD / 2 : HEAD) / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) Math.pow(base, -1.0 * i / frequencies.length);
        }
        return frequencies;
    }

    private FeedForwardArchitecture feedForward(boolean routed) {
        return routed
                ? new Experts(EXPERTS, 2, true, WIDTH, Activation.SILU)
                : new Dense(WIDTH, rich ? Activation.GELU_TANH : Activation.SILU);
    }

    @Override
    public StoredMatrix matrix(WeightRole role, int layer, int expert) {
        int rows = rows(role);
        int columns =
                switch (role) {
                    case ATTENTION_OUTPUT -> HEADS * HEAD;
                    case DOWN, EXPERT_DOWN -> WIDTH;
                    default -> HIDDEN;
                };
        WeightType own = role == WeightRole.ROUTER ? WeightType.FLOAT32 : type;
        return new RandomMatrix(
                own, rows, columns, 1000L * role.ordinal() + 10L * layer + expert, codes);
    }

    private static int rows(WeightRole role) {
        return switch (role) {
            case EMBEDDING, OUTPUT -> VOCABULARY;
            case QUERY, QUERY_BIAS -> HEADS * HEAD;
            case KEY, VALUE, KEY_BIAS, VALUE_BIAS -> KEY_HEADS * HEAD;
            case GATE, UP, EXPERT_GATE, EXPERT_UP -> WIDTH;
            case ROUTER -> EXPERTS;
            case QUERY_NORM, KEY_NORM -> HEAD;
            default -> HIDDEN;
        };
    }

    @Override
    public float[] vector(WeightRole role, int layer) {
        Random random = new Random(31L * role.ordinal() + layer);
        float[] values = new float[rows(role)];
        for (int i = 0; i < values.length; i++) {
            boolean norm = role.name().endsWith("NORM");
            values[i] = (float) ((norm ? 1 : 0) + 0.2 * random.nextGaussian());
        }
        return values;
    }

    /** Gaussian numbers, a row at a time. */
    private record RandomMatrix(WeightType type, int rows, int columns, long seed, Codes kind)
            implements StoredMatrix {

        @Override
        public Optional<EncodedRows> encoded() {
            return kind == Codes.FIVE_BITS_IN_BLOCKS && type == WeightType.Q8_0
                    ? Optional.of(new FiveBits(this))
                    : Optional.empty();
        }

        @Override
        public MemorySegment row(int row) {
            Random random = new Random(seed * 7919 + row);
            double deviation = 1 / Math.sqrt(columns);
            ByteBuffer out =
                    ByteBuffer.allocate((int) type.rowBytes(columns))
                            .order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < columns; i += type.blockLength()) {
                if (type.blockLength() > 1) {
                    out.putShort(Float.floatToFloat16((float) (deviation / 45)));
                    byte[] codes = new byte[type.blockBytes() - 2];
                    for (int k = 0; k < codes.length; k++) {
                        codes[k] =
                                kind != Codes.USUAL
                                        ? (byte) (random.nextInt(32) - 16)
                                        : type == WeightType.Q8_0
                                                ? (byte)
                                                        Math.clamp(
                                                                (long) (45 * random.nextGaussian()),
                                                                -127,
                                                                127)
                                                : (byte) random.nextInt(256);
                    }
                    out.put(codes);
                } else if (type == WeightType.FLOAT32) {
                    out.putFloat((float) (deviation * random.nextGaussian()));
                } else {
                    float value = (float) (deviation * random.nextGaussian());
                    out.putShort(
                            type == WeightType.FLOAT16
                                    ? Float.floatToFloat16(value)
                                    : (short) (Float.floatToRawIntBits(value) >>> 16));
                }
            }
            return MemorySegment.ofArray(out.array()).asReadOnly();
        }
    }

    /** Rows of Q8_0 with small codes as rows of Q5_0. */
    private record FiveBits(StoredMatrix matrix) implements EncodedRows {

        @Override
        public BlockEncoding encoding() {
            return BlockEncoding.Q5_0;
        }

        @Override
        public MemorySegment row(int row) {
            ByteBuffer from = matrix.row(row).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer out =
                    ByteBuffer.allocate((int) encoding().rowBytes(matrix.columns()))
                            .order(ByteOrder.LITTLE_ENDIAN);
            while (from.hasRemaining()) {
                out.putShort(from.getShort());
                byte[] codes = new byte[32];
                from.get(codes);
                int high = 0;
                byte[] nibbles = new byte[16];
                for (int i = 0; i < 32; i++) {
                    int code = codes[i] + 16;
                    high |= (code >> 4) << i;
                    nibbles[i % 16] |= (byte) ((code & 15) << i / 16 * 4);
                }
                out.putInt(high).put(nibbles);
            }
            return MemorySegment.ofArray(out.array()).asReadOnly();
        }
    }

    @Override
    public long storedBytes() {
        return 1;
    }

    @Override
    public WeightType dominantType() {
        return type;
    }

    @Override
    public String defaultName() {
        return "test-model";
    }

    @Override
    public String location() {
        return "memory";
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
    public void close() {
        // nothing is held
    }
}
