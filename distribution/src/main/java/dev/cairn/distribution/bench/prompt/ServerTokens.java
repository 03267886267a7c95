package dev.cairn.distribution.bench.prompt;

import dev.cairn.distribution.bench.client.LoadClient;
import dev.cairn.distribution.bench.client.LoadClient.Reply;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Counts by the server's {@code /tokenize}: vLLM's, which Cairn and SGLang have too and which takes
 * {@code prompt} or {@code messages}, or llama.cpp's, which takes {@code content} and has {@code
 * /apply-template} for conversations.
 */
public final class ServerTokens implements TokenCounter {

    private static final String PATH = "/tokenize";

    private enum Dialect {
        VLLM,
        LLAMA_CPP
    }

    private final LoadClient client;
    private final Optional<String> apiKey;
    private final String model;
    private final Dialect dialect;

    private ServerTokens(
            LoadClient client, Optional<String> apiKey, String model, Dialect dialect) {
        this.client = client;
        this.apiKey = apiKey;
        this.model = model;
        this.dialect = dialect;
    }

    /** The server's counts where it gives them for this API, else approximate ones. */
    public static TokenCounter find(
            LoadClient client, Optional<String> apiKey, String model, Api api) throws IOException {
        for (Dialect dialect : Dialect.values()) {
            ServerTokens tokens = new ServerTokens(client, apiKey, model, dialect);
            if (tokens.countText("stone and sand").isPresent()
                    && tokens.countPrompt(api, List.of(Message.user("stone"))).isPresent()) {
                return tokens;
            }
        }
        return new ApproximateTokens();
    }

    @Override
    public boolean exact() {
        return true;
    }

    @Override
    public int text(String text) {
        try {
            return countText(text).orElseThrow(this::stopped);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    @Override
    public int prompt(Api api, List<Message> messages) {
        try {
            return countPrompt(api, messages).orElseThrow(this::stopped);
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private OptionalInt countText(String text) throws IOException {
        return switch (dialect) {
            case VLLM -> count(body().put("prompt", text).put("add_special_tokens", false).build());
            case LLAMA_CPP -> count(body().put("content", text).put("add_special", false).build());
        };
    }

    private OptionalInt countPrompt(Api api, List<Message> messages) throws IOException {
        return switch (dialect) {
            case VLLM -> count(api.put(body(), messages).build());
            case LLAMA_CPP -> {
                Optional<String> text =
                        switch (api) {
                            case CHAT -> rendered(messages);
                            case COMPLETIONS -> Optional.of(Api.text(messages));
                        };
                yield text.isEmpty()
                        ? OptionalInt.empty()
                        : count(
                                body().put("content", text.get())
                                        .put("add_special", true)
                                        .put("parse_special", true)
                                        .build());
            }
        };
    }

    private Optional<String> rendered(List<Message> messages) throws IOException {
        Reply reply = client.post("/apply-template", apiKey, Api.CHAT.body(messages));
        return reply.status() == 200
                        && reply.member("prompt").orElse(null) instanceof JsonString(var text)
                ? Optional.of(text)
                : Optional.empty();
    }

    private OptionalInt count(JsonObject body) throws IOException {
        Reply reply = client.post(PATH, apiKey, body);
        if (reply.status() != 200) {
            return OptionalInt.empty();
        }
        JsonValue count = reply.member("count").orElse(null);
        if (count instanceof JsonNumber number && number.isIntegerLiteral()) {
            return OptionalInt.of((int) number.longValueExact());
        }
        return reply.member("tokens").orElse(null) instanceof JsonArray(var tokens)
                ? OptionalInt.of(tokens.size())
                : OptionalInt.empty();
    }

    private JsonValue.Builder body() {
        JsonValue.Builder body = JsonObject.builder();
        return model.isEmpty() ? body : body.put("model", model);
    }

    private IllegalStateException stopped() {
        return new IllegalStateException(
                client.server() + PATH + " stopped answering while prompts were made");
    }
}
