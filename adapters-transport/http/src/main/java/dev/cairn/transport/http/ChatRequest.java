package dev.cairn.transport.http;

import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.ToolChoice;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request to {@code /v1/chat/completions}, as far as it shapes the answer's form.
 *
 * @param call what the core gets
 * @param logprobs whether the answer's tokens are reported with theirs
 * @param promptLogprobs likeliest tokens reported per token of the prompt
 * @param returnTokenIds vLLM's {@code return_token_ids}
 * @param includeReasoning vLLM's {@code include_reasoning}: whether the client sees what the model
 *     thinks
 * @param echoed text of the last message where {@code echo} asks for it, else empty
 */
record ChatRequest(
        AnswerHead head,
        GenerationCall call,
        Streaming streaming,
        boolean logprobs,
        OptionalInt promptLogprobs,
        boolean returnTokenIds,
        LogprobFormat logprobFormat,
        boolean includeReasoning,
        String echoed) {

    static ChatRequest read(
            Fields fields, Caller caller, long created, List<ServedModel> models, Bounds bounds) {
        Unserved.refuse(fields);
        var streaming = Streaming.read(fields);
        boolean logprobs = fields.flag("logprobs", false);
        OptionalInt top = CallFields.logprobs(fields, "top_logprobs", bounds.logprobs());
        if (!logprobs && top.orElse(0) > 0) {
            throw fields.invalid("top_logprobs", "is allowed only when logprobs is true");
        }
        OptionalInt prompt = CallFields.promptLogprobs(fields, streaming, bounds.logprobs());
        OptionalInt budget = fields.integer("max_completion_tokens");
        var callFields =
                new CallFields(
                        fields,
                        caller,
                        CallFields.model(fields, models, ServedModel.Kind.GENERATION),
                        budget.isPresent() ? budget : fields.integer("max_tokens"),
                        logprobs ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty(),
                        prompt,
                        shape(fields));
        bounds.checkSequences(fields, 1);
        Conversation conversation = bounds.conversations().read(fields);
        String id = "chatcmpl-" + RequestHeaders.randomHex();
        return new ChatRequest(
                new AnswerHead(id, created, callFields.model()),
                callFields.call(
                        id,
                        new Prompt.Chat(conversation, fields.flag("add_special_tokens", false))),
                streaming,
                logprobs,
                prompt,
                fields.flag("return_token_ids", false),
                new LogprobFormat(fields.flag("return_tokens_as_token_ids", false)),
                fields.flag("include_reasoning", true),
                fields.flag("echo", false) ? lastAnswer(conversation) : "");
    }

    /**
     * What the server allows.
     *
     * @param logprobs most log-probabilities per token
     * @param sequences most prompts times {@code n}
     */
    record Bounds(int logprobs, int sequences, Conversations conversations) {

        void checkSequences(Fields fields, int prompts) {
            int choices = BeamFields.sequences(fields);
            if ((long) choices * prompts > sequences) {
                throw fields.invalid(
                        "n",
                        prompts
                                + " prompts of "
                                + choices
                                + " answers each are more than the "
                                + sequences
                                + " that one request may ask for");
            }
        }
    }

    private static AnswerShape shape(Fields fields) {
        ToolChoice choice = ToolFields.choice(fields);
        Optional<FormatFields.Asked> asked = FormatFields.read(fields);
        return new AnswerShape(
                asked.map(FormatFields.Asked::format),
                asked.map(FormatFields.Asked::field).orElse(""),
                choice,
                fields.flag("parallel_tool_calls", true),
                true);
    }

    /** vLLM prepends the last message where the model goes on with the same role. */
    private static String lastAnswer(Conversation conversation) {
        JsonObject last = conversation.messages().getLast();
        if (!JsonValue.of("assistant").equals(last.member("role"))) {
            return "";
        }
        return switch (last.member("content")) {
            case JsonString(String text) -> text;
            case JsonArray(var parts) -> joined(parts);
            case null -> "";
            case JsonValue _ -> "";
        };
    }

    private static String joined(List<JsonValue> parts) {
        var text = new StringBuilder();
        for (JsonValue part : parts) {
            if (part instanceof JsonObject object
                    && object.member("text") instanceof JsonString(String piece)) {
                text.append(piece);
            }
        }
        return text.toString();
    }
}
