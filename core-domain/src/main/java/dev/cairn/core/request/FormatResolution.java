package dev.cairn.core.request;

import dev.cairn.core.grammar.CompiledFormat;
import dev.cairn.core.grammar.FormatBudget;
import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.parts.AnswerPlan;
import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.StopConditions;
import java.util.Arrays;

/** What parts the answers of a call have, and whether their format can be held. */
final class FormatResolution {

    /** Enough to see whether the prompt has opened thoughts. */
    private static final int END_TOKENS = 16;

    private FormatResolution() {}

    /**
     * Compiles the format, so that the backend finds it compiled.
     *
     * @param room tokens that fit after the prompt
     * @throws RequestRefused naming the field of a format or tool that cannot be held, or {@code
     *     max_tokens} where no answer of the format is short enough
     */
    static AnswerPlan plan(
            GenerationCall call,
            Served.Generation model,
            int[] prompt,
            StopConditions stop,
            int room) {
        AnswerPlan plan =
                AnswerPlan.of(
                        model.style(),
                        call.id(),
                        call.prompt(),
                        call.shape(),
                        end(prompt, model.codec()));
        if (plan.format().isEmpty()) {
            return plan;
        }
        CompiledFormat format = compile(plan, plan.format().get(), model.grammars());
        FormatBudget.check(format, stop.maxTokens(), room);
        if (call.beams().isPresent()) {
            String field = plan.demands().getLast().field();
            throw Field.refused(
                    field, field + " cannot be held in a beam search; leave use_beam_search out");
        }
        return plan;
    }

    /** Many fields may make one format; the one at fault is sought where there is a fault. */
    private static CompiledFormat compile(AnswerPlan plan, OutputFormat format, Grammars grammars) {
        String field = plan.demands().getLast().field();
        try {
            return grammars.compile(field, format);
        } catch (RequestRefused whole) {
            for (AnswerPlan.Demand demand : plan.demands()) {
                grammars.compile(demand.field(), demand.format());
            }
            throw whole;
        }
    }

    private static String end(int[] prompt, TextCodec codec) {
        int[] end =
                Arrays.copyOfRange(prompt, Math.max(0, prompt.length - END_TOKENS), prompt.length);
        // A model's vocabulary may be padded beyond the tokenizer's.
        boolean known = Arrays.stream(end).allMatch(id -> id < codec.vocabularySize());
        return known ? codec.decode(end, false) : "";
    }
}
