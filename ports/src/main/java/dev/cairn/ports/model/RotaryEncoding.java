package dev.cairn.ports.model;

import java.util.Arrays;

/**
 * Rotary position encoding after all scaling rules: what remains is one frequency per pair.
 *
 * <p>Pair i of a head is {@code (x[i], x[i + rotated/2])} (the half-split convention of Hugging
 * Face; files that store interleaved pairs are permuted by their reader). At position p it is
 * turned by {@code p * inverseFrequencies[i]} and scaled by {@code magnitude}. Elements from {@code
 * rotated} on are left alone (partial rotary). Cosine and sine are those of the float32 product
 * {@code (float) p * inverseFrequencies[i]}, as the reference implementation computes them.
 *
 * @param variant name for compute identity: {@code "default"}, {@code "linear"}, {@code "llama3"},
 *     ...
 * @param inverseFrequencies radians per token, one per pair; length is half the rotated width
 * @param magnitude attention factor of yarn and longrope, else 1
 */
public record RotaryEncoding(String variant, float[] inverseFrequencies, float magnitude) {

    public RotaryEncoding {
        inverseFrequencies = inverseFrequencies.clone();
    }

    /** Elements of a head that are rotated: twice the number of frequencies. */
    public int rotated() {
        return 2 * inverseFrequencies.length;
    }

    @Override
    public float[] inverseFrequencies() {
        return inverseFrequencies.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RotaryEncoding that
                && variant.equals(that.variant)
                && magnitude == that.magnitude
                && Arrays.equals(inverseFrequencies, that.inverseFrequencies);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(inverseFrequencies) * 31 + Float.hashCode(magnitude);
    }
}
