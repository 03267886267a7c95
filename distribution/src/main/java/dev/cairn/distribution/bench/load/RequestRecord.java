package dev.cairn.distribution.bench.load;

import dev.cairn.distribution.bench.client.Streamed;
import dev.cairn.distribution.bench.prompt.Turn;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * One request of a run. Times in its answer are from the begin of the run.
 *
 * @param label kind of session
 * @param dueNanos when it was to be sent
 */
public record RequestRecord(
        int session, int turnIndex, String label, Turn turn, long dueNanos, Streamed answer) {

    private static final double MILLIS = 1e6;

    /** Milliseconds from sending to the first chunk with text. */
    public OptionalDouble firstTokenMillis() {
        return answer.stamps().length == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((answer.stamps()[0] - answer.startNanos()) / MILLIS);
    }

    /** Milliseconds per token after the first; a chunk may carry several tokens. */
    public OptionalDouble perTokenMillis() {
        long[] stamps = answer.stamps();
        return stamps.length < 2 || outputTokens() < 2
                ? OptionalDouble.empty()
                : OptionalDouble.of(
                        (stamps[stamps.length - 1] - stamps[0]) / MILLIS / (outputTokens() - 1));
    }

    /** Milliseconds from sending to the end of the answer. */
    public double endToEndMillis() {
        return (answer.endNanos() - answer.startNanos()) / MILLIS;
    }

    /** As the server counted; chunks where it did not. */
    public long outputTokens() {
        return answer.usage()
                .map(Streamed.TokenUsage::completion)
                .orElse((long) answer.stamps().length);
    }

    /** As the server counted; as was wanted where it did not. */
    public long promptTokens() {
        return answer.usage()
                .map(Streamed.TokenUsage::prompt)
                .orElse((long) Math.max(0, turn.promptTokens()));
    }

    /** A line for {@code --save}: times in milliseconds from the begin of the run. */
    public JsonObject json(String set) {
        JsonValue.Builder line =
                JsonObject.builder()
                        .put("set", set)
                        .put("session", (long) session)
                        .put("turn", (long) turnIndex)
                        .put("label", label)
                        .put("due_ms", dueNanos / MILLIS)
                        .put("start_ms", answer.startNanos() / MILLIS)
                        .put("end_ms", answer.endNanos() / MILLIS)
                        .put("chunk_ms", chunks());
        put(
                line,
                "wanted_prompt_tokens",
                turn.promptTokens() == Turn.UNKNOWN ? null : (long) turn.promptTokens());
        put(line, "wanted_output_tokens", (long) turn.outputTokens());
        put(line, "prompt_tokens", answer.usage().map(Streamed.TokenUsage::prompt).orElse(null));
        put(
                line,
                "output_tokens",
                answer.usage().map(Streamed.TokenUsage::completion).orElse(null));
        put(
                line,
                "cached_tokens",
                answer.usage().flatMap(Streamed.TokenUsage::cached).orElse(null));
        return line.put("error", answer.problem().map(Streamed.Problem::kind).orElse(null))
                .put("message", answer.problem().map(Streamed.Problem::message).orElse(null))
                .build();
    }

    private JsonValue chunks() {
        return JsonValue.array(
                Arrays.stream(answer.stamps())
                        .mapToObj(stamp -> JsonValue.of(stamp / MILLIS))
                        .toList());
    }

    private static void put(JsonValue.Builder line, String name, Long value) {
        line.put(name, value == null ? JsonValue.NULL : JsonValue.of(value));
    }
}
