package dev.cairn.engine.models.files;

import dev.cairn.ports.model.AttentionArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture;
import dev.cairn.ports.model.FeedForwardArchitecture.Activation;
import dev.cairn.ports.model.LayerArchitecture;
import dev.cairn.ports.model.ModelArchitecture;
import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.RotaryEncoding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Turns GGUF metadata into an architecture and binds its tensors.
 *
 * <p>Source: the key names of gguf-py's constants and the defaults of llama.cpp's model loading.
 */
public final class GgufArchitecture {

    private static final String SERVED =
            "llama (Mistral too, with experts: Mixtral), qwen2, qwen3, qwen3moe, gemma2, gemma3 and phi3";
    private static final int MAX_WIDTH = 1 << 20;
    private static final int MAX_LAYERS = 4096;

    /**
     * Gemma 3's local layers have kept this base in every published file, most of which do not name
     * it.
     */
    private static final double GEMMA_LOCAL_BASE = 10_000;

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final String name;
    private final int hidden;
    private final int heads;
    private final int headSize;

    private GgufArchitecture(GgufFile file, String name) {
        this.file = file;
        this.metadata = file.metadata();
        this.name = name;
        hidden = metadata.required(key("embedding_length"), 1, MAX_WIDTH);
        heads = metadata.required(key("attention.head_count"), 1, 4096);
        headSize = metadata.integer(key("attention.key_length"), 2, 4096).orElse(hidden / heads);
        if (headSize < 2 || headSize % 2 != 0) {
            throw metadata.wrong(key("attention.key_length"), "an even number");
        }
        if (metadata.integer(key("attention.value_length"), 1, 4096).orElse(headSize) != headSize) {
            throw metadata.wrong(
                    key("attention.value_length"), "the same as key_length, " + headSize);
        }
    }

    /** An architecture and its weights. */
    public record Model(ModelArchitecture architecture, BoundWeights weights) {}

    /**
     * @throws ModelException if the architecture is not served, or a key or tensor is missing or
     *     does not fit
     */
    public static Model read(GgufFile file) {
        String name =
                file.metadata()
                        .text("general.architecture")
                        .orElseThrow(
                                () ->
                                        file.metadata()
                                                .wrong(
                                                        "general.architecture",
                                                        "the name of an architecture"));
        if (!List.of("llama", "qwen2", "qwen3", "qwen3moe", "gemma2", "gemma3", "phi3")
                .contains(name)) {
            throw new ModelException(
                    "%s: architecture \"%s\" is not served; served are %s"
                            .formatted(file.metadata().file(), ConfigObject.shown(name), SERVED));
        }
        ModelArchitecture architecture = new GgufArchitecture(file, name).architecture();
        return new Model(
                architecture,
                BoundWeights.gguf(file.tensors(), architecture, name.equals("llama")));
    }

    private String key(String suffix) {
        return name + "." + suffix;
    }

    private boolean gemma() {
        return name.equals("gemma2") || name.equals("gemma3");
    }

    /** What Hugging Face calls the family. */
    private String family(int experts) {
        return switch (name) {
            case "gemma3" -> "gemma3_text";
            case "qwen3moe" -> "qwen3_moe";
            case "llama" -> experts > 0 ? "mixtral" : name;
            default -> name;
        };
    }

    private ModelArchitecture architecture() {
        int experts = metadata.integer(key("expert_count"), 0, 1024).orElse(0);
        double epsilon =
                metadata.positive(key("attention.layer_norm_rms_epsilon"))
                        .orElseThrow(
                                () ->
                                        metadata.wrong(
                                                key("attention.layer_norm_rms_epsilon"),
                                                "a number above 0"));
        return new ModelArchitecture(
                family(experts),
                vocabularySize(),
                hidden,
                metadata.required(key("context_length"), 1, Integer.MAX_VALUE),
                (float) epsilon,
                gemma() ? (float) Math.sqrt(hidden) : 1,
                softcap("final_logit_softcapping", 30),
                !file.tensors().has("output.weight"),
                gemma(),
                layers(experts));
    }

    /** A cap; gemma2 has one even where the file does not say so, as llama.cpp has it. */
    private OptionalDouble softcap(String suffix, double gemma2) {
        OptionalDouble named =
                metadata.positive(key(suffix))
                        .map(OptionalDouble::of)
                        .orElse(OptionalDouble.empty());
        return named.isEmpty() && name.equals("gemma2") ? OptionalDouble.of(gemma2) : named;
    }

