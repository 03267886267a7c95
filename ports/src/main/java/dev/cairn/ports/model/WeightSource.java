package dev.cairn.ports.model;

/**
 * A model's weights by role. Everything that {@link ModelArchitecture} implies is present and has
 * the right shape: the format checked it when the model was opened.
 *
 * <p>Threads: any number of readers at once.
 */
public interface WeightSource {

    /**
     * A matrix as stored.
     *
     * @param layer layer index, 0 for roles that belong to no layer
     * @param expert expert index, 0 for roles that belong to no expert
     * @throws IllegalArgumentException if the architecture has no such matrix
     */
    StoredMatrix matrix(WeightRole role, int layer, int expert);

    default StoredMatrix matrix(WeightRole role, int layer) {
        return matrix(role, layer, 0);
    }

    /**
     * A norm's weights or a bias, widened to float32; norm weights are factors ({@code 1 + w}
     * applied where the family stores w).
     *
     * @throws IllegalArgumentException if the architecture has no such vector
     */
    float[] vector(WeightRole role, int layer);

    /** Bytes of all tensors as stored. */
    long storedBytes();

    /** The type that most weight bytes have; what {@code --dtype auto} keeps. */
    WeightType dominantType();
}
