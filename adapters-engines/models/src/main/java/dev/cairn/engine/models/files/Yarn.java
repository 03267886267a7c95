package dev.cairn.engine.models.files;

/**
 * YaRN: pairs that turn fast keep their frequencies, slow ones are interpolated, those between are
 * blended.
 *
 * <p>Source: Peng et al., "YaRN: Efficient Context Window Extension of Large Language Models", as
 * Hugging Face transformers computes it ({@code _compute_yarn_parameters}, version 5).
 *
 * @param factor by which the context is stretched
 * @param original length before that, in tokens
 * @param fast turns over the original length from which a pair is left as it is
 * @param slow turns up to which it is interpolated fully
 * @param whole whether the range between is rounded to whole pairs
 */
record Yarn(double factor, double original, double fast, double slow, boolean whole) {

    /** The paper's correction of attention; 1 where nothing is stretched. */
    static double magnitude(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    float[] frequencies(double base, int rotated) {
        double low = pairOf(fast, base, rotated);
        double high = pairOf(slow, base, rotated);
        if (whole) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, rotated - 1);
        float span = (float) (low == high ? 0.001 : high - low);
        float[] frequencies = new float[rotated / 2];
        for (int i = 0; i < frequencies.length; i++) {
            float wavelength = (float) Math.pow((float) base, (float) (2 * i) / rotated);
            float interpolated = 1.0f / ((float) factor * wavelength);
            float kept = 1 - Math.clamp((i - (float) low) / span, 0f, 1f);
            frequencies[i] = interpolated * (1 - kept) + 1.0f / wavelength * kept;
        }
        return frequencies;
    }

    /** The pair, broken, that turns so often over the original length. */
    private double pairOf(double turns, double base, int rotated) {
        return rotated * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }
}
