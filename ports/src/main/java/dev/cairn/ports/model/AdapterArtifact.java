package dev.cairn.ports.model;

import java.util.Optional;

/**
 * A LoRA adapter that was read and checked against its model: for some of the model's matrices
 * {@code W} a pair of narrow ones, so that the adapted product is {@code W x + scale * up (down
 * x)}.
 *
 * <p>Threads: any.
 */
public interface AdapterArtifact {

    /**
     * SHA-256 of its configuration and weights, hexadecimal; its location and name do not count.
     */
    String digest();

    /** Where it came from, for messages. */
    String location();

    /** The largest rank of its pairs. */
    int rank();

    /** Bytes of its weights as stored. */
    long storedBytes();

    /**
     * What it adds to a matrix; empty where it leaves the matrix as it is.
     *
     * @param role one of a layer's dense matrices
     */
    Optional<Pair> pair(WeightRole role, int layer);

    /**
     * To be called before weights are read after a while.
     *
     * @throws ModelException if its files are not any more what {@link #digest} was made of
     */
    void requireUnchanged();

    /**
     * Two narrow matrices.
     *
     * @param down {@code [rank, inputs]}, PEFT's {@code lora_A}
     * @param up {@code [outputs, rank]}, PEFT's {@code lora_B}
     * @param scale {@code alpha / rank}, or {@code alpha / sqrt(rank)} where the adapter says so
     */
    record Pair(StoredMatrix down, StoredMatrix up, float scale) {

        public Pair {
            if (down.rows() != up.columns()) {
                throw new IllegalArgumentException(
                        "ranks " + down.rows() + " and " + up.columns() + " do not meet");
            }
        }
    }
}
