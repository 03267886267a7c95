package dev.cairn.transport.http;

import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Writes log-probabilities in the three shapes that clients know. Immutable.
 *
 * @param tokensAsIds {@code return_tokens_as_token_ids}: tokens read {@code "token_id:17"}, which
 *     tells apart tokens whose texts are alike
 */
record LogprobFormat(boolean tokensAsIds) {

    /** JSON has no infinity; vLLM's word for it. */
    private static final float LEAST = -9999.0f;

    /** A chat's {@code logprobs}. */
    JsonObject chat(List<TokenReport> tokens) {
        List<JsonObject> content = new ArrayList<>(tokens.size());
        for (TokenReport token : tokens) {
            content.add(
                    chatToken(token)
                            .put(
                                    "top_logprobs",
                                    JsonValue.array(
                                            token.top().stream()
                                                    .map(top -> chatToken(top).build())
                                                    .toList()))
                            .build());
        }
        return JsonObject.builder().put("content", JsonValue.array(content)).build();
    }

    /**
     * vLLM's {@code prompt_logprobs}: null for the first token, for every other one a map from ids
     * to what the model thought of them, the prompt's own first.
     *
     * @param most entries beside the prompt's own token
     */
    JsonValue prompt(List<TokenReport> tokens, int most) {
        List<JsonValue> positions = new ArrayList<>(tokens.size());
        for (TokenReport token : tokens) {
            positions.add(token == null ? JsonValue.NULL : promptPosition(token, most));
        }
        return JsonValue.array(positions);
    }

    /** The token as log-probabilities name it. */
    String name(TokenReport token) {
        return tokensAsIds ? "token_id:" + token.id() : token.text();
    }

    /** The chosen token and the likeliest, best first; of two that read alike, the likelier. */
    JsonObject top(TokenReport token, int most) {
        Map<String, JsonValue> entries = new LinkedHashMap<>();
        boolean chosenIsThere = false;
        for (TokenReport top : token.top().stream().limit(most).toList()) {
            entries.putIfAbsent(name(top), number(top.logprob()));
            chosenIsThere |= top.id() == token.id();
        }
        if (!chosenIsThere) {
            entries.putIfAbsent(name(token), number(token.logprob()));
        }
        return new JsonObject(entries);
    }

    static JsonValue number(float logprob) {
        if (Float.isNaN(logprob)) {
            return JsonValue.NULL;
        }
        return new JsonNumber(Float.toString(Math.max(logprob, LEAST)));
    }

    private JsonValue.Builder chatToken(TokenReport token) {
        byte[] bytes = token.bytes();
        return JsonObject.builder()
                .put("token", name(token))
                .put("logprob", number(token.logprob()))
                .put(
                        "bytes",
                        JsonValue.array(
                                IntStream.range(0, bytes.length)
                                        .mapToObj(i -> JsonValue.of((long) (bytes[i] & 0xff)))
                                        .toList()));
    }

    private static JsonObject promptPosition(TokenReport token, int most) {
        var position = JsonObject.builder().put(Integer.toString(token.id()), entry(token));
        token.top().stream()
                .limit(most)
                .filter(top -> top.id() != token.id())
                .forEach(top -> position.put(Integer.toString(top.id()), entry(top)));
        return position.build();
    }

    private static JsonObject entry(TokenReport token) {
        return JsonObject.builder()
                .put("logprob", number(token.logprob()))
                .put("rank", (long) token.rank())
                .put("decoded_token", token.text())
                .build();
    }
}
