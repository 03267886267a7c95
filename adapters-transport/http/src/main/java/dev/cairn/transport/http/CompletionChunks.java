package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * A completion as chunks: the prompt if it is echoed, the deltas, per choice an empty text with the
 * finish reason, and the usage if it was asked for.
 */
final class CompletionChunks implements AnswerRenderer {

    private final CompletionRequest request;
    private final CompletionChoices choices;
    private final int[] promptTokens;
    private final int[] completionTokens;

    CompletionChunks(CompletionRequest request, CompletionChoices choices) {
        this.request = request;
        this.choices = choices;
        this.promptTokens = new int[request.calls().size()];
        this.completionTokens = new int[request.calls().size() * request.choices()];
    }

    @Override
    public List<JsonObject> started(int call, AnswerEvent.Started event) {
        promptTokens[call] = event.promptIds().length;
        if (!request.echo() && !request.returnTokenIds()) {
            return List.of();
        }
        String text = choices.echoed(call, event);
        List<JsonObject> chunks = new ArrayList<>();
        for (int i = 0; i < request.choices(); i++) {
            int index = request.index(call, i);
            choices.echo(index, event);
            var choice = open(index, text);
            if (request.returnTokenIds()) {
                choice.put("prompt_token_ids", Shapes.ids(event.promptIds()))
                        .put("token_ids", Shapes.ids(new int[0]));
            }
            chunks.add(chunk(call, index, choice));
        }
        return chunks;
    }

    @Override
    public List<JsonObject> delta(int call, AnswerEvent.Delta event) {
        if (request.promptOnly()) {
            return List.of();
        }
        int index = request.index(call, event.choice());
        completionTokens[index] += event.tokens().size();
        choices.add(index, event);
        boolean worthTelling =
                !event.text().isEmpty()
                        || request.logprobs().isPresent()
                        || request.returnTokenIds()
                        || request.streaming().continuousUsage();
        if (!worthTelling) {
            return List.of();
        }
        var choice = open(index, event.text());
        if (request.returnTokenIds()) {
            choice.put("token_ids", Shapes.ids(event.tokens()));
        }
        return List.of(chunk(call, index, choice));
    }

    @Override
    public List<JsonObject> choiceEnded(int call, AnswerEvent.ChoiceEnded event) {
        int index = request.index(call, event.choice());
        var choice =
                JsonObject.builder()
                        .put("index", (long) index)
                        .put("text", "")
                        .putNull("logprobs")
                        .put("finish_reason", CompletionAnswer.finishReason(request, event))
                        .put("stop_reason", CompletionAnswer.stopReason(request, event));
        return List.of(chunk(call, index, choice));
    }

    @Override
    public List<JsonObject> ended(Usage usage) {
        if (!request.streaming().includeUsage()) {
            return List.of();
        }
        return List.of(
                request.head()
                        .open("text_completion")
                        .put("choices", JsonValue.array(List.of()))
                        .put("usage", Shapes.usage(CompletionAnswer.told(request, usage)))
                        .build());
    }

    private JsonValue.Builder open(int index, String text) {
        return choices.choice(index, text).putNull("finish_reason").putNull("stop_reason");
    }

    private JsonObject chunk(int call, int index, JsonValue.Builder choice) {
        var chunk =
                request.head()
                        .open("text_completion")
                        .put("choices", JsonValue.array(List.of(choice.build())));
        if (request.streaming().continuousUsage()) {
            chunk.put(
                    "usage",
                    Shapes.usage(new Usage(promptTokens[call], completionTokens[index], 0, 0)));
        } else if (request.streaming().includeUsage()) {
            chunk.putNull("usage");
        }
        return chunk.build();
    }
}
