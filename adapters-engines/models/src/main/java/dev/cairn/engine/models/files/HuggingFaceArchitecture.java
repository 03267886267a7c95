package dev.cairn.engine.models.files;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Activation;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.RotaryEncoding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Turns {@code config.json} into an architecture: the layout published before transformers 5
 * ({@code rope_theta}, {@code rope_scaling}, {@code torch_dtype}) and the one since ({@code
 * rope_parameters}, {@code layer_types}, {@code dtype}). Defaults are those of the families' own
 * configuration classes.
 */
public final class HuggingFaceArchitecture {

    private static final String SERVED = "llama, qwen2, qwen3, gemma3_text (gemma3) and mixtral";
    private static final int MAX_WIDTH = 1 << 20;
    private static final int MAX_LAYERS = 4096;
    private static final int MAX_VOCABULARY = 1 << 26;

    private final ConfigObject config;
    private final Family family;
    private final int hidden;
    private final int layers;
    private final int heads;
    private final int keyValueHeads;
    private final int headSize;

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

    private HuggingFaceArchitecture(ConfigObject config, Family family) {
        this.config = config;
        this.family = family;
        boolean gemma = family == Family.GEMMA3;
        hidden =
                gemma
                        ? config.integer("hidden_size", 1, MAX_WIDTH).orElse(2304)
                        : config.required("hidden_size", 1, MAX_WIDTH);
        layers =
                gemma
                        ? config.integer("num_hidden_layers", 1, MAX_LAYERS).orElse(26)
                        : config.required("num_hidden_layers", 1, MAX_LAYERS);
        heads =
                gemma
                        ? config.integer("num_attention_heads", 1, 4096).orElse(8)
                        : config.required("num_attention_heads", 1, 4096);
        keyValueHeads =
                config.integer("num_key_value_heads", 1, 4096)
                        .orElse(gemma ? 4 : family == Family.MIXTRAL ? 8 : heads);
        headSize =
                config.integer("head_dim", 2, 4096)
                        .orElseGet(
                                () ->
                                        switch (family) {
                                            case GEMMA3 -> 256;
                                            case QWEN3 -> 128;
                                            case LLAMA, QWEN2, MIXTRAL -> hidden / heads;
                                        });
        if (headSize < 2 || headSize % 2 != 0) {
            throw config.wrong("head_dim", "an even number");
        }
        if (heads % keyValueHeads != 0) {
            throw config.wrong("num_key_value_heads", "a divisor of num_attention_heads " + heads);
        }
    }

    /**
     * @param root {@code config.json}; for models of text and images its {@code text_config} is
     *     read
     * @throws ModelException if the family or one of its settings is not served, or a key is
     *     missing or wrong
     */
    public static ModelArchitecture read(ConfigObject root) {
        requireUnquantised(root);
        String outer =
                root.text("model_type")
                        .orElseThrow(() -> root.wrong("model_type", "the name of a family"));
        Optional<ConfigObject> nested = root.object("text_config");
        ConfigObject config = nested.orElse(root);
        requireUnquantised(config);
        String type = nested.flatMap(inner -> inner.text("model_type")).orElse(outer);
        Family family =
                switch (type) {
                    case "llama" -> Family.LLAMA;
                    case "qwen2" -> Family.QWEN2;
                    case "qwen3" -> Family.QWEN3;
                    case "gemma3_text", "gemma3" -> Family.GEMMA3;
                    case "mixtral" -> Family.MIXTRAL;
                    default ->
                            throw new ModelException(
                                    "%s: model type \"%s\" is not served yet; served are %s"
                                            .formatted(
                                                    root.file(), ConfigObject.shown(type), SERVED));
                };
        if (nested.isPresent() && !outer.equals("gemma3")) {
            throw new ModelException(
                    "%s: model type \"%s\" is not served yet; served are %s"
                            .formatted(root.file(), ConfigObject.shown(outer), SERVED));
        }
        return new HuggingFaceArchitecture(config, family).architecture(root);
    }

