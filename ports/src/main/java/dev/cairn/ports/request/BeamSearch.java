package dev.cairn.ports.request;

/**
 * Beam search instead of sampling, as Hugging Face transformers does it: {@code width} hypotheses
 * are kept, and the best complete ones are the answers.
 *
 * @param width Hugging Face's {@code num_beams}, at least 1
 * @param lengthPenalty exponent of the length by which a hypothesis' score is divided
 * @param earlyStopping whether the search ends as soon as {@code width} hypotheses are complete
 */
public record BeamSearch(int width, float lengthPenalty, boolean earlyStopping) {}
