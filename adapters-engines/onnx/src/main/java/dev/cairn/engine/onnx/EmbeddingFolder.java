package dev.cairn.engine.onnx;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.nio.file.Path;

/**
 * What an embedding folder says of itself.
 *
 * <p>Source of the layout: sentence-transformers' {@code modules.json} and {@code
 * 1_Pooling/config.json}.
 *
 * @param pooling how token vectors become one
 * @param normalise whether the vector is divided by its length
 */
record EmbeddingFolder(EncoderFolder encoder, Pooling pooling, boolean normalise) {

    enum Pooling {
        MEAN,
        FIRST_TOKEN,
        MAX
    }

    static EmbeddingFolder read(Path folder) {
        return new EmbeddingFolder(
                EncoderFolder.read(folder),
                EncoderFolder.object(folder.resolve("1_Pooling/config.json"))
                        .map(EmbeddingFolder::pooling)
                        .orElse(Pooling.MEAN),
                EncoderFolder.json(folder.resolve("modules.json"))
                        .map(EmbeddingFolder::normalises)
                        .orElse(true));
    }

    private static Pooling pooling(JsonObject config) {
        if (isTrue(config, "pooling_mode_cls_token")) {
            return Pooling.FIRST_TOKEN;
        }
        if (isTrue(config, "pooling_mode_max_tokens")) {
            return Pooling.MAX;
        }
        if (isTrue(config, "pooling_mode_mean_tokens")) {
            return Pooling.MEAN;
        }
        throw new ModelException(
                "1_Pooling/config.json: served are pooling_mode_mean_tokens, pooling_mode_cls_token and"
                        + " pooling_mode_max_tokens, and none of them is true");
    }

    private static boolean isTrue(JsonObject config, String key) {
        return config.member(key) instanceof JsonBoolean(boolean value) && value;
    }

    private static boolean normalises(JsonValue modules) {
        return modules instanceof JsonArray(var values)
                && values.stream().anyMatch(EmbeddingFolder::normalisesAsModule);
    }

    private static boolean normalisesAsModule(JsonValue value) {
        return value instanceof JsonObject module
                && module.member("type") instanceof JsonString(String type)
                && type.endsWith(".Normalize");
    }
}
