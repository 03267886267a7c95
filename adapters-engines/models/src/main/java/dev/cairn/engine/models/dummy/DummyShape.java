package dev.cairn.engine.models.dummy;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Activation;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.RotaryEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** A published model's sizes under a short name. */
public record DummyShape(String name, ModelArchitecture architecture) {

    private static final int GEMMA_WINDOW = 512;

    private enum Family {
        LLAMA("llama"),
        QWEN2("qwen2"),
        QWEN3("qwen3"),
        GEMMA3("gemma3_text"),
        MIXTRAL("mixtral");

        private final String modelType;

        Family(String modelType) {
            this.modelType = modelType;
        }
    }

    /** Numbers of a published config.json. */
    private record Sizes(
            Family family,
            int layers,
            int hidden,
            int intermediate,
            int heads,
            int keyValueHeads,
            int headSize,
            int vocabulary,
            int positions,
            double base,
            boolean tied) {}

    public static List<String> names() {
        return List.of(
                "tiny",
                "tiny-moe",
                "smollm2-135m",
                "smollm2-360m",
                "qwen2.5-0.5b",
                "qwen3-0.6b",
                "gemma3-1b",
                "llama-3.2-1b",
                "llama-3.2-3b",
                "llama-3.1-8b",
                "mixtral-8x7b");
    }

    /** The shape of that name, if there is one. */
    public static Optional<DummyShape> named(String name) {
        Sizes sizes =
                switch (name) {
                    case "tiny" ->
                            new Sizes(Family.LLAMA, 2, 64, 160, 4, 2, 16, 512, 2048, 1e4, true);
                    case "tiny-moe" ->
                            new Sizes(Family.MIXTRAL, 2, 64, 96, 4, 2, 16, 512, 2048, 1e6, false);
                    case "smollm2-135m" ->
                            new Sizes(
                                    Family.LLAMA, 30, 576, 1536, 9, 3, 64, 49_152, 8192, 1e5, true);
                    case "smollm2-360m" ->
                            new Sizes(
                                    Family.LLAMA,
                                    32,
                                    960,
                                    2560,
                                    15,
                                    5,
                                    64,
                                    49_152,
                                    8192,
                                    1e5,
                                    true);
                    case "qwen2.5-0.5b" ->
                            new Sizes(
                                    Family.QWEN2,
                                    24,
                                    896,
                                    4864,
                                    14,
                                    2,
                                    64,
                                    151_936,
                                    32_768,
                                    1e6,
                                    true);
                    case "qwen3-0.6b" ->
                            new Sizes(
                                    Family.QWEN3,
                                    28,
                                    1024,
                                    3072,
                                    16,
                                    8,
                                    128,
                                    151_936,
                                    40_960,
                                    1e6,
                                    true);
                    case "gemma3-1b" ->
                            new Sizes(
                                    Family.GEMMA3,
                                    26,
                                    1152,
                                    6912,
                                    4,
                                    1,
                                    256,
                                    262_144,
                                    32_768,
                                    1e6,
                                    true);
                    case "llama-3.2-1b" ->
                            new Sizes(
                                    Family.LLAMA,
                                    16,
                                    2048,
                                    8192,
                                    32,
                                    8,
                                    64,
                                    128_256,
                                    131_072,
                                    5e5,
                                    true);
                    case "llama-3.2-3b" ->
                            new Sizes(
                                    Family.LLAMA,
                                    28,
                                    3072,
                                    8192,
                                    24,
                                    8,
                                    128,
                                    128_256,
                                    131_072,
                                    5e5,
                                    true);
                    case "llama-3.1-8b" ->
                            new Sizes(
                                    Family.LLAMA,
                                    32,
                                    4096,
                                    14_336,
                                    32,
                                    8,
                                    128,
                                    128_256,
                                    131_072,
                                    5e5,
                                    false);
                    case "mixtral-8x7b" ->
                            new Sizes(
                                    Family.MIXTRAL,
                                    32,
                                    4096,
                                    14_336,
                                    32,
                                    8,
                                    128,
                                    32_000,
                                    32_768,
                                    1e6,
                                    false);
                    default -> null;
                };
        return Optional.ofNullable(sizes).map(found -> new DummyShape(name, architecture(found)));
    }

    private static ModelArchitecture architecture(Sizes sizes) {
        boolean gemma = sizes.family() == Family.GEMMA3;
        List<LayerArchitecture> layers = new ArrayList<>();
        for (int i = 0; i < sizes.layers(); i++) {
            boolean local = gemma && (i + 1) % 6 != 0;
            layers.add(new LayerArchitecture(attention(sizes, local), feedForward(sizes)));
        }
        return new ModelArchitecture(
                sizes.family().modelType,
                sizes.vocabulary(),
                sizes.hidden(),
                sizes.positions(),
                1e-5f,
                gemma ? (float) Math.sqrt(sizes.hidden()) : 1,
                OptionalDouble.empty(),
                sizes.tied(),
                gemma,
                layers);
    }

    private static AttentionArchitecture attention(Sizes sizes, boolean local) {
        double base = local ? 1e4 : sizes.base();
        float[] frequencies = new float[sizes.headSize() / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) Math.pow(base, -2.0 * i / sizes.headSize());
        }
        return new AttentionArchitecture(
                sizes.heads(),
                sizes.keyValueHeads(),
                sizes.headSize(),
                (float) (1 / Math.sqrt(sizes.headSize())),
                local ? OptionalInt.of(GEMMA_WINDOW) : OptionalInt.empty(),
                OptionalDouble.empty(),
                sizes.family() == Family.QWEN3 || sizes.family() == Family.GEMMA3,
                sizes.family() == Family.QWEN2,
                false,
                new RotaryEncoding("default", frequencies, 1));
    }

    private static FeedForwardArchitecture feedForward(Sizes sizes) {
        return switch (sizes.family()) {
            case MIXTRAL ->
                    new FeedForwardArchitecture.Experts(
                            8, 2, true, sizes.intermediate(), Activation.SILU);
            case GEMMA3 ->
                    new FeedForwardArchitecture.Dense(sizes.intermediate(), Activation.GELU_TANH);
            case LLAMA, QWEN2, QWEN3 ->
                    new FeedForwardArchitecture.Dense(sizes.intermediate(), Activation.SILU);
        };
    }
}
