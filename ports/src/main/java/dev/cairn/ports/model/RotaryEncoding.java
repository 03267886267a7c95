package dev.cairn.ports.model;

import java.util.Arrays;
import java.util.Optional;

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
 * @param beyond what long sequences use instead; empty = there is one form for all lengths
 */
public record RotaryEncoding(
        String variant, float[] inverseFrequencies, float magnitude, Optional<Beyond> beyond) {

    public RotaryEncoding {
        inverseFrequencies = inverseFrequencies.clone();
    }

    /** One form for sequences of every length. */
    public RotaryEncoding(String variant, float[] inverseFrequencies, float magnitude) {
        this(variant, inverseFrequencies, magnitude, Optional.empty());
    }

    /**
     * Longrope's second form. Which one a sequence uses is settled before its first token, by its
     * prompt and what it may generate, and holds for all of its tokens: keys that were turned by
     * one form mean nothing to queries turned by the other.
     *
     * @param positions longest sequence, in tokens, that uses the first form
     * @param inverseFrequencies of longer ones, as many as the first form has
     */
    public record Beyond(int positions, float[] inverseFrequencies) {

        public Beyond {
            inverseFrequencies = inverseFrequencies.clone();
        }

        @Override
        public float[] inverseFrequencies() {
            return inverseFrequencies.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Beyond that
                    && positions == that.positions
                    && Arrays.equals(inverseFrequencies, that.inverseFrequencies);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(inverseFrequencies) * 31 + positions;
        }
    }

    /** The form of sequences beyond the limit, as one of its own; this one where there is none. */
    public RotaryEncoding extended() {
        return beyond.map(
                        other -> new RotaryEncoding(variant, other.inverseFrequencies(), magnitude))
                .orElse(this);
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
                && beyond.equals(that.beyond)
                && Arrays.equals(inverseFrequencies, that.inverseFrequencies);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(inverseFrequencies) * 31 + Float.hashCode(magnitude);
    }
}
