package dev.cairn.distribution.replay;

import dev.cairn.core.simulate.ReplayOutcome;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.function.Consumer;

/** Writes a JSON line per request: where it went, why, and what it found there. Threads: one. */
public final class DecisionLines implements Consumer<ReplayOutcome> {

    private static final int CANDIDATES = 4;

    private final Writer out;

    public DecisionLines(Writer out) {
        this.out = out;
    }

    /**
     * @throws UncheckedIOException if the line cannot be written
     */
    @Override
    public void accept(ReplayOutcome outcome) {
        JsonObject why = outcome.decision().json(CANDIDATES);
        JsonValue line =
                JsonObject.builder()
                        .put("request", outcome.index())
                        .put("worker", outcome.decision().worker())
                        .put("arrival_seconds", outcome.request().atNanos() / 1e9)
                        .put("prompt_tokens", outcome.request().inputTokens())
                        .put("cached_tokens", outcome.cachedTokens())
                        .put("output_tokens", outcome.outputTokens())
                        .put("ttft_seconds", outcome.firstTokenSeconds())
                        .put("end_seconds", outcome.endNanos() / 1e9)
                        .put("problem", outcome.problem())
                        .put("policy", why.member("policy"))
                        .put("cost", why.member("cost"))
                        .put("reason", why.member("reason"))
                        .put("candidates", why.member("candidates"))
                        .build();
        try {
            out.write(JsonWriter.write(line));
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
