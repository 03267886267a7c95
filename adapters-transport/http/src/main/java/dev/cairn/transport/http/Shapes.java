package dev.cairn.transport.http;

import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.request.Usage;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Arrays;
import java.util.List;

/** Parts that several answers have. */
final class Shapes {

    private Shapes() {}

    static JsonArray ids(int[] ids) {
        return JsonValue.array(
                Arrays.stream(ids).mapToObj(id -> JsonNumber.of((long) id)).toList());
    }

    static JsonArray ids(List<TokenReport> tokens) {
        return JsonValue.array(
                tokens.stream().map(token -> JsonNumber.of((long) token.id())).toList());
    }

    /** As vLLM names it now, and as DeepSeek's clients, LangChain4j and Spring AI read it. */
    static void putReasoning(JsonValue.Builder message, String reasoning) {
        message.put("reasoning", reasoning).put("reasoning_content", reasoning);
    }

    static JsonObject usage(Usage usage) {
        return JsonObject.builder()
                .put("prompt_tokens", (long) usage.promptTokens())
                .put("completion_tokens", (long) usage.completionTokens())
                .put("total_tokens", (long) usage.totalTokens())
                .put(
                        "prompt_tokens_details",
                        JsonObject.builder()
                                .put("cached_tokens", (long) usage.cachedTokens())
                                .build())
                .put(
                        "completion_tokens_details",
                        JsonObject.builder()
                                .put("reasoning_tokens", (long) usage.reasoningTokens())
                                .build())
                .build();
    }

    /** vLLM's {@code stop_reason}: the token or string that was asked for, else null. */
    static JsonValue stopReason(StopCause cause) {
        return switch (cause) {
            case StopCause.EndOfSequence() -> JsonValue.NULL;
            case StopCause.StopToken(int id) -> JsonNumber.of((long) id);
            case StopCause.StopString(String text) -> JsonValue.of(text);
            case StopCause.Budget() -> JsonValue.NULL;
        };
    }
}
