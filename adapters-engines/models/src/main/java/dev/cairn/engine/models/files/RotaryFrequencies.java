package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.RotaryEncoding;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Rotary frequencies after scaling, computed in float32 in the order of operations of Hugging Face
 * transformers ({@code modeling_rope_utils.py}, version 5).
 */
final class RotaryFrequencies {

    static final String SERVED = "default, linear and llama3";

    private RotaryFrequencies() {}

    /** {@code base^(-2i/rotated)} for each pair i. */
    static float[] plain(double base, int rotated) {
        float[] frequencies = new float[rotated / 2];
        for (int i = 0; i < frequencies.length; i++) {
            float exponent = (float) (2 * i) / rotated;
            frequencies[i] = 1.0f / (float) Math.pow((float) base, exponent);
        }
        return frequencies;
    }

    /** All positions divided by one factor. */
    static float[] linear(float[] plain, double factor) {
        float[] scaled = plain.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= (float) factor;
        }
        return scaled;
    }

    /** GGUF's {@code rope_freqs.weight}: a divisor for each pair. */
    static float[] divided(float[] plain, float[] divisors) {
        float[] scaled = plain.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= divisors[i];
        }
        return scaled;
    }

    /** Llama 3.1: long wavelengths are stretched, short ones kept, those between interpolated. */
    private static float[] llama3(float[] plain, ConfigObject scaling) {
        double factor = scaling.positive("factor", Double.NaN);
        double low = scaling.positive("low_freq_factor", Double.NaN);
        double high = scaling.positive("high_freq_factor", Double.NaN);
        double original = scaling.positive("original_max_position_embeddings", Double.NaN);
        if (Double.isNaN(factor + low + high + original) || high <= low) {
            throw scaling.wrong(
                    "rope_scaling",
                    "llama3 scaling with factor, low_freq_factor < high_freq_factor and original_max_position_embeddings");
        }
        float[] scaled = plain.clone();
        for (int i = 0; i < scaled.length; i++) {
            float wavelength = (float) (2 * Math.PI) / plain[i];
            if (wavelength > original / low) {
                scaled[i] = plain[i] / (float) factor;
            } else if (wavelength >= original / high) {
                float smooth = ((float) original / wavelength - (float) low) / (float) (high - low);
                scaled[i] = (1 - smooth) * plain[i] / (float) factor + smooth * plain[i];
            }
        }
        return scaled;
    }

    /**
     * Reads one set of rope parameters in either layout.
     *
     * @param parameters {@code rope_parameters}, {@code rope_scaling} or one layer type's entry;
     *     empty means no scaling
     * @param base used where the parameters have no {@code rope_theta}
     * @param headSize width of a head, in elements
     * @param partial share of it that is rotated, used where the parameters do not say
     */
    static RotaryEncoding read(
            Optional<ConfigObject> parameters, double base, int headSize, double partial) {
        double theta = parameters.map(p -> p.positive("rope_theta", base)).orElse(base);
        double share =
                parameters
                        .map(p -> p.number("partial_rotary_factor"))
                        .orElse(OptionalDouble.empty())
                        .orElse(partial);
        int rotated = (int) (headSize * share);
        if (rotated < 2 || rotated > headSize || rotated % 2 != 0) {
            throw new ModelException(
                    "partial_rotary_factor %s leaves %d of %d elements of a head to rotate"
                            .formatted(share, rotated, headSize));
        }
        float[] plain = plain(theta, rotated);
        String type =
                parameters
                        .flatMap(p -> p.text("rope_type").or(() -> p.text("type")))
                        .orElse("default");
        return switch (type) {
            case "default" -> new RotaryEncoding("default", plain, 1);
            case "linear" -> {
                double factor = parameters.orElseThrow().positive("factor", Double.NaN);
                if (Double.isNaN(factor)) {
                    throw parameters.orElseThrow().wrong("factor", "a number above 0");
                }
                yield new RotaryEncoding("linear", linear(plain, factor), 1);
            }
            case "llama3" ->
                    new RotaryEncoding("llama3", llama3(plain, parameters.orElseThrow()), 1);
            default ->
                    throw new ModelException(
                            "%s: rope type \"%s\" is not served yet; served are %s"
                                    .formatted(
                                            parameters.orElseThrow().file(),
                                            ConfigObject.shown(type),
                                            SERVED));
        };
    }
}
