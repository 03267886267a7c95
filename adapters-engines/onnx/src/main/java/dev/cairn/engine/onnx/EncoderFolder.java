package dev.cairn.engine.onnx;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What every folder with a text encoder says of itself: {@code config.json} in Hugging Face's
 * layout, and the graph in {@code onnx/model.onnx} or {@code model.onnx}.
 *
 * @param name the folder's name
 * @param graph the ONNX file
 * @param config {@code config.json}
 * @param maxTokens longest input, in tokens
 * @param vocabularySize token ids that the graph knows
 */
record EncoderFolder(
        Path folder,
        String name,
        Path graph,
        JsonObject config,
        int maxTokens,
        int vocabularySize) {

    private static final long MAX_JSON_BYTES = 1 << 20;

    /** They count positions from behind the padding token's id, so some of them are never used. */
    private static final Set<String> POSITIONS_BEHIND_PADDING =
            Set.of("roberta", "xlm-roberta", "camembert", "mpnet");

    static Optional<Path> graph(Path folder) {
        return List.of("onnx/model.onnx", "model.onnx").stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** Whether it holds a classifier over its texts, and no encoder alone. Never throws. */
    static boolean classifies(Path folder) {
        try {
            return object(folder.resolve("config.json"))
                    .filter(
                            config ->
                                    config.member("architectures") instanceof JsonArray(var names)
                                            && names.stream().anyMatch(EncoderFolder::isClassifier))
                    .isPresent();
        } catch (ModelException unreadable) {
            return false;
        }
    }

    private static boolean isClassifier(JsonValue architecture) {
        return architecture instanceof JsonString(String name)
                && name.endsWith("ForSequenceClassification");
    }

    static EncoderFolder read(Path folder) {
        Path graph =
                graph(folder)
                        .orElseThrow(
                                () ->
                                        new ModelException(
                                                folder
                                                        + ": has neither onnx/model.onnx nor model.onnx"));
        JsonObject config =
                object(folder.resolve("config.json"))
                        .orElseThrow(() -> new ModelException(folder + ": config.json is missing"));
        int positions = integer(config, "max_position_embeddings", 1, folder);
        boolean behindPadding =
                config.member("model_type") instanceof JsonString(String type)
                        && POSITIONS_BEHIND_PADDING.contains(type);
        int unused = behindPadding ? integer(config, "pad_token_id", 0, folder) + 1 : 0;
        return new EncoderFolder(
                folder,
                String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
                graph,
                config,
                Math.max(1, positions - unused),
                integer(config, "vocab_size", 1, folder));
    }

    /**
     * @throws ModelException if the graph does not know all tokens
     */
    void demandVocabularyOf(TextCodec codec) {
        if (codec.vocabularySize() > vocabularySize) {
            throw new ModelException(
                    "%s: tokenizer.json has %d tokens, config.json asks for at most %d"
                            .formatted(name, codec.vocabularySize(), vocabularySize));
        }
    }

    private static int integer(JsonObject config, String key, int least, Path folder) {
        if (config.member(key) instanceof JsonNumber number
                && number.isIntegerLiteral()
                && number.doubleValue() >= least
                && number.doubleValue() <= Integer.MAX_VALUE) {
            return (int) number.longValueExact();
        }
        throw new ModelException(
                "%s: %s must be a whole number of at least %d"
                        .formatted(folder.resolve("config.json"), key, least));
    }

    static Optional<JsonObject> object(Path file) {
        return json(file)
                .map(
                        value -> {
                            if (value instanceof JsonObject object) {
                                return object;
                            }
                            throw new ModelException(file + ": must be a JSON object");
                        });
    }

    static Optional<JsonValue> json(Path file) {
        try {
            return text(file).map(JsonReader::read);
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
