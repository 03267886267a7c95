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

/**
 * Turns GGUF metadata into an architecture and binds its tensors.
 *
 * <p>Source: the key names of gguf-py's constants and the defaults of llama.cpp's model loading.
 */
public final class GgufArchitecture {

    private static final String SERVED = "llama (with experts: Mixtral), qwen2, qwen3 and gemma3";
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
        if (!List.of("llama", "qwen2", "qwen3", "gemma3").contains(name)) {
            throw new ModelException(
                    "%s: architecture \"%s\" is not served yet; served are %s"
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
        return name.equals("gemma3");
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
                gemma() ? "gemma3_text" : experts > 0 ? "mixtral" : name,
                vocabularySize(),
                hidden,
                metadata.required(key("context_length"), 1, Integer.MAX_VALUE),
                (float) epsilon,
                gemma() ? (float) Math.sqrt(hidden) : 1,
                metadata.positive(key("final_logit_softcapping"))
                        .map(OptionalDouble::of)
                        .orElse(OptionalDouble.empty()),
                !file.tensors().has("output.weight"),
                gemma(),
                layers(feedForward(experts)));
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

    private FeedForwardArchitecture feedForward(int experts) {
        int width = metadata.required(key("feed_forward_length"), 1, MAX_WIDTH);
        Activation activation = gemma() ? Activation.GELU_TANH : Activation.SILU;
        if (experts == 0) {
            return new FeedForwardArchitecture.Dense(width, activation);
        }
        if (!name.equals("llama")) {
            throw new ModelException(
                    metadata.file()
                            + ": "
                            + name
                            + " with experts is not served yet; served are "
                            + SERVED);
        }
        int perToken = metadata.required(key("expert_used_count"), 1, experts);
        return new FeedForwardArchitecture.Experts(experts, perToken, true, width, activation);
    }

    private List<LayerArchitecture> layers(FeedForwardArchitecture feedForward) {
        int count = metadata.required(key("block_count"), 1, MAX_LAYERS);
        OptionalInt window =
                metadata.integer(key("attention.sliding_window"), 0, Integer.MAX_VALUE)
                        .filter(size -> size > 0)
                        .map(OptionalInt::of)
                        .orElse(OptionalInt.empty());
        double base = metadata.positive(key("rope.freq_base")).orElse(10_000.0);
        RotaryEncoding rotary = rotary(base);
        LayerArchitecture full =
                new LayerArchitecture(attention(OptionalInt.empty(), rotary, count), feedForward);
        if (!gemma()) {
            // llama.cpp ignores a window in these architectures unless it covers every layer.
            LayerArchitecture each =
                    window.isPresent() && name.equals("llama")
                            ? new LayerArchitecture(attention(window, rotary, count), feedForward)
                            : full;
            return java.util.Collections.nCopies(count, each);
        }
        double localBase = metadata.positive(key("rope.freq_base_swa")).orElse(GEMMA_LOCAL_BASE);
        RotaryEncoding localRotary =
                new RotaryEncoding("default", RotaryFrequencies.plain(localBase, headSize), 1);
        LayerArchitecture local =
                new LayerArchitecture(attention(window, localRotary, count), feedForward);
        List<LayerArchitecture> layers = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            layers.add((layer + 1) % 6 == 0 || window.isEmpty() ? full : local);
        }
        return layers;
    }

    private AttentionArchitecture attention(
            OptionalInt window, RotaryEncoding rotary, int layerCount) {
        int keyValueHeads = metadata.integer(key("attention.head_count_kv"), 1, 4096).orElse(heads);
        if (heads % keyValueHeads != 0) {
            throw metadata.wrong(
                    key("attention.head_count_kv"), "a divisor of head_count " + heads);
        }
        // Gemma 3 27B, told by its depth, scales by hidden / heads instead of the head size
        // (llama.cpp, gemma3).
        double scaledBy = gemma() && layerCount == 62 ? (double) hidden / heads : headSize;
        return new AttentionArchitecture(
                heads,
                keyValueHeads,
                headSize,
                (float) (1 / Math.sqrt(scaledBy)),
                window,
                OptionalDouble.empty(),
                gemma() || name.equals("qwen3"),
                name.equals("qwen2") || file.tensors().has("blk.0.attn_q.bias"),
                file.tensors().has("blk.0.attn_output.bias"),
                rotary);
    }

    private RotaryEncoding rotary(double base) {
        int rotated = metadata.integer(key("rope.dimension_count"), 2, headSize).orElse(headSize);
        if (rotated % 2 != 0) {
            throw metadata.wrong(key("rope.dimension_count"), "an even number");
        }
        float[] plain = RotaryFrequencies.plain(base, rotated);
        if (file.tensors().has("rope_freqs.weight")) {
            Tensor divisors = file.tensors().require("rope_freqs.weight", rotated / 2);
            float[] values = BoundWeights.floats(divisors, rotated / 2);
            for (float value : values) {
                if (!(value > 0) || Float.isInfinite(value)) {
                    throw new ModelException(
                            divisors.described() + " has a divisor that is no number above 0");
                }
            }
            return new RotaryEncoding("llama3", RotaryFrequencies.divided(plain, values), 1);
        }
        String type = metadata.text(key("rope.scaling.type")).orElse("none");
        return switch (type) {
            case "none", "" -> scaled(plain);
            case "linear" -> scaled(plain);
            default ->
                    throw new ModelException(
                            "%s: rope type \"%s\" is not served yet; served are %s"
                                    .formatted(
                                            metadata.file(),
                                            ConfigObject.shown(type),
                                            RotaryFrequencies.SERVED));
        };
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
