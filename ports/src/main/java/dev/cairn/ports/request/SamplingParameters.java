package dev.cairn.ports.request;

import java.util.Map;

/**
 * The numbers that shape a choice, already validated and defaulted.
 *
 * @param temperature 0 = greedy
 * @param topP in (0, 1]; 1 = off
 * @param topK 0 = off
 * @param minP in [0, 1]; 0 = off: tokens less likely than minP times the likeliest are dropped
 * @param presencePenalty subtracted once from the logit of every token generated so far
 * @param frequencyPenalty subtracted per occurrence in what was generated
 * @param repetitionPenalty above 0; 1 = off: divides positive and multiplies negative logits of
 *     tokens in prompt or answer
 * @param logitBias added to logits by token id
 */
public record SamplingParameters(
        float temperature,
        float topP,
        int topK,
        float minP,
        float presencePenalty,
        float frequencyPenalty,
        float repetitionPenalty,
        Map<Integer, Float> logitBias) {

    public static final SamplingParameters GREEDY =
            new SamplingParameters(0, 1, 0, 0, 0, 0, 1, Map.of());

    public SamplingParameters {
        logitBias = Map.copyOf(logitBias);
    }

    /** Whether the choice looks at what was said so far. */
    public boolean penalises() {
        return presencePenalty != 0 || frequencyPenalty != 0 || repetitionPenalty != 1;
    }
}