    private int vocabularySize() {
        Tensor embedding =
                file.tensors()
                        .find("token_embd.weight")
                        .orElseThrow(
                                () ->
                                        new ModelException(
                                                metadata.file()
                                                        + ": tensor token_embd.weight is missing"));
        long rows = embedding.shape().getFirst();
        int named =
                metadata.integer(key("vocab_size"), 1, 1 << 26)
                        .or(
                                () ->
                                        metadata.has("tokenizer.ggml.tokens")
                                                ? Optional.of(
                                                        metadata.list(
                                                                        "tokenizer.ggml.tokens",
                                                                        String.class)
                                                                .size())
                                                : Optional.empty())
                        .orElse((int) Math.min(rows, 1 << 26));
        return Math.max(1, named);
    }

    private FeedForwardArchitecture dense() {
        return new FeedForwardArchitecture.Dense(
                metadata.required(key("feed_forward_length"), 1, MAX_WIDTH),
                gemma() ? Activation.GELU_TANH : Activation.SILU);
    }

    private FeedForwardArchitecture feedForward(int experts) {
        if (experts == 0) {
            return dense();
        }
        int width =
                switch (name) {
                    case "llama" -> metadata.required(key("feed_forward_length"), 1, MAX_WIDTH);
                    case "qwen3moe" ->
                            metadata.required(key("expert_feed_forward_length"), 1, MAX_WIDTH);
                    default ->
                            throw new ModelException(
                                    metadata.file()
                                            + ": "
                                            + name
                                            + " with experts is not served; served are "
                                            + SERVED);
                };
        int perToken = metadata.required(key("expert_used_count"), 1, experts);
        boolean renormalise = metadata.truth(key("expert_weights_norm")).orElse(true);
        return new FeedForwardArchitecture.Experts(
                experts, perToken, renormalise, width, Activation.SILU);
    }

    private List<LayerArchitecture> layers(int experts) {
        int count = metadata.required(key("block_count"), 1, MAX_LAYERS);
        FeedForwardArchitecture mixture = feedForward(experts);
        List<LayerArchitecture> layers = new ArrayList<>();
        List<AttentionArchitecture> attentions = attentions(count);
        for (int layer = 0; layer < count; layer++) {
            boolean routed = file.tensors().has("blk." + layer + ".ffn_gate_inp.weight");
            FeedForwardArchitecture feedForward = experts > 0 && !routed ? dense() : mixture;
            layers.add(new LayerArchitecture(attentions.get(layer), feedForward));
        }
        return layers;
    }