    private static void requireUnquantised(ConfigObject config) {
        config.object("quantization_config")
                .ifPresent(
                        quantization -> {
                            throw new ModelException(
                                    "%s: weights quantised by \"%s\" are not served yet; take the model in float32, float16 or bfloat16, or a GGUF file"
                                            .formatted(
                                                    config.file(),
                                                    ConfigObject.shown(
                                                            quantization
                                                                    .text("quant_method")
                                                                    .orElse("an unnamed method"))));
                        });
    }

    private ModelArchitecture architecture(ConfigObject root) {
        boolean gemma = family == Family.GEMMA3;
        requireFalse("use_bidirectional_attention");
        requireFalse("mlp_bias");
        boolean tied =
                config.truth("tie_word_embeddings")
                        .or(() -> root.truth("tie_word_embeddings"))
                        .orElse(gemma);
        return new ModelArchitecture(
                family.modelType,
                gemma
                        ? config.integer("vocab_size", 1, MAX_VOCABULARY).orElse(262_208)
                        : config.required("vocab_size", 1, MAX_VOCABULARY),
                hidden,
                config.integer("max_position_embeddings", 1, Integer.MAX_VALUE)
                        .orElse(gemma ? 131_072 : 2048),
                (float) config.positive("rms_norm_eps", family == Family.MIXTRAL ? 1e-5 : 1e-6),
                gemma ? (float) Math.sqrt(hidden) : 1,
                softcap("final_logit_softcapping"),
                tied,
                gemma,
                layers());
    }

    private void requireFalse(String key) {
        if (config.truth(key).orElse(false)) {
            throw new ModelException(config.file() + ": " + key + " true is not served yet");
        }
    }

    private OptionalDouble softcap(String key) {
        return config.has(key)
                ? OptionalDouble.of(config.positive(key, 1))
                : OptionalDouble.empty();
    }

    private List<LayerArchitecture> layers() {
        FeedForwardArchitecture feedForward = feedForward();
        Rotary rotary = rotary();
        OptionalInt window = window();
        List<Boolean> sliding = sliding(window);
        List<LayerArchitecture> result = new ArrayList<>();
        LayerArchitecture full =
                new LayerArchitecture(attention(OptionalInt.empty(), rotary.full()), feedForward);
        LayerArchitecture local =
                new LayerArchitecture(attention(window, rotary.sliding()), feedForward);
        sliding.forEach(slides -> result.add(slides ? local : full));
        return result;
    }

    private AttentionArchitecture attention(OptionalInt window, RotaryEncoding rotary) {
        boolean configuredBias = config.truth("attention_bias").orElse(false);
        double scale =
                switch (family) {
                    case GEMMA3 -> 1 / Math.sqrt(config.positive("query_pre_attn_scalar", 256));
                    case LLAMA, QWEN2, QWEN3, MIXTRAL -> 1 / Math.sqrt(headSize);
                };
        return new AttentionArchitecture(
                heads,
                keyValueHeads,
                headSize,
                (float) scale,
                window,
                softcap("attn_logit_softcapping"),
                family == Family.QWEN3 || family == Family.GEMMA3,
                family == Family.QWEN2 || (family != Family.MIXTRAL && configuredBias),
                family != Family.QWEN2 && family != Family.MIXTRAL && configuredBias,
                rotary);
    }

    private FeedForwardArchitecture feedForward() {
        int width =
                family == Family.GEMMA3
                        ? config.integer("intermediate_size", 1, MAX_WIDTH).orElse(9216)
                        : config.required("intermediate_size", 1, MAX_WIDTH);
        Activation activation = activation();
        if (family != Family.MIXTRAL) {
            return new FeedForwardArchitecture.Dense(width, activation);
        }
        int experts = config.integer("num_local_experts", 1, 1024).orElse(8);
        int perToken =
                config.integer("num_experts_per_tok", 1, experts).orElse(Math.min(2, experts));
        return new FeedForwardArchitecture.Experts(experts, perToken, true, width, activation);
    }

