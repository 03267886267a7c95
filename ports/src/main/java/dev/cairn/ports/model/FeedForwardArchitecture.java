package dev.cairn.ports.model;

/**
 * The second half of a layer: {@code down(activation(gate(x)) * up(x))}, dense or by routed
 * experts.
 */
public sealed interface FeedForwardArchitecture {

    /** Width between the projections. */
    int intermediateSize();

    Activation activation();

    record Dense(int intermediateSize, Activation activation) implements FeedForwardArchitecture {}

    /**
     * Mixture of experts. The router's logits {@code x · routerᵀ} are softmaxed over all experts in
     * float32; the {@code expertsPerToken} most likely (ties: lower index first) are weighted by
     * their probabilities.
     *
     * @param renormalise whether the chosen weights are divided by their sum (Mixtral: yes)
     */
    record Experts(
            int experts,
            int expertsPerToken,
            boolean renormalise,
            int intermediateSize,
            Activation activation)
            implements FeedForwardArchitecture {}

    /** Gate activation. */
    enum Activation {
        /** {@code x * sigmoid(x)}. */
        SILU,
        /** Gelu by its tanh approximation, {@code gelu_pytorch_tanh}. */
        GELU_TANH
    }
}
