package dev.cairn.transport.http;

import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.request.GenerationCall;
import dev.cairn.ports.request.InferenceService.ServedModel;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A request to {@code /v1/chat/completions}, as far as it shapes the answer's form.
 *
 * @param call what the core gets
 * @param logprobs whether the answer's tokens are reported with theirs
 * @param promptLogprobs likeliest tokens reported per token of the prompt
 * @param returnTokenIds vLLM's {@code return_token_ids}
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
        String echoed) {

    static ChatRequest read(
            Fields fields, Caller caller, long created, List<ServedModel> models, Bounds bounds) {
        Unserved.refuse(fields);
        checkTools(fields);
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
                        prompt);
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
            int choices = CallFields.choices(fields);
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

    /**
     * Tools that are not called are a matter of the template. Calls are not parsed yet, and a
     * client that offers tools waits for {@code tool_calls}.
     */
    private static void checkTools(Fields fields) {
        Optional<List<JsonValue>> tools =
                fields.has("tools") ? Optional.of(Conversations.tools(fields)) : Optional.empty();
        Optional<JsonValue> choice = fields.value("tool_choice");
        if (tools.isPresent() && tools.get().isEmpty()) {
            throw fields.invalid("tools", "must have at least one tool, or be left out");
        }
        String mode = choice.map(value -> mode(fields, value)).orElse("auto");
        if (mode.equals("none")) {
            return;
        }
        if (tools.isEmpty()) {
            if (choice.isPresent()) {
                throw fields.invalid("tool_choice", "is allowed only with tools");
            }
            return;
        }
        if (mode.equals("named")) {
            checkNamed(fields.child("tool_choice").orElseThrow(), tools.get());
        }
        throw Problems.notServed(
                "tools",
                "tool calls are not served yet: the answer would be plain text where tool_calls"
                        + " are expected. Leave tools out, or send tool_choice \"none\" to only"
                        + " show them to the model");
    }

    private static String mode(Fields fields, JsonValue choice) {
        return switch (choice) {
            case JsonString(String text)
                    when text.equals("none") || text.equals("auto") || text.equals("required") ->
                    text;
            case JsonObject _ -> "named";
            case JsonValue other ->
                    throw fields.wrongType(
                            "tool_choice",
                            "\"none\", \"auto\", \"required\" or a named function",
                            other);
        };
    }

    private static void checkNamed(Fields choice, List<JsonValue> tools) {
        String name =
                choice.child("function")
                        .flatMap(function -> function.text("name"))
                        .orElseThrow(() -> choice.invalid("function.name", "is required"));
        boolean known =
                tools.stream().map(ChatRequest::functionName).anyMatch(JsonValue.of(name)::equals);
        if (!known) {
            throw choice.invalid("function.name", "\"" + Echo.of(name) + "\" is none of the tools");
        }
    }

    private static JsonValue functionName(JsonValue tool) {
        return tool instanceof JsonObject object
                        && object.member("function") instanceof JsonObject function
                ? Objects.requireNonNullElse(function.member("name"), JsonValue.NULL)
                : JsonValue.NULL;
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
