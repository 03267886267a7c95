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

    private static final int MAX_WIDTH = 1 << 20;
    private static final int MAX_LAYERS = 4096;
    private static final int MAX_VOCABULARY = 1 << 26;

    private final ConfigObject config;
    private final HuggingFaceFamily family;
    private final int hidden;
    private final int layers;
    private final int heads;
    private final int keyValueHeads;
    private final int headSize;

    private HuggingFaceArchitecture(ConfigObject config, HuggingFaceFamily family) {
        this.config = config;
        this.family = family;
        hidden = width("hidden_size", 2304);
        layers =
                family.gemma()
                        ? config.integer("num_hidden_layers", 1, MAX_LAYERS).orElse(26)
                        : config.required("num_hidden_layers", 1, MAX_LAYERS);
        heads =
                family.gemma()
                        ? config.integer("num_attention_heads", 1, 4096).orElse(8)
                        : config.required("num_attention_heads", 1, 4096);
        keyValueHeads =
                config.integer("num_key_value_heads", 1, 4096).orElse(family.keyValueHeads(heads));
        headSize = config.integer("head_dim", 2, 4096).orElse(family.headSize(hidden, heads));
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
        String outer =
                root.text("model_type")
                        .orElseThrow(() -> root.wrong("model_type", "the name of a family"));
        Optional<ConfigObject> nested = root.object("text_config");
        ConfigObject config = nested.orElse(root);
        String type = nested.flatMap(inner -> inner.text("model_type")).orElse(outer);
        HuggingFaceFamily family = HuggingFaceFamily.of(root.file(), type);
        if (nested.isPresent() && !outer.equals("gemma3")) {
            throw HuggingFaceFamily.unserved(root.file(), outer);
        }
        return new HuggingFaceArchitecture(config, family).architecture(root);
    }

    private ModelArchitecture architecture(ConfigObject root) {
        requireFalse("use_bidirectional_attention");
        requireFalse("mlp_bias");
        boolean gemma = family.gemma();
        boolean tied =
                config.truth("tie_word_embeddings")
                        .or(() -> root.truth("tie_word_embeddings"))
                        .orElse(gemma);
        return new ModelArchitecture(
                family.modelType(),
                gemma
                        ? config.integer("vocab_size", 1, MAX_VOCABULARY)
                                .orElse(family == HuggingFaceFamily.GEMMA2 ? 256_000 : 262_208)
                        : config.required("vocab_size", 1, MAX_VOCABULARY),
                hidden,
                maxPositions(),
                (float) config.positive("rms_norm_eps", family.epsilon()),
                gemma ? (float) Math.sqrt(hidden) : 1,
                softcap("final_logit_softcapping", 30),
                tied,
                gemma,
                layers());
    }

    private int maxPositions() {
        return config.integer("max_position_embeddings", 1, Integer.MAX_VALUE)
                .orElse(
                        switch (family) {
                            case GEMMA3, MISTRAL, MIXTRAL -> 131_072;
                            case GEMMA2 -> 8192;
                            case QWEN2, QWEN3, QWEN3_MOE -> 32_768;
                            case PHI3 -> 4096;
                            case LLAMA -> 2048;
                        });
    }

    private int width(String key, int gemmas) {
        return family.gemma()
                ? config.integer(key, 1, MAX_WIDTH).orElse(gemmas)
                : config.required(key, 1, MAX_WIDTH);
    }

    private void requireFalse(String key) {
        if (config.truth(key).orElse(false)) {
            throw new ModelException(config.file() + ": " + key + " true is not served");
        }
    }

    /** A cap; Gemma 2 has one even where its file does not say so, unless it says null. */
    private OptionalDouble softcap(String key, double gemma2) {
        if (config.has(key)) {
            return OptionalDouble.of(config.positive(key, 1));
        }
        return family == HuggingFaceFamily.GEMMA2 && !config.members().containsKey(key)
                ? OptionalDouble.of(gemma2)
                : OptionalDouble.empty();
    }

    private List<LayerArchitecture> layers() {
        Rotary rotary = rotary();
        OptionalInt window = window();
        List<Boolean> sliding = sliding(window);
        AttentionArchitecture full = attention(OptionalInt.empty(), rotary.full());
        AttentionArchitecture local = attention(window, rotary.sliding());
        FeedForwardArchitecture feedForward = feedForward();
        FeedForwardArchitecture dense =
                family == HuggingFaceFamily.QWEN3_MOE ? dense() : feedForward;
        List<Integer> denseLayers = denseLayers();
        List<LayerArchitecture> result = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            result.add(
                    new LayerArchitecture(
                            sliding.get(layer) ? local : full,
                            denseLayers.contains(layer) ? dense : feedForward));
        }
        return result;
    }

    /** Layers of a mixture of experts that have none: Qwen's two ways to name them. */
    private List<Integer> denseLayers() {
        if (family != HuggingFaceFamily.QWEN3_MOE) {
            return List.of();
        }
        List<Integer> named = config.integers("mlp_only_layers", 0, MAX_LAYERS);
        int step = config.integer("decoder_sparse_step", 1, MAX_LAYERS).orElse(1);
        return IntStream.range(0, layers)
                .filter(layer -> named.contains(layer) || (layer + 1) % step != 0)
                .boxed()
                .toList();
    }

    private AttentionArchitecture attention(OptionalInt window, RotaryEncoding rotary) {
        boolean bias = family.configuresBias() && config.truth("attention_bias").orElse(false);
        double scaledBy = family.gemma() ? config.positive("query_pre_attn_scalar", 256) : headSize;
        return new AttentionArchitecture(
                heads,
                keyValueHeads,
                headSize,
                (float) (1 / Math.sqrt(scaledBy)),
                window,
                softcap("attn_logit_softcapping", 50),
                family.queryKeyNorm(),
                family == HuggingFaceFamily.QWEN2 || bias,
                bias,
                rotary);
    }

    private FeedForwardArchitecture feedForward() {
        return switch (family) {
            case MIXTRAL ->
                    experts(
                            config.integer("num_local_experts", 1, 1024).orElse(8),
                            2,
                            true,
                            config.required("intermediate_size", 1, MAX_WIDTH));
            case QWEN3_MOE ->
                    experts(
                            config.integer("num_experts", 1, 1024)
                                    .orElse(
                                            config.integer("num_local_experts", 1, 1024)
                                                    .orElse(128)),
                            8,
                            config.truth("norm_topk_prob").orElse(false),
                            config.integer("moe_intermediate_size", 1, MAX_WIDTH).orElse(768));
            case LLAMA, MISTRAL, QWEN2, QWEN3, GEMMA2, GEMMA3, PHI3 -> dense();
        };
    }

    private FeedForwardArchitecture dense() {
        return new FeedForwardArchitecture.Dense(width("intermediate_size", 9216), activation());
    }

    private FeedForwardArchitecture experts(
            int experts, int usualPerToken, boolean renormalise, int width) {
        int perToken =
                config.integer("num_experts_per_tok", 1, experts)
                        .orElse(Math.min(usualPerToken, experts));
        return new FeedForwardArchitecture.Experts(
                experts, perToken, renormalise, width, activation());
    }

    private Activation activation() {
        boolean gemma = family.gemma();
        String key = gemma ? "hidden_activation" : "hidden_act";
        String name = config.text(key).orElse(gemma ? "gelu_pytorch_tanh" : "silu");
        return switch (name) {
            case "silu" -> Activation.SILU;
            case "gelu_pytorch_tanh" -> Activation.GELU_TANH;
            default ->
                    throw new ModelException(
                            "%s: %s \"%s\" is not served; served are silu and gelu_pytorch_tanh"
                                    .formatted(config.file(), key, ConfigObject.shown(name)));
        };
    }

    /** Position encodings of full and of sliding layers. */
    private record Rotary(RotaryEncoding full, RotaryEncoding sliding) {}

    private Rotary rotary() {
        RotaryFrequencies.Defaults defaults =
                new RotaryFrequencies.Defaults(
                        config.positive("rope_theta", family.rotaryBase()),
                        headSize,
                        config.positive("partial_rotary_factor", 1),
                        maxPositions(),
                        originalPositions(),
                        family == HuggingFaceFamily.PHI3);
        Optional<ConfigObject> parameters =
                config.object("rope_parameters").or(() -> config.object("rope_scaling"));
        if (parameters.isPresent() && parameters.get().has("full_attention")) {
            ConfigObject byType = parameters.get();
            RotaryEncoding full = RotaryFrequencies.read(byType.object("full_attention"), defaults);
            RotaryEncoding sliding =
                    byType.has("sliding_attention")
                            ? RotaryFrequencies.read(
                                    byType.object("sliding_attention"),
                                    defaults.withBase(localBase()))
                            : full;
            return new Rotary(full, sliding);
        }
        RotaryEncoding full = RotaryFrequencies.read(parameters, defaults);
        // Gemma 3's scaling is for its global layers alone.
        return new Rotary(
                full,
                family == HuggingFaceFamily.GEMMA3
                        ? RotaryFrequencies.read(Optional.empty(), defaults.withBase(localBase()))
                        : full);
    }

    /**
     * The length that a model was trained with before it was stretched, where config.json has it.
     */
    private OptionalInt originalPositions() {
        OptionalInt named =
                config.integer("original_max_position_embeddings", 1, Integer.MAX_VALUE);
        return named.isEmpty() && family == HuggingFaceFamily.PHI3 ? OptionalInt.of(4096) : named;
    }

    private double localBase() {
        return config.positive("rope_local_base_freq", 10_000);
    }

    private OptionalInt window() {
        boolean used =
                switch (family) {
                    case QWEN2, QWEN3, QWEN3_MOE ->
                            config.truth("use_sliding_window").orElse(false);
                    case MISTRAL, GEMMA2, GEMMA3, MIXTRAL, PHI3 -> true;
                    case LLAMA -> false;
                };
        if (!used) {
            return OptionalInt.empty();
        }
        OptionalInt window = config.integer("sliding_window", 1, Integer.MAX_VALUE);
        if (window.isPresent()) {
            return window;
        }
        return switch (family) {
            case GEMMA2, GEMMA3 -> OptionalInt.of(4096);
            // null means none, silence the class's own 4096
            case MISTRAL, QWEN2, QWEN3, QWEN3_MOE ->
                    config.members().containsKey("sliding_window")
                            ? OptionalInt.empty()
                            : OptionalInt.of(4096);
            case LLAMA, MIXTRAL, PHI3 -> OptionalInt.empty();
        };
    }

    /** Which layers see only the window. */
    private List<Boolean> sliding(OptionalInt window) {
        if (window.isEmpty()) {
            return IntStream.range(0, layers).mapToObj(_ -> false).toList();
        }
        Optional<List<String>> types = config.texts("layer_types");
        return switch (family) {
            case LLAMA, MISTRAL, MIXTRAL, QWEN3_MOE, PHI3 ->
                    IntStream.range(0, layers).mapToObj(_ -> true).toList();
            case GEMMA2 -> types.map(this::types).orElseGet(() -> alternating(2));
            case GEMMA3 -> types.map(this::types).orElseGet(() -> alternating(pattern()));
            case QWEN2, QWEN3 -> {
                int from = config.integer("max_window_layers", 0, Integer.MAX_VALUE).orElse(28);
                yield types.map(this::types)
                        .orElseGet(
                                () -> IntStream.range(0, layers).mapToObj(i -> i >= from).toList());
            }
        };
    }

    /** Every so many layers, one that sees everything. */
    private List<Boolean> alternating(int pattern) {
        return IntStream.range(0, layers).mapToObj(i -> (i + 1) % pattern != 0).toList();
    }

    private int pattern() {
        return config.integer("sliding_window_pattern", 1, MAX_LAYERS)
                .orElse(config.integer("_sliding_window_pattern", 1, MAX_LAYERS).orElse(6));
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
                                                    "%s: layer type \"%s\" is not served; served are full_attention and sliding_attention"
                                                            .formatted(
                                                                    config.file(),
                                                                    ConfigObject.shown(type)));
                                })
                .toList();
    }
}
