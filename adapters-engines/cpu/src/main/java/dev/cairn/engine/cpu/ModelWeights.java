package dev.cairn.engine.cpu;

import dev.cairn.engine.cpu.kernel.PackedMatrix;
import dev.cairn.ports.model.StoredMatrix;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A model's weights in memory. Read by any thread until the memory is given back.
 *
 * @param embedding {@code [vocabulary, hidden]}, still in its file
 * @param layers from the input to the output
 * @param outputNorm {@code [hidden]}
 * @param output {@code [vocabulary, hidden]}
 */
record ModelWeights(
        StoredMatrix embedding, List<Layer> layers, MemorySegment outputNorm, PackedMatrix output) {

    record Layer(Attention attention, FeedForward feedForward) {}

    /**
     * Weights of one attention.
     *
     * @param norm {@code [hidden]}, before the projections
     * @param query projection and its bias
     * @param headNorms of queries and keys, {@code [head size]} each
     * @param postNorm {@code [hidden]}, after the output projection
     */
    record Attention(
            MemorySegment norm,
            Linear query,
            Linear key,
            Linear value,
            Linear output,
            Optional<HeadNorms> headNorms,
            Optional<MemorySegment> postNorm) {}

    record Linear(PackedMatrix weights, Optional<MemorySegment> bias) {}

    record HeadNorms(MemorySegment query, MemorySegment key) {}

    /**
     * Weights of one feed-forward half.
     *
     * @param norm {@code [hidden]}, before it
     * @param postNorm {@code [hidden]}, after it
     * @param router {@code [experts, hidden]}; empty where the layer is dense
     * @param experts one where the layer is dense
     */
    record FeedForward(
            MemorySegment norm,
            Optional<MemorySegment> postNorm,
            Optional<PackedMatrix> router,
            List<GatedUnit> experts) {}

    /** {@code down(activation(gate(x)) * up(x))}. */
    record GatedUnit(PackedMatrix gate, PackedMatrix up, PackedMatrix down) {}
}
