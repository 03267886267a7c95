package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.model.RotaryEncoding;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Rotary frequencies after scaling, computed in float32 in the order of operations of Hugging Face
 * transformers ({@code modeling_rope_utils.py}, version 5).
 */
final class RotaryFrequencies {

    static final String SERVED = "default, linear, llama3, yarn and longrope";

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
     * What holds where the parameters themselves do not say.
     *
     * @param base of the frequencies, {@code rope_theta}
     * @param headSize width of a head, in elements
     * @param partial share of it that is rotated
     * @param maxPositions {@code max_position_embeddings}
     * @param originalPositions {@code original_max_position_embeddings} beside the parameters
     * @param onlyLong Phi-3: "su" and "yarn" are older names of longrope there, and the original
     *     length beside the parameters wins
     */
    record Defaults(
            double base,
            int headSize,
            double partial,
            int maxPositions,
            OptionalInt originalPositions,
            boolean onlyLong) {

        Defaults withBase(double other) {
            return new Defaults(
                    other, headSize, partial, maxPositions, originalPositions, onlyLong);
        }

        private double original(ConfigObject parameters) {
            double beside = originalPositions.orElse(maxPositions);
            return onlyLong
                    ? beside
                    : parameters.positive("original_max_position_embeddings", beside);
        }

        private double factor(ConfigObject parameters) {
            return parameters.positive("factor", maxPositions / original(parameters));
        }
    }

    /**
     * Reads one set of rope parameters in either layout.
     *
     * @param parameters {@code rope_parameters}, {@code rope_scaling} or one layer type's entry;
     *     empty means no scaling
     */
    static RotaryEncoding read(Optional<ConfigObject> parameters, Defaults defaults) {
        double theta =
                parameters
                        .map(p -> p.positive("rope_theta", defaults.base()))
                        .orElse(defaults.base());
        double share =
                parameters
                        .map(p -> p.number("partial_rotary_factor"))
                        .orElse(OptionalDouble.empty())
                        .orElse(defaults.partial());
        int rotated = (int) (defaults.headSize() * share);
        if (rotated < 2 || rotated > defaults.headSize() || rotated % 2 != 0) {
            throw new ModelException(
                    "partial_rotary_factor %s leaves %d of %d elements of a head to rotate"
                            .formatted(share, rotated, defaults.headSize()));
        }
        String type =
                parameters
                        .flatMap(p -> p.text("rope_type").or(() -> p.text("type")))
                        .orElse("default");
        if (type.equals("default")) {
            return new RotaryEncoding("default", plain(theta, rotated), 1);
        }
        ConfigObject scaling = parameters.orElseThrow();
        boolean older = type.equals("su") || (defaults.onlyLong() && type.equals("yarn"));
        return switch (older ? "longrope" : type) {
            case "linear" -> {
                double factor = scaling.positive("factor", Double.NaN);
                if (Double.isNaN(factor)) {
                    throw scaling.wrong("factor", "a number above 0");
                }
                yield new RotaryEncoding("linear", linear(plain(theta, rotated), factor), 1);
            }
            case "llama3" ->
                    new RotaryEncoding("llama3", llama3(plain(theta, rotated), scaling), 1);
            case "yarn" -> yarn(scaling, defaults, theta, rotated);
            case "longrope" -> longRope(scaling, defaults, theta, rotated);
            default ->
                    throw new ModelException(
                            "%s: rope type \"%s\" is not served; served are %s"
                                    .formatted(scaling.file(), ConfigObject.shown(type), SERVED));
        };
    }

    private static RotaryEncoding yarn(
            ConfigObject scaling, Defaults defaults, double theta, int rotated) {
        double factor = defaults.factor(scaling);
        double magnitude = scaling.positive("attention_factor", yarnMagnitude(scaling, factor));
        Yarn yarn =
                new Yarn(
                        factor,
                        defaults.original(scaling),
                        scaling.positive("beta_fast", 32),
                        scaling.positive("beta_slow", 1),
                        scaling.truth("truncate").orElse(true));
        return new RotaryEncoding("yarn", yarn.frequencies(theta, rotated), (float) magnitude);
    }

    private static double yarnMagnitude(ConfigObject scaling, double factor) {
        double scale = scaling.number("mscale").orElse(0);
        double scaleOfAll = scaling.number("mscale_all_dim").orElse(0);
        return scale != 0 && scaleOfAll != 0
                ? Yarn.magnitude(factor, scale) / Yarn.magnitude(factor, scaleOfAll)
                : Yarn.magnitude(factor, 1);
    }

    private static RotaryEncoding longRope(
            ConfigObject scaling, Defaults defaults, double theta, int rotated) {
        float[] shorter = factors(scaling, "short_factor", rotated / 2);
        float[] longer = factors(scaling, "long_factor", rotated / 2);
        double original = defaults.original(scaling);
        double factor = defaults.factor(scaling);
        double magnitude =
                scaling.positive("attention_factor", longRopeMagnitude(factor, original));
        return longRope(theta, rotated, shorter, longer, (int) original, (float) magnitude);
    }

    /** Longrope's correction of attention for a context stretched by a factor. */
    static double longRopeMagnitude(double factor, double original) {
        return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    }

    /**
     * Longrope: one set of divisors up to the original length, another beyond it.
     *
     * @param shorter a divisor per pair, up to {@code original} tokens
     * @param longer the same, beyond
     */
    static RotaryEncoding longRope(
            double theta,
            int rotated,
            float[] shorter,
            float[] longer,
            int original,
            float magnitude) {
        return new RotaryEncoding(
                "longrope",
                stretched(theta, rotated, shorter),
                magnitude,
                Optional.of(
                        new RotaryEncoding.Beyond(original, stretched(theta, rotated, longer))));
    }

    private static float[] stretched(double base, int rotated, float[] factors) {
        float[] frequencies = new float[rotated / 2];
        for (int i = 0; i < frequencies.length; i++) {
            float exponent = (float) (2 * i) / rotated;
            frequencies[i] = 1.0f / (factors[i] * (float) Math.pow((float) base, exponent));
        }
        return frequencies;
    }

    private static float[] factors(ConfigObject scaling, String key, int pairs) {
        List<Double> factors = scaling.numbers(key);
        if (factors.size() != pairs || !factors.stream().allMatch(factor -> factor > 0)) {
            throw scaling.wrong(key, "a list of " + pairs + " numbers above 0");
        }
        float[] values = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            values[i] = factors.get(i).floatValue();
        }
        return values;
    }
}
