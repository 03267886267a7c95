package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A completion as one object. */
final class CompletionAnswer implements AnswerRenderer {

    private final CompletionRequest request;
    private final CompletionChoices choices;
    private final AnswerEvent.Started[] starts;
    private final List<Choice> answers;

    CompletionAnswer(CompletionRequest request, CompletionChoices choices) {
        this.request = request;
        this.choices = choices;
        this.starts = new AnswerEvent.Started[request.calls().size()];
        this.answers =
                IntStream.range(0, request.calls().size() * request.choices())
                        .mapToObj(_ -> new Choice())
                        .toList();
    }

    /** What a client that asked for the prompt alone is told: that this was the budget. */
    static String finishReason(CompletionRequest request, AnswerEvent.ChoiceEnded event) {
        return (request.promptOnly() ? FinishReason.LENGTH : event.reason()).label();
    }

    static JsonValue stopReason(CompletionRequest request, AnswerEvent.ChoiceEnded event) {
        return request.promptOnly() ? JsonValue.NULL : Shapes.stopReason(event.cause());
    }

    /** The usage without tokens that the client did not get. */
    static Usage told(CompletionRequest request, Usage usage) {
        return request.promptOnly()
                ? new Usage(usage.promptTokens(), 0, usage.cachedTokens(), 0)
                : usage;
    }

    @Override
    public List<JsonObject> started(int call, AnswerEvent.Started event) {
        starts[call] = event;
        String text = choices.echoed(call, event);
        for (int i = 0; i < request.choices(); i++) {
            answers.get(request.index(call, i)).text.append(text);
            choices.echo(request.index(call, i), event);
        }
        return List.of();
    }

    @Override
    public List<JsonObject> delta(int call, AnswerEvent.Delta event) {
        if (request.promptOnly()) {
            return List.of();
        }
        int index = request.index(call, event.choice());
        answers.get(index).text.append(event.text());
        choices.add(index, event);
        if (request.returnTokenIds()) {
            answers.get(index).tokens.addAll(event.tokens());
        }
        return List.of();
    }

    @Override
    public List<JsonObject> choiceEnded(int call, AnswerEvent.ChoiceEnded event) {
        answers.get(request.index(call, event.choice())).end = event;
        return List.of();
    }

    @Override
    public List<JsonObject> ended(Usage usage) {
        List<JsonObject> bodies = new ArrayList<>(answers.size());
        for (int call = 0; call < starts.length; call++) {
            for (int i = 0; i < request.choices(); i++) {
                bodies.add(choice(request.index(call, i), starts[call]));
            }
        }
        return List.of(
                request.head()
                        .open("text_completion")
                        .put("choices", JsonValue.array(bodies))
                        .put("usage", Shapes.usage(told(request, usage)))
                        .build());
    }

    private JsonObject choice(int index, AnswerEvent.Started start) {
        Choice answer = answers.get(index);
        var body =
                choices.choice(index, answer.text.toString())
                        .put("finish_reason", finishReason(request, answer.end))
                        .put("stop_reason", stopReason(request, answer.end));
        request.promptLogprobs()
                .ifPresent(
                        most ->
                                body.put(
                                        "prompt_logprobs",
                                        request.logprobFormat()
                                                .prompt(start.promptTokens(), most)));
        if (request.returnTokenIds()) {
            body.put("token_ids", Shapes.ids(answer.tokens))
                    .put("prompt_token_ids", Shapes.ids(start.promptIds()));
        }
        return body.build();
    }

    /** What has come of a choice. */
    private static final class Choice {

        private final StringBuilder text = new StringBuilder();
        private final List<TokenReport> tokens = new ArrayList<>();
        private AnswerEvent.ChoiceEnded end;
    }
}
