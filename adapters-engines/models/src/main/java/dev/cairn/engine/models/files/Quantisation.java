package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import java.util.Optional;
import java.util.Set;

/**
 * How the matrices of a Hugging Face folder are quantised: by {@code quantization_config} of its
 * {@code config.json}. Which matrices are is seen by the tensors that are there, and so are bits
 * and groups.
 */
@FunctionalInterface
interface Quantisation {

    String SERVED =
            "fp8, fbgemm_fp8, gptq, awq and compressed-tensors (pack-quantized, int-quantized,"
                    + " float-quantized, naive-quantized)";

    Set<String> COMPRESSED =
            Set.of(
                    "dense",
                    "pack-quantized",
                    "int-quantized",
                    "float-quantized",
                    "naive-quantized");

    /**
     * The matrix under a weight's name, if it is quantised.
     *
     * @param weight its name, {@code "….weight"}
     * @throws ModelException if what belongs to it is missing or does not fit
     */
    Optional<DecodedMatrix> find(String weight, int rows, int columns);

    /**
     * @param root {@code config.json}
     * @throws ModelException if the method is not served
     */
    static Quantisation read(ConfigObject root, TensorDirectory tensors) {
        Optional<ConfigObject> text = root.object("text_config");
        Optional<ConfigObject> found =
                root.object("quantization_config")
                        .or(() -> text.flatMap(inner -> inner.object("quantization_config")))
                        .or(() -> root.object("compression_config"));
        if (found.isEmpty()) {
            return (_, _, _) -> Optional.empty();
        }
        ConfigObject config = found.get();
        String method = config.text("quant_method").orElse("an unnamed method");
        return switch (method) {
            case "fp8", "fbgemm_fp8" -> new ScaledWeights(tensors, blockSize(config));
            case "gptq" -> gptq(config, tensors);
            case "awq" -> awq(config, tensors);
            case "compressed-tensors" -> compressed(config, tensors);
            default -> throw unserved(config, "weights quantised by", method);
        };
    }

    private static Quantisation gptq(ConfigObject config, TensorDirectory tensors) {
        String format = config.text("checkpoint_format").orElse("gptq");
        return switch (format) {
            case "gptq" -> new GptqWeights(tensors, 1);
            case "gptq_v2" -> new GptqWeights(tensors, 0);
            default -> throw unserved(config, "the gptq checkpoint format", format);
        };
    }

    private static Quantisation awq(ConfigObject config, TensorDirectory tensors) {
        String version = config.text("version").orElse("gemm");
        if (!version.equalsIgnoreCase("gemm")) {
            throw unserved(config, "the awq version", version);
        }
        return new AwqWeights(tensors);
    }

    private static Quantisation compressed(ConfigObject config, TensorDirectory tensors) {
        String format = config.text("format").orElse("dense");
        if (!COMPRESSED.contains(format)) {
            throw unserved(config, "the compressed-tensors format", format);
        }
        String sparsity =
                config.object("sparsity_config").flatMap(it -> it.text("format")).orElse("dense");
        if (!sparsity.equals("dense")) {
            throw unserved(config, "the sparsity format", sparsity);
        }
        if (config.object("transform_config").filter(it -> !it.members().isEmpty()).isPresent()) {
            throw unserved(config, "compressed-tensors with a", "transform_config");
        }
        return new CompressedWeights(tensors, blockSize(config));
    }

    /** Rows and columns that share a scale where scales come in tiles. */
    private static int[] blockSize(ConfigObject config) {
        ConfigObject from =
                config.object("config_groups")
                        .flatMap(groups -> groups.object("group_0"))
                        .flatMap(group -> group.object("weights"))
                        .orElse(config);
        String key = from == config ? "weight_block_size" : "block_structure";
        var sizes = from.integers(key, 1, 1 << 16);
        if (!sizes.isEmpty() && sizes.size() != 2) {
            throw from.wrong(key, "two sizes");
        }
        return sizes.isEmpty() ? new int[] {128, 128} : new int[] {sizes.get(0), sizes.get(1)};
    }

    private static ModelException unserved(ConfigObject config, String what, String name) {
        return new ModelException(
                "%s: %s \"%s\" are not served; served are %s, and models that are not quantised or GGUF files"
                        .formatted(config.file(), what, ConfigObject.shown(name), SERVED));
    }
}
