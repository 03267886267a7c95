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
        String reasoning = request.includeReasoning() ? event.reasoning() : "";
        boolean worthTelling =
                !event.text().isEmpty()
                        || !reasoning.isEmpty()
                        || request.logprobs()
                        || request.returnTokenIds()
                        || (request.streaming().continuousUsage() && event.calls().isEmpty());
        List<JsonObject> chunks = new ArrayList<>(event.calls().size() + 1);
        if (worthTelling) {
            chunks.add(said(event, reasoning));
        }
        // One call to a chunk: clients put pieces together by index, some of them the first only.
        for (AnswerEvent.ToolCallDelta piece : event.calls()) {
            JsonObject delta =
                    JsonObject.builder()
                            .put("tool_calls", JsonValue.array(List.of(MadeCalls.piece(piece))))
                            .build();
            chunks.add(close(open(choice(event.choice(), delta)), event.choice()));
        }
        return chunks;
    }

    private JsonObject said(AnswerEvent.Delta event, String reasoning) {
        var delta = JsonObject.builder();
        if (!reasoning.isEmpty()) {
            Shapes.putReasoning(delta, reasoning);
        }
        if (!event.text().isEmpty() || reasoning.isEmpty()) {
            delta.put("content", event.text());
        }
        JsonValue logprobs =
                request.logprobs() ? request.logprobFormat().chat(event.tokens()) : JsonValue.NULL;
        var choice = choice(event.choice(), delta.build(), logprobs, JsonValue.NULL);
        if (request.returnTokenIds()) {
            choice.put("token_ids", Shapes.ids(event.tokens()));
        }
        return close(open(choice), event.choice());
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

    private static JsonValue.Builder choice(int index, JsonObject delta) {
        return choice(index, delta, JsonValue.NULL, JsonValue.NULL);
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
