package dev.cairn.transport.http;

import dev.cairn.ports.request.TokenReport;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code logprobs} of a completion's choice: four lists, an entry per token. Goes on counting
 * offsets from chunk to chunk.
 */
final class CompletionLogprobs {

    private final LogprobFormat format;
    private final int most;
    private final List<JsonValue> tokens = new ArrayList<>();
    private final List<JsonValue> logprobs = new ArrayList<>();
    private final List<JsonValue> tops = new ArrayList<>();
    private final List<JsonValue> offsets = new ArrayList<>();
    private long offset;

    /**
     * @param most likeliest tokens per token
     */
    CompletionLogprobs(LogprobFormat format, int most) {
        this.format = format;
        this.most = most;
    }

    /** The prompt's tokens; of the first the model thought nothing. */
    void addPrompt(int[] ids, List<TokenReport> reports, String firstText) {
        if (ids.length == 0) {
            return;
        }
        add(
                format.tokensAsIds() ? "token_id:" + ids[0] : firstText,
                firstText,
                JsonValue.NULL,
                JsonValue.NULL);
        reports.stream().skip(1).forEach(this::add);
    }

    void addAll(List<TokenReport> reports) {
        reports.forEach(this::add);
    }

    /** What was added since the last call. */
    JsonObject taken() {
        var result =
                JsonObject.builder()
                        .put("tokens", JsonValue.array(tokens))
                        .put("token_logprobs", JsonValue.array(logprobs))
                        .put("top_logprobs", JsonValue.array(tops))
                        .put("text_offset", JsonValue.array(offsets))
                        .build();
        tokens.clear();
        logprobs.clear();
        tops.clear();
        offsets.clear();
        return result;
    }

    private void add(TokenReport token) {
        add(
                format.name(token),
                token.text(),
                LogprobFormat.number(token.logprob()),
                format.top(token, most));
    }

    private void add(String name, String text, JsonValue logprob, JsonValue top) {
        tokens.add(JsonValue.of(name));
        logprobs.add(logprob);
        tops.add(top);
        offsets.add(JsonValue.of(offset));
        // Characters as clients in other languages count them: code points, not UTF-16 units.
        offset += text.codePointCount(0, text.length());
    }
}