    private Activation activation() {
        boolean gemma = family == Family.GEMMA3;
        String key = gemma ? "hidden_activation" : "hidden_act";
        String name = config.text(key).orElse(gemma ? "gelu_pytorch_tanh" : "silu");
        return switch (name) {
            case "silu" -> Activation.SILU;
            case "gelu_pytorch_tanh" -> Activation.GELU_TANH;
            default ->
                    throw new ModelException(
                            "%s: %s \"%s\" is not served yet; served are silu and gelu_pytorch_tanh"
                                    .formatted(config.file(), key, ConfigObject.shown(name)));
        };
    }

    /** Position encodings of full and of sliding layers. */
    private record Rotary(RotaryEncoding full, RotaryEncoding sliding) {}

    private Rotary rotary() {
        double partial = config.positive("partial_rotary_factor", 1);
        double base =
                config.positive(
                        "rope_theta",
                        family == Family.GEMMA3 || family == Family.MIXTRAL ? 1_000_000 : 10_000);
        Optional<ConfigObject> parameters =
                config.object("rope_parameters").or(() -> config.object("rope_scaling"));
        if (parameters.isPresent() && parameters.get().has("full_attention")) {
            ConfigObject byType = parameters.get();
            RotaryEncoding full =
                    RotaryFrequencies.read(
                            byType.object("full_attention"), base, headSize, partial);
            RotaryEncoding sliding =
                    byType.has("sliding_attention")
                            ? RotaryFrequencies.read(
                                    byType.object("sliding_attention"),
                                    localBase(),
                                    headSize,
                                    partial)
                            : full;
            return new Rotary(full, sliding);
        }
        RotaryEncoding full = RotaryFrequencies.read(parameters, base, headSize, partial);
        // Gemma 3's scaling is for its global layers alone.
        return new Rotary(
                full,
                family == Family.GEMMA3
                        ? RotaryFrequencies.read(Optional.empty(), localBase(), headSize, partial)
                        : full);
    }

    private double localBase() {
        return config.positive("rope_local_base_freq", 10_000);
    }

    private OptionalInt window() {
        boolean used =
                switch (family) {
                    case QWEN2, QWEN3 -> config.truth("use_sliding_window").orElse(false);
                    case GEMMA3, MIXTRAL -> true;
                    case LLAMA -> false;
                };
        if (!used) {
            return OptionalInt.empty();
        }
        OptionalInt window = config.integer("sliding_window", 1, Integer.MAX_VALUE);
        return window.isEmpty() && family == Family.GEMMA3 ? OptionalInt.of(4096) : window;
    }

    /** Which layers see only the window. */
    private List<Boolean> sliding(OptionalInt window) {
        if (window.isEmpty()) {
            return IntStream.range(0, layers).mapToObj(_ -> false).toList();
        }
        Optional<List<String>> types = config.texts("layer_types");
        if (types.isPresent() && family != Family.MIXTRAL) {
            return types(types.get());
        }
        return switch (family) {
            case GEMMA3 -> {
                int pattern =
                        config.integer("sliding_window_pattern", 1, MAX_LAYERS)
                                .orElse(
                                        config.integer("_sliding_window_pattern", 1, MAX_LAYERS)
                                                .orElse(6));
                yield IntStream.range(0, layers).mapToObj(i -> (i + 1) % pattern != 0).toList();
            }
            case QWEN2, QWEN3 -> {
                int from = config.integer("max_window_layers", 0, Integer.MAX_VALUE).orElse(28);
                yield IntStream.range(0, layers).mapToObj(i -> i >= from).toList();
            }
            case LLAMA, MIXTRAL -> IntStream.range(0, layers).mapToObj(_ -> true).toList();
        };
    }

    private List<Boolean> types(List<String> types) {
        if (types.size() != layers) {
            throw config.wrong("layer_types", "a list of " + layers + " types, one for each layer");
        }
        return types.stream()
                .map(
                        type ->
                                switch (type) {
                                    case "full_attention" -> false;
                                    case "sliding_attention" -> true;
                                    default ->
                                            throw new ModelException(
                                                    "%s: layer type \"%s\" is not served yet; served are full_attention and sliding_attention"
                                                            .formatted(
                                                                    config.file(),
                                                                    ConfigObject.shown(type)));
                                })
                .toList();
    }
}
