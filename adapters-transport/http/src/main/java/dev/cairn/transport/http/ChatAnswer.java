package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A chat's answer as one object. */
final class ChatAnswer implements AnswerRenderer {

    private final ChatRequest request;
    private final List<Choice> choices;
    private AnswerEvent.Started start;

    ChatAnswer(ChatRequest request) {
        this.request = request;
        this.choices =
                IntStream.range(0, request.call().choices()).mapToObj(_ -> new Choice()).toList();
    }

    @Override
    public List<JsonObject> started(int call, AnswerEvent.Started event) {
        start = event;
        return List.of();
    }

    @Override
    public List<JsonObject> delta(int call, AnswerEvent.Delta event) {
        Choice choice = choices.get(event.choice());
        choice.text.append(event.text());
        choice.reasoning.append(event.reasoning());
        event.calls().forEach(choice.calls::add);
        if (request.logprobs() || request.returnTokenIds()) {
            choice.tokens.addAll(event.tokens());
        }
        return List.of();
    }

    @Override
    public List<JsonObject> choiceEnded(int call, AnswerEvent.ChoiceEnded event) {
        choices.get(event.choice()).end = event;
        return List.of();
    }

    @Override
    public List<JsonObject> ended(Usage usage) {
        var body =
                request.head()
                        .open("chat.completion")
                        .put(
                                "choices",
                                JsonValue.array(
                                        IntStream.range(0, choices.size())
                                                .mapToObj(i -> choice(i, choices.get(i)))
                                                .toList()))
                        .put("usage", Shapes.usage(usage));
        request.promptLogprobs()
                .ifPresent(
                        most ->
                                body.put(
                                        "prompt_logprobs",
                                        request.logprobFormat()
                                                .prompt(start.promptTokens(), most)));
        if (request.returnTokenIds()) {
            body.put("prompt_token_ids", Shapes.ids(start.promptIds()));
        }
        return List.of(body.build());
    }

    private JsonObject choice(int index, Choice choice) {
        var body =
                JsonObject.builder()
                        .put("index", (long) index)
                        .put("message", message(choice))
                        .put(
                                "logprobs",
                                request.logprobs()
                                        ? request.logprobFormat().chat(choice.tokens)
                                        : JsonValue.NULL)
                        .put("finish_reason", choice.end.reason().label())
                        .put("stop_reason", Shapes.stopReason(choice.end.cause()));
        if (request.returnTokenIds()) {
            body.put("token_ids", Shapes.ids(choice.tokens));
        }
        return body.build();
    }

    /** OpenAI's content is null where there is none, and calls or thoughts instead. */
    private JsonObject message(Choice choice) {
        String content = request.echoed() + choice.text;
        boolean other = !choice.calls.isEmpty() || !choice.reasoning.isEmpty();
        var message =
                JsonObject.builder()
                        .put("role", "assistant")
                        .put("content", content.isEmpty() && other ? null : content)
                        .putNull("refusal");
        if (request.includeReasoning() && !choice.reasoning.isEmpty()) {
            Shapes.putReasoning(message, choice.reasoning.toString());
        }
        if (!choice.calls.isEmpty()) {
            message.put("tool_calls", choice.calls.toJson());
        }
        return message.build();
    }

    /** What has come of a choice. */
    private static final class Choice {

        private final StringBuilder text = new StringBuilder();
        private final StringBuilder reasoning = new StringBuilder();
        private final MadeCalls calls = new MadeCalls();
        private final List<TokenReport> tokens = new ArrayList<>();
        private AnswerEvent.ChoiceEnded end;
    }
}
