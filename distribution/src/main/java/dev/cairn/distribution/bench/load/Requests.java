package dev.cairn.distribution.bench.load;

import dev.cairn.distribution.bench.client.Ask;
import dev.cairn.distribution.bench.prompt.Api;
import dev.cairn.distribution.bench.prompt.Message;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes requests of conversations: streamed, with usage, greedy, to the full number of tokens.
 *
 * @param model empty = none is named
 * @param extra members that every body gets, before all others
 */
public record Requests(Api api, String model, Optional<String> apiKey, JsonObject extra) {

    public Ask ask(List<Message> messages, int outputTokens, boolean keepsText) {
        JsonValue.Builder body = JsonObject.builder();
        if (!model.isEmpty()) {
            body.put("model", model);
        }
        api.put(body, messages)
                .put("stream", true)
                .put("stream_options", JsonObject.builder().put("include_usage", true).build())
                .put("max_tokens", (long) outputTokens)
                .put("temperature", 0L)
                .put("ignore_eos", true);
        extra.members().forEach(body::put);
        return new Ask(api.path(), body.build(), apiKey, Map.of(), keepsText);
    }

    /** The same by another caller. */
    public Requests by(String key) {
        return new Requests(api, model, Optional.of(key), extra);
    }

    /** The same with one more member. */
    public Requests with(String name, JsonValue value) {
        JsonValue.Builder members = JsonObject.builder();
        extra.members().forEach(members::put);
        return new Requests(api, model, apiKey, members.put(name, value).build());
    }
}