    private List<AttentionArchitecture> attentions(int count) {
        OptionalInt window =
                metadata.integer(key("attention.sliding_window"), 0, Integer.MAX_VALUE)
                        .filter(size -> size > 0)
                        .map(OptionalInt::of)
                        .orElse(OptionalInt.empty());
        RotaryEncoding rotary = rotary(metadata.positive(key("rope.freq_base")).orElse(10_000.0));
        AttentionArchitecture full = attention(OptionalInt.empty(), rotary, count);
        if (!gemma()) {
            // llama.cpp ignores a window in these architectures unless it covers every layer.
            boolean everywhere = name.equals("llama") || name.equals("phi3");
            return Collections.nCopies(count, everywhere ? attention(window, rotary, count) : full);
        }
        double localBase = metadata.positive(key("rope.freq_base_swa")).orElse(GEMMA_LOCAL_BASE);
        RotaryEncoding localRotary =
                name.equals("gemma2")
                        ? rotary
                        : new RotaryEncoding(
                                "default", RotaryFrequencies.plain(localBase, headSize), 1);
        AttentionArchitecture local = attention(window, localRotary, count);
        int pattern = name.equals("gemma2") ? 2 : 6;
        List<AttentionArchitecture> attentions = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            attentions.add((layer + 1) % pattern == 0 || window.isEmpty() ? full : local);
        }
        return attentions;
    }

    private AttentionArchitecture attention(
            OptionalInt window, RotaryEncoding rotary, int layerCount) {
        int keyValueHeads = metadata.integer(key("attention.head_count_kv"), 1, 4096).orElse(heads);
        if (heads % keyValueHeads != 0) {
            throw metadata.wrong(
                    key("attention.head_count_kv"), "a divisor of head_count " + heads);
        }
        // The 27B models, told by their depth, scale by hidden / heads instead of the head size
        // (llama.cpp, gemma2 and gemma3).
        boolean largest = gemma() && layerCount == (name.equals("gemma2") ? 46 : 62);
        double scaledBy = largest ? (double) hidden / heads : headSize;
        return new AttentionArchitecture(
                heads,
                keyValueHeads,
                headSize,
                (float) (1 / Math.sqrt(scaledBy)),
                window,
                softcap("attn_logit_softcapping", 50),
                name.equals("gemma3") || name.equals("qwen3") || name.equals("qwen3moe"),
                name.equals("qwen2") || file.tensors().has("blk.0.attn_q.bias"),
                file.tensors().has("blk.0.attn_output.bias"),
                rotary);
    }

    private RotaryEncoding rotary(double base) {
        int rotated = metadata.integer(key("rope.dimension_count"), 2, headSize).orElse(headSize);
        if (rotated % 2 != 0) {
            throw metadata.wrong(key("rope.dimension_count"), "an even number");
        }
        if (file.tensors().has("rope_factors_long.weight")) {
            return longRope(base, rotated);
        }
        float[] plain = RotaryFrequencies.plain(base, rotated);
        if (file.tensors().has("rope_freqs.weight")) {
            float[] divisors = divisors("rope_freqs.weight", rotated / 2);
            return new RotaryEncoding("llama3", RotaryFrequencies.divided(plain, divisors), 1);
        }
        String type = metadata.text(key("rope.scaling.type")).orElse("none");
        return switch (type) {
            case "none", "", "linear" -> scaled(plain);
            case "yarn" -> yarn(base, rotated);
            default ->
                    throw new ModelException(
                            "%s: rope type \"%s\" is not served; served are %s"
                                    .formatted(
                                            metadata.file(),
                                            ConfigObject.shown(type),
                                            RotaryFrequencies.SERVED));
        };
    }

    private float[] divisors(String name, int pairs) {
        Tensor tensor = file.tensors().require(name, pairs);
        float[] values = BoundWeights.floats(tensor, pairs);
        for (float value : values) {
            if (!(value > 0) || Float.isInfinite(value)) {
                throw new ModelException(
                        tensor.described() + " has a divisor that is no number above 0");
            }
        }
        return values;
    }

    /** The length that the model was trained with before it was stretched. */
    private int originalPositions() {
        return metadata.integer(key("rope.scaling.original_context_length"), 1, Integer.MAX_VALUE)
                .orElseGet(() -> metadata.required(key("context_length"), 1, Integer.MAX_VALUE));
    }

    private RotaryEncoding longRope(double base, int rotated) {
        int original = originalPositions();
        double factor =
                (double) metadata.required(key("context_length"), 1, Integer.MAX_VALUE) / original;
        double magnitude =
                metadata.positive(key("rope.scaling.attn_factor"))
                        .orElse(RotaryFrequencies.longRopeMagnitude(factor, original));
        return RotaryFrequencies.longRope(
                base,
                rotated,
                divisors("rope_factors_short.weight", rotated / 2),
                divisors("rope_factors_long.weight", rotated / 2),
                original,
                (float) magnitude);
    }

    private RotaryEncoding yarn(double base, int rotated) {
        double factor =
                metadata.positive(key("rope.scaling.factor"))
                        .orElseThrow(
                                () ->
                                        metadata.wrong(
                                                key("rope.scaling.factor"), "a number above 0"));
        Yarn yarn =
                new Yarn(
                        factor,
                        originalPositions(),
                        metadata.positive(key("rope.scaling.yarn_beta_fast")).orElse(32.0),
                        metadata.positive(key("rope.scaling.yarn_beta_slow")).orElse(1.0),
                        true);
        double magnitude =
                metadata.positive(key("rope.scaling.attn_factor")).orElse(1.0)
                        * Yarn.magnitude(factor, 1);
        return new RotaryEncoding("yarn", yarn.frequencies(base, rotated), (float) magnitude);
    }

    private RotaryEncoding scaled(float[] plain) {
        // Files from before rope.scaling.type have the factor alone, as scale_linear.
        double factor =
                metadata.positive(key("rope.scaling.factor"))
                        .or(() -> metadata.positive(key("rope.scale_linear")))
                        .orElse(1.0);
        boolean none =
                factor == 1
                        || metadata.text(key("rope.scaling.type")).orElse("linear").equals("none");
        return none
                ? new RotaryEncoding("default", plain, 1)
                : new RotaryEncoding("linear", RotaryFrequencies.linear(plain, factor), 1);
    }
}
