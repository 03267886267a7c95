package dev.cairn.engine.cpu.kernel;

/**
 * The function applied to the gate of a feed-forward layer before it multiplies the other branch.
 */
public enum Gate {
    /** {@code x / (1 + exp(-x))}: Llama, Qwen, Mixtral. */
    SILU,
    /** {@code x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))}: Gemma. */
    GELU_TANH
}
