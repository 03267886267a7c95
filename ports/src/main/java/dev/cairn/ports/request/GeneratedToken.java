package dev.cairn.ports.request;

/**
 * A token with the log-probabilities that were asked for (natural, of the untouched logits).
 *
 * @param id token id
 * @param logprob NaN if not asked for
 * @param rank 1 = most likely; 0 if not asked for
 * @param topIds most likely ids, best first; empty if none were asked for
 * @param topLogprobs theirs
 */
public record GeneratedToken(int id, float logprob, int rank, int[] topIds, float[] topLogprobs) {}
