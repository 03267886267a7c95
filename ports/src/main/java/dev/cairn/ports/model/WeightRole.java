package dev.cairn.ports.model;

/**
 * What a tensor does, whatever its file calls it. Matrices are {@code [outputs, inputs]}, vectors
 * {@code [size]}.
 *
 * <p>Roles after {@link #OUTPUT_NORM} belong to a layer; {@code EXPERT_*} also to an expert.
 */
public enum WeightRole {
    /** {@code [vocabulary, hidden]}. */
    EMBEDDING,
    /** {@code [vocabulary, hidden]}; absent where embeddings are tied. */
    OUTPUT,
    /** {@code [hidden]}. */
    OUTPUT_NORM,

    ATTENTION_NORM,
    QUERY,
    KEY,
    VALUE,
    ATTENTION_OUTPUT,
    QUERY_BIAS,
    KEY_BIAS,
    VALUE_BIAS,
    ATTENTION_OUTPUT_BIAS,
    /** {@code [head size]}. */
    QUERY_NORM,
    /** {@code [head size]}. */
    KEY_NORM,
    /** After attention, before the residual sum, where {@link ModelArchitecture#postNorms}. */
    POST_ATTENTION_NORM,
    FEED_FORWARD_NORM,
    GATE,
    UP,
    DOWN,
    /** After feed-forward, before the residual sum, where {@link ModelArchitecture#postNorms}. */
    POST_FEED_FORWARD_NORM,
    /** {@code [experts, hidden]}. */
    ROUTER,
    EXPERT_GATE,
    EXPERT_UP,
    EXPERT_DOWN
}
