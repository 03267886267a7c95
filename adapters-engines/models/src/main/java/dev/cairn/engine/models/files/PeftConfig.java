package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNull;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * {@code adapter_config.json} as PEFT writes it. A key that would change the arithmetic in a way
 * that is not served is refused by its name, and so is one that is not known, unless its value says
 * that it is not in use.
 *
 * @param text of the file, a part of the adapter's identity
 * @param alpha numerator of the scale
 * @param rankStabilised whether the scale is {@code alpha / sqrt(rank)}
 */
record PeftConfig(String text, double alpha, boolean rankStabilised) {

    /** Higher ranks are no low ranks any more. */
    static final int MOST_RANK = 512;

    private static final String NAME = "adapter_config.json";
    private static final long MAX_BYTES = 1 << 20;

    /** Keys that decide nothing once the weights are written. */
    private static final Set<String> WITHOUT_EFFECT =
            Set.of(
                    "auto_mapping",
                    "base_model_name_or_path",
                    "corda_config",
                    "ensure_weight_tying",
                    "eva_config",
                    "exclude_modules",
                    "inference_mode",
                    "layers_pattern",
                    "layers_to_transform",
                    "loftq_config",
                    "lora_dropout",
                    "megatron_config",
                    "megatron_core",
                    "peft_type",
                    "peft_version",
                    "qalora_group_size",
                    "revision",
                    "runtime_config",
                    "target_modules",
                    "task_type",
                    "r",
                    "lora_alpha",
                    "use_rslora");

    /** Ways to begin that leave another base model behind than the published one. */
    private static final Set<String> PLAIN_BEGINNINGS =
            Set.of("true", "gaussian", "eva", "orthogonal");

    static PeftConfig read(Path folder) {
        Path path = folder.resolve(NAME);
        String text = MappedFile.text(path, MAX_BYTES);
        ConfigObject config = ConfigObject.read(path, MAX_BYTES);
        String kind = config.text("peft_type").orElse("none");
        if (!kind.equals("LORA")) {
            throw new ModelException(
                    path + ": peft_type is " + ConfigObject.shown(kind) + "; served is LORA");
        }
        for (Map.Entry<String, JsonValue> member : config.members().entrySet()) {
            check(path, member.getKey(), member.getValue());
        }
        config.required("r", 1, MOST_RANK);
        double alpha =
                config.number("lora_alpha")
                        .orElseThrow(() -> new ModelException(path + ": lora_alpha is missing"));
        if (!Double.isFinite(alpha) || Math.abs(alpha) > 1e6) {
            throw config.wrong("lora_alpha", "a number below a million");
        }
        return new PeftConfig(text, alpha, config.truth("use_rslora").orElse(false));
    }

    private static void check(Path path, String key, JsonValue value) {
        boolean served =
                switch (key) {
                    case "bias" -> value instanceof JsonString(var word) && word.equals("none");
                    case "init_lora_weights" -> beginsPlain(value);
                    default -> WITHOUT_EFFECT.contains(key) || isUnused(value);
                };
        if (!served) {
            throw new ModelException(
                    "%s: %s is %s, which is not served; train or convert the adapter without it"
                            .formatted(path, ConfigObject.shown(key), shown(value)));
        }
    }

    private static boolean beginsPlain(JsonValue value) {
        return isUnused(value)
                || value instanceof JsonBoolean
                || (value instanceof JsonString(var way) && PLAIN_BEGINNINGS.contains(way));
    }

    private static boolean isUnused(JsonValue value) {
        return switch (value) {
            case JsonNull _ -> true;
            case JsonBoolean(var on) -> !on;
            case JsonArray(var elements) -> elements.isEmpty();
            case JsonObject(var members) -> members.isEmpty();
            case JsonString _, JsonNumber _ -> false;
        };
    }

    private static String shown(JsonValue value) {
        return value instanceof JsonString(var text) ? ConfigObject.shown(text) : "in use";
    }

    /** What the product of the two matrices is multiplied by. */
    float scale(int rank) {
        return (float) (alpha / (rankStabilised ? Math.sqrt(rank) : rank));
    }
}
