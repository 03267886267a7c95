package dev.cairn.core.request;

import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.SamplingParameters;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The sampling parameters of a call: the request's own before the model's {@code
 * generation_config.json} before OpenAI's defaults. Bounds are vLLM's.
 */
final class SamplingResolution {

    private SamplingResolution() {}

    /**
     * @param vocabulary ids of {@code logit_bias} are below it
     * @throws dev.cairn.ports.request.RequestRefused naming the field and the value
     */
    static SamplingParameters resolve(
            GenerationCall call, GenerationDefaults defaults, int vocabulary) {
        double temperature = first(call.temperature(), temperature(defaults));
        double topP = first(call.topP(), defaults.topP().orElse(1));
        int topK = call.topK().orElse(defaults.topK().orElse(0));
        double minP = first(call.minP(), defaults.minP().orElse(0));
        double repetition = first(call.repetitionPenalty(), defaults.repetitionPenalty().orElse(1));
        double presence = call.presencePenalty().orElse(0);
        double frequency = call.frequencyPenalty().orElse(0);
        Field.check(
                temperature >= 0 && temperature <= Float.MAX_VALUE,
                "temperature",
                "be at least 0",
                temperature);
        // Compared as the float that the sampler gets: 1e-50 would be 0 there.
        Field.check((float) topP > 0 && topP <= 1, "top_p", "be above 0 and at most 1", topP);
        Field.check(topK >= -1, "top_k", "be -1 or 0 (off) or at least 1", topK);
        Field.within("min_p", minP, 0, 1);
        Field.within("presence_penalty", presence, -2, 2);
        Field.within("frequency_penalty", frequency, -2, 2);
        Field.check(
                (float) repetition > 0 && repetition <= Float.MAX_VALUE,
                "repetition_penalty",
                "be above 0",
                repetition);
        checkBias(call.logitBias(), vocabulary);
        return new SamplingParameters(
                (float) temperature,
                (float) topP,
                Math.max(0, topK),
                (float) minP,
                (float) presence,
                (float) frequency,
                (float) repetition,
                call.logitBias());
    }

    private static double temperature(GenerationDefaults defaults) {
        boolean greedy = !defaults.doSample().orElse(true);
        return greedy ? 0 : defaults.temperature().orElse(1);
    }

    private static double first(OptionalDouble own, double fallback) {
        return own.orElse(fallback);
    }

    private static void checkBias(Map<Integer, Float> bias, int vocabulary) {
        for (Map.Entry<Integer, Float> entry : bias.entrySet()) {
            Field.tokenId("logit_bias", entry.getKey(), vocabulary);
            Field.within("logit_bias", entry.getValue(), -100, 100);
        }
    }
}
