package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The families that are served, by the {@code model_type} of their {@code config.json}, and what
 * their configuration classes in Hugging Face transformers (version 5) take where the file is
 * silent.
 */
enum HuggingFaceFamily {
    LLAMA("llama", 1e-6, 10_000),
    MISTRAL("mistral", 1e-6, 10_000),
    QWEN2("qwen2", 1e-6, 10_000),
    QWEN3("qwen3", 1e-6, 10_000),
    QWEN3_MOE("qwen3_moe", 1e-6, 10_000),
    GEMMA2("gemma2", 1e-6, 10_000),
    GEMMA3("gemma3_text", 1e-6, 1_000_000),
    MIXTRAL("mixtral", 1e-5, 1_000_000),
    PHI3("phi3", 1e-5, 10_000);

    private final String modelType;
    private final double epsilon;
    private final double rotaryBase;

    HuggingFaceFamily(String modelType, double epsilon, double rotaryBase) {
        this.modelType = modelType;
        this.epsilon = epsilon;
        this.rotaryBase = rotaryBase;
    }

    String modelType() {
        return modelType;
    }

    double epsilon() {
        return epsilon;
    }

    double rotaryBase() {
        return rotaryBase;
    }

    /** Tied, scaled embeddings, norms on both sides of each half, gelu. */
    boolean gemma() {
        return this == GEMMA2 || this == GEMMA3;
    }

    /** Query and key heads are normalised before the rotation. */
    boolean queryKeyNorm() {
        return this == QWEN3 || this == QWEN3_MOE || this == GEMMA3;
    }

    /** Whether {@code attention_bias} is heard. */
    boolean configuresBias() {
        return switch (this) {
            case LLAMA, QWEN3, QWEN3_MOE, GEMMA2, GEMMA3 -> true;
            case MISTRAL, QWEN2, MIXTRAL, PHI3 -> false;
        };
    }

    /** What {@code num_key_value_heads} is where it is not given. */
    int keyValueHeads(int heads) {
        return switch (this) {
            case GEMMA2, GEMMA3, QWEN3_MOE -> 4;
            case MISTRAL, MIXTRAL -> 8;
            case LLAMA, QWEN2, QWEN3, PHI3 -> heads;
        };
    }

    /** What {@code head_dim} is where it is not given. */
    int headSize(int hidden, int heads) {
        return switch (this) {
            case GEMMA2, GEMMA3 -> 256;
            case QWEN3 -> 128;
            case LLAMA, MISTRAL, QWEN2, QWEN3_MOE, MIXTRAL, PHI3 -> hidden / heads;
        };
    }

    /**
     * The family of a {@code config.json}.
     *
     * @param file for the message
     * @throws ModelException if it is not served
     */
    static HuggingFaceFamily of(String file, String modelType) {
        String type = modelType.equals("gemma3") ? GEMMA3.modelType : modelType;
        Optional<HuggingFaceFamily> found =
                Arrays.stream(values()).filter(each -> each.modelType.equals(type)).findFirst();
        return found.orElseThrow(() -> unserved(file, modelType));
    }

    static ModelException unserved(String file, String modelType) {
        String served =
                Arrays.stream(values())
                        .map(each -> each.modelType)
                        .collect(Collectors.joining(", "));
        return new ModelException(
                "%s: model type \"%s\" is not served; served are %s (and gemma3, whose text is read)"
                        .formatted(file, ConfigObject.shown(modelType), served));
    }
}
