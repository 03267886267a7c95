package dev.cairn.transport.http;

import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * A chat's answer as chunks, in OpenAI's order: one with the role per choice, the deltas, per
 * choice an empty delta with the finish reason, and the usage if it was asked for.
 */
final class ChatChunks implements AnswerRenderer {

    private static final JsonObject NO_DELTA = JsonObject.empty();

    private final ChatRequest request;
    private final int[] completionTokens;
    private int promptTokens;

    ChatChunks(ChatRequest request) {
        this.request = request;
        this.completionTokens = new int[request.call().choices()];
    }

    @Override
    public List<JsonObject> started(int call, AnswerEvent.Started event) {
        promptTokens = event.promptIds().length;
        List<JsonObject> chunks = new ArrayList<>();
        for (int i = 0; i < completionTokens.length; i++) {
            JsonObject role = delta("assistant", "");
            var chunk = open(choice(i, role, JsonValue.NULL, JsonValue.NULL));
            if (request.returnTokenIds() && i == 0) {
                chunk.put("prompt_token_ids", Shapes.ids(event.promptIds()));
            }
            chunks.add(close(chunk, i));
            if (!request.echoed().isEmpty()) {
                chunks.add(
                        close(
                                open(
                                        choice(
                                                i,
                                                delta(null, request.echoed()),
                                                JsonValue.NULL,
                                                JsonValue.NULL)),
                                i));
            }
        }
        return chunks;
    }

    @Override
    public List<JsonObject> delta(int call, AnswerEvent.Delta event) {
        completionTokens[event.choice()] += event.tokens().size();
        boolean worthTelling =
                !event.text().isEmpty()
                        || request.logprobs()
                        || request.returnTokenIds()
                        || request.streaming().continuousUsage();
        if (!worthTelling) {
            return List.of();
        }
        JsonValue logprobs =
                request.logprobs() ? request.logprobFormat().chat(event.tokens()) : JsonValue.NULL;
        var choice = choice(event.choice(), delta(null, event.text()), logprobs, JsonValue.NULL);
        if (request.returnTokenIds()) {
            choice.put("token_ids", Shapes.ids(event.tokens()));
        }
        return List.of(close(open(choice), event.choice()));
    }

    @Override
    public List<JsonObject> choiceEnded(int call, AnswerEvent.ChoiceEnded event) {
        var choice =
                choice(
                                event.choice(),
                                NO_DELTA,
                                JsonValue.NULL,
                                JsonValue.of(event.reason().label()))
                        .put("stop_reason", Shapes.stopReason(event.cause()));
        return List.of(close(open(choice), event.choice()));
    }

    @Override
    public List<JsonObject> ended(Usage usage) {
        if (!request.streaming().includeUsage()) {
            return List.of();
        }
        return List.of(
                request.head()
                        .open("chat.completion.chunk")
                        .put("choices", JsonValue.array(List.of()))
                        .put("usage", Shapes.usage(usage))
                        .build());
    }

    private static JsonObject delta(String role, String content) {
        var delta = JsonObject.builder();
        if (role != null) {
            delta.put("role", role);
        }
        return delta.put("content", content).build();
    }

    private static JsonValue.Builder choice(
            int index, JsonObject delta, JsonValue logprobs, JsonValue finishReason) {
        return JsonObject.builder()
                .put("index", (long) index)
                .put("delta", delta)
                .put("logprobs", logprobs)
                .put("finish_reason", finishReason);
    }

    private JsonValue.Builder open(JsonValue.Builder choice) {
        return request.head()
                .open("chat.completion.chunk")
                .put("choices", JsonValue.array(List.of(choice.build())));
    }

    private JsonObject close(JsonValue.Builder chunk, int choice) {
        if (request.streaming().continuousUsage()) {
            chunk.put(
                    "usage", Shapes.usage(new Usage(promptTokens, completionTokens[choice], 0, 0)));
        } else if (request.streaming().includeUsage()) {
            chunk.putNull("usage");
        }
        return chunk.build();
    }
}
