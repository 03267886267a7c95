package dev.cairn.core.request;

import dev.cairn.core.grammar.CompiledFormat;
import dev.cairn.core.grammar.FormatBudget;
import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.StopConditions;

/** Whether the format of a call can be held, told before any work. */
final class FormatResolution {

    private FormatResolution() {}

    /**
     * Compiles the format, so that the backend finds it compiled.
     *
     * @param room tokens that fit after the prompt
     * @throws dev.cairn.ports.request.RequestRefused naming the field that asked for the format, or
     *     {@code max_tokens} where no answer of it is short enough
     */
    static void check(GenerationCall call, Served.Generation model, StopConditions stop, int room) {
        AnswerShape shape = call.shape();
        if (shape.format().isEmpty()) {
            return;
        }
        CompiledFormat format = model.grammars().compile(shape.formatField(), shape.format().get());
        FormatBudget.check(format, stop.maxTokens(), room);
        if (call.beams().isPresent()) {
            throw Field.refused(
                    shape.formatField(),
                    shape.formatField()
                            + " cannot be held in a beam search; leave use_beam_search out");
        }
    }
}
