package dev.cairn.engine.onnx;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.nio.file.Path;

/**
 * What a folder with a cross-encoder says of itself.
 *
 * <p>Source of the layout: sentence-transformers' {@code CrossEncoder}, which names what is made of
 * the logit in {@code config.json}, as {@code sentence_transformers.activation_fn} or, earlier, as
 * {@code sbert_ce_default_activation_function}; without a word it is the sigmoid.
 */
record ScoreFolder(EncoderFolder encoder, Activation activation) {

    enum Activation {
        SIGMOID,
        IDENTITY;

        float of(float logit) {
            return switch (this) {
                case SIGMOID -> (float) (1 / (1 + Math.exp(-logit)));
                case IDENTITY -> logit;
            };
        }
    }

    static ScoreFolder read(Path folder) {
        EncoderFolder encoder = EncoderFolder.read(folder);
        return new ScoreFolder(encoder, activation(encoder.config()));
    }

    private static Activation activation(JsonObject config) {
        JsonValue named =
                config.member("sentence_transformers") instanceof JsonObject of
                        ? of.member("activation_fn")
                        : config.member("sbert_ce_default_activation_function");
        if (!(named instanceof JsonString(String function))) {
            return Activation.SIGMOID;
        }
        return switch (function.substring(function.lastIndexOf('.') + 1)) {
            case "Sigmoid" -> Activation.SIGMOID;
            case "Identity" -> Activation.IDENTITY;
            default ->
                    throw new ModelException(
                            "config.json: the activation %s is not served; served are Sigmoid and Identity"
                                    .formatted(function));
        };
    }
}
