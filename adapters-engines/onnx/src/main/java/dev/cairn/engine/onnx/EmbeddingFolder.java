package dev.cairn.engine.onnx;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an embedding folder says of itself.
 *
 * <p>Source of the layout: sentence-transformers' {@code modules.json} and {@code
 * 1_Pooling/config.json}; the graph lies in {@code onnx/model.onnx} or {@code model.onnx}.
 *
 * @param name the folder's name
 * @param model the graph
 * @param maxTokens longest input, in tokens
 * @param vocabularySize token ids that the graph knows
 * @param pooling how token vectors become one
 * @param normalise whether the vector is divided by its length
 */
record EmbeddingFolder(
        String name,
        Path model,
        int maxTokens,
        int vocabularySize,
        Pooling pooling,
        boolean normalise) {

    private static final long MAX_JSON_BYTES = 1 << 20;

    enum Pooling {
        MEAN,
        FIRST_TOKEN,
        MAX
    }

    static Optional<Path> modelFile(Path folder) {
        return List.of("onnx/model.onnx", "model.onnx").stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    static EmbeddingFolder read(Path folder) {
        Path model =
                modelFile(folder)
                        .orElseThrow(
                                () ->
                                        new ModelException(
                                                folder
                                                        + ": has neither onnx/model.onnx nor model.onnx"));
        JsonValue.JsonObject config =
                object(folder.resolve("config.json"))
                        .orElseThrow(() -> new ModelException(folder + ": config.json is missing"));
        int positions = integer(config, "max_position_embeddings", folder);
        int vocabulary = integer(config, "vocab_size", folder);
        Optional<JsonValue.JsonObject> pooling = object(folder.resolve("1_Pooling/config.json"));
        return new EmbeddingFolder(
                String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
                model,
                positions,
                vocabulary,
                pooling.map(EmbeddingFolder::pooling).orElse(Pooling.MEAN),
                normalises(folder.resolve("modules.json")));
    }

    private static Pooling pooling(JsonValue.JsonObject config) {
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

    private static boolean isTrue(JsonValue.JsonObject config, String key) {
        return config.member(key) instanceof JsonValue.JsonBoolean(boolean value) && value;
    }

    private static boolean normalises(Path modules) {
        return text(modules)
                .map(
                        text ->
                                JsonReader.read(text) instanceof JsonValue.JsonArray(var values)
                                        && values.stream()
                                                .anyMatch(
                                                        value ->
                                                                value
                                                                                instanceof
                                                                                JsonValue.JsonObject
                                                                                        module
                                                                        && module.member("type")
                                                                                instanceof
                                                                                JsonValue
                                                                                        .JsonString(
                                                                                        String type)
                                                                        && type.endsWith(
                                                                                ".Normalize")))
                .orElse(true);
    }

    private static int integer(JsonValue.JsonObject config, String key, Path folder) {
        if (config.member(key) instanceof JsonValue.JsonNumber number
                && number.isIntegerLiteral()
                && number.doubleValue() >= 1
                && number.doubleValue() <= Integer.MAX_VALUE) {
            return (int) number.longValueExact();
        }
        throw new ModelException(
                folder.resolve("config.json") + ": " + key + " must be a whole number above 0");
    }

    private static Optional<JsonValue.JsonObject> object(Path file) {
        try {
            return text(file)
                    .map(
                            text -> {
                                if (JsonReader.read(text) instanceof JsonValue.JsonObject object) {
                                    return object;
                                }
                                throw new ModelException(file + ": must be a JSON object");
                            });
        } catch (JsonException malformed) {
            throw new ModelException(file + ": " + malformed.getMessage(), malformed);
        }
    }

    private static Optional<String> text(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > MAX_JSON_BYTES) {
                throw new ModelException(file + ": larger than " + MAX_JSON_BYTES + " bytes");
            }
            return Optional.of(Files.readString(file));
        } catch (IOException unreadable) {
            throw new ModelException(
                    file + ": cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }
}
