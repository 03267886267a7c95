package dev.cairn.core.request;

import dev.cairn.ports.request.BeamSearch;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.SamplingParameters;
import dev.cairn.ports.request.ToolChoice;

/**
 * What beam search goes together with. Temperature, top-p, top-k, min-p and seed say how to draw,
 * and beams draw nothing: they are ignored, as in vLLM. What would alter the scores, or end an
 * answer by its text, is refused by name.
 */
final class BeamResolution {

    private BeamResolution() {}

    /**
     * @throws RequestRefused naming the field
     */
    static void check(GenerationCall call, RequestLimits limits) {
        if (call.beams().isEmpty()) {
            return;
        }
        BeamSearch beams = call.beams().get();
        Field.within("best_of", beams.width(), call.choices(), limits.maxChoices());
        Field.check(
                Float.isFinite(beams.lengthPenalty()) && Math.abs(beams.lengthPenalty()) <= 100,
                "length_penalty",
                "be from -100 to 100",
                beams.lengthPenalty());
        refuse(!call.stop().isEmpty(), "stop", "use stop_token_ids");
        refuse(!call.badWords().isEmpty(), "bad_words", "leave it out");
        refuse(call.allowedTokenIds().isPresent(), "allowed_token_ids", "leave it out");
        refuse(!call.logitBias().isEmpty(), "logit_bias", "leave it out");
        refuse(call.presencePenalty().orElse(0) != 0, "presence_penalty", "leave it out");
        refuse(call.frequencyPenalty().orElse(0) != 0, "frequency_penalty", "leave it out");
        refuse(call.repetitionPenalty().orElse(1) != 1, "repetition_penalty", "leave it out");
        refuse(call.shape().format().isPresent(), call.shape().formatField(), "leave it out");
        boolean calls = !(call.shape().toolChoice() instanceof ToolChoice.None);
        refuse(calls, "tool_choice", "send \"none\"");
    }

    /** How the scores of beams are made: from the model's own log-probabilities. */
    static SamplingParameters sampling(GenerationCall call, SamplingParameters resolved) {
        return call.beams().isEmpty() ? resolved : SamplingParameters.GREEDY;
    }

    private static void refuse(boolean present, String field, String instead) {
        if (present) {
            throw Field.refused(
                    field, field + " is not available with use_beam_search; " + instead);
        }
    }
}
