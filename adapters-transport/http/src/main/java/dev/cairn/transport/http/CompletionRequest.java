package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request to {@code /v1/completions}, as far as it shapes the answer's form.
 *
 * @param calls one per prompt
 * @param echo whether the answer begins with the prompt
 * @param promptOnly {@code max_tokens} 0 with {@code echo}: the prompt is the answer, and the one
 *     token that an engine has to generate is dropped
 * @param logprobs likeliest tokens reported per token; empty = none
 * @param promptLogprobs as vLLM's field
 * @param skipSpecialTokens in the text of a prompt that came as ids
 */
record CompletionRequest(
        AnswerHead head,
        List<GenerationCall> calls,
        Streaming streaming,
        boolean echo,
        boolean promptOnly,
        OptionalInt logprobs,
        OptionalInt promptLogprobs,
        boolean returnTokenIds,
        boolean skipSpecialTokens,
        LogprobFormat logprobFormat) {

    /** OpenAI's default. */
    private static final int DEFAULT_MAX_TOKENS = 16;

    static CompletionRequest read(
            Fields fields,
            Caller caller,
            long created,
            List<ServedModel> models,
            ChatRequest.Bounds bounds) {
        refuse(fields);
        var streaming = Streaming.read(fields);
        boolean echo = fields.flag("echo", false);
        int maxTokens = fields.integer("max_tokens").orElse(DEFAULT_MAX_TOKENS);
        boolean promptOnly = echo && maxTokens == 0;
        OptionalInt logprobs = CallFields.logprobs(fields, "logprobs", bounds.logprobs());
        OptionalInt prompt = CallFields.promptLogprobs(fields, streaming, bounds.logprobs());
        List<Prompt> prompts = prompts(fields);
        bounds.checkSequences(fields, prompts.size());
        var callFields =
                new CallFields(
                        fields,
                        caller,
                        CallFields.model(fields, models, ServedModel.Kind.GENERATION),
                        OptionalInt.of(promptOnly ? 1 : maxTokens),
                        logprobs,
                        echo && logprobs.isPresent() ? larger(logprobs, prompt) : prompt,
                        shape(fields));
        String id = "cmpl-" + RequestHeaders.randomHex();
        List<GenerationCall> calls = new ArrayList<>(prompts.size());
        for (int i = 0; i < prompts.size(); i++) {
            calls.add(callFields.call(prompts.size() == 1 ? id : id + "-" + i, prompts.get(i)));
        }
        return new CompletionRequest(
                new AnswerHead(id, created, callFields.model()),
                List.copyOf(calls),
                streaming,
                echo,
                promptOnly,
                logprobs,
                prompt,
                fields.flag("return_token_ids", false),
                fields.flag("skip_special_tokens", true),
                new LogprobFormat(fields.flag("return_tokens_as_token_ids", false)));
    }

    private static AnswerShape shape(Fields fields) {
        return FormatFields.read(fields)
                .map(
                        asked ->
                                new AnswerShape(
                                        Optional.of(asked.format()),
                                        asked.field(),
                                        new ToolChoice.None(),
                                        true,
                                        false))
                .orElse(AnswerShape.TEXT);
    }

    /** OpenAI's numbering: all choices of the first prompt, then those of the second. */
    int index(int call, int choice) {
        return call * choices() + choice;
    }

    int choices() {
        return calls.getFirst().choices();
    }

    private static void refuse(Fields fields) {
        Unserved.refuse(fields);
        if (fields.text("suffix").filter(suffix -> !suffix.isEmpty()).isPresent()) {
            throw Problems.notServed(
                    "suffix", "suffix is not served: no model here was trained to fill gaps");
        }
        OptionalInt bestOf = fields.integer("best_of");
        if (bestOf.isPresent()
                && bestOf.getAsInt() != CallFields.choices(fields)
                && !BeamFields.wanted(fields)) {
            throw Problems.notServed(
                    "best_of",
                    "best_of is served only where it equals n, or with use_beam_search; use n and"
                            + " choose");
        }
    }

    private static List<Prompt> prompts(Fields fields) {
        return Prompts.read(fields, "prompt", fields.flag("add_special_tokens", true));
    }

    private static OptionalInt larger(OptionalInt one, OptionalInt other) {
        return OptionalInt.of(Math.max(one.orElse(0), other.orElse(0)));
    }
}
