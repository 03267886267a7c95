package dev.cairn.transport.http;

import dev.cairn.ports.model.TextCodec;
import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The state of a completion request's choices, for both forms of its answer. One thread. */
final class CompletionChoices {

    private final CompletionRequest request;
    private final Supplier<Optional<TextCodec>> codec;
    private final List<Optional<CompletionLogprobs>> logprobs;

    /**
     * @param codec of the model, for prompts that came as ids
     */
    CompletionChoices(CompletionRequest request, Supplier<Optional<TextCodec>> codec) {
        this.request = request;
        this.codec = codec;
        this.logprobs = new ArrayList<>();
        for (int i = 0; i < request.calls().size() * request.choices(); i++) {
            logprobs.add(
                    request.logprobs().isPresent()
                            ? Optional.of(
                                    new CompletionLogprobs(
                                            request.logprobFormat(), request.logprobs().getAsInt()))
                            : Optional.empty());
        }
    }

    /** The text that {@code echo} puts first; empty without it. */
    String echoed(int call, AnswerEvent.Started event) {
        if (!request.echo()) {
            return "";
        }
        boolean whole = request.calls().get(call).truncatePromptTokens().isEmpty();
        if (whole && request.calls().get(call).prompt() instanceof Prompt.Text(String text, _)) {
            return text;
        }
        return codec.get()
                .map(known -> known.decode(event.promptIds(), request.skipSpecialTokens()))
                .orElse("");
    }

    /** Counts the echoed prompt's tokens among the choice's. */
    void echo(int index, AnswerEvent.Started event) {
        if (request.echo() && event.promptIds().length > 0) {
            logprobs.get(index)
                    .ifPresent(
                            log ->
                                    log.addPrompt(
                                            event.promptIds(),
                                            event.promptTokens(),
                                            text(event.promptIds()[0])));
        }
    }

    void add(int index, AnswerEvent.Delta event) {
        logprobs.get(index).ifPresent(log -> log.addAll(event.tokens()));
    }

    /** What was added to the choice since the last call, or null. */
    JsonValue logprobs(int index) {
        Optional<CompletionLogprobs> log = logprobs.get(index);
        return log.isPresent() ? log.get().taken() : JsonValue.NULL;
    }

    JsonValue.Builder choice(int index, String text) {
        return JsonObject.builder()
                .put("index", (long) index)
                .put("text", text)
                .put("logprobs", logprobs(index));
    }

    private String text(int id) {
        return codec.get()
                .map(known -> new String(known.tokenBytes(id), StandardCharsets.UTF_8))
                .orElse("");
    }
}
