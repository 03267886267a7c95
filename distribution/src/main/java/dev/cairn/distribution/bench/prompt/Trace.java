package dev.cairn.distribution.bench.prompt;

import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Real traffic in the form that the Mooncake paper published (FAST '25): a JSON object a line with
 * {@code timestamp} in milliseconds, {@code input_length} and {@code output_length} in tokens, and
 * {@code hash_ids}, each of which names a block of {@value #BLOCK_TOKENS} tokens with all before
 * it.
 */
public record Trace(List<Line> lines) {

    /** Tokens of a block that an id names. */
    public static final int BLOCK_TOKENS = 512;

    /** Longest prompt or answer that a line may ask for. */
    private static final long MOST_TOKENS = 10_000_000;

    public Trace {
        lines = List.copyOf(lines);
    }

    /** A request of a trace. */
    public record Line(long timestampMillis, int inputTokens, int outputTokens, List<Long> blocks) {

        public Line {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * Reads the first lines of a trace.
     *
     * @param name of the file, for messages
     * @throws BadTraceException naming the line
     */
    public static Trace read(BufferedReader reader, String name, int most) throws IOException {
        List<Line> lines = new ArrayList<>();
        int number = 0;
        for (String text = reader.readLine();
                text != null && lines.size() < most;
                text = reader.readLine()) {
            number++;
            if (!text.isBlank()) {
                try {
                    lines.add(line(text));
                } catch (JsonException | IllegalArgumentException wrong) {
                    throw new BadTraceException(
                            "%s line %d: %s".formatted(name, number, wrong.getMessage()), wrong);
                }
            }
        }
        if (lines.isEmpty()) {
            throw new BadTraceException(name + " has no requests", null);
        }
        return new Trace(lines);
    }

    /**
     * One session per line, whose prompts begin alike exactly where their hash ids do.
     *
     * @param lengthScale what lengths and blocks are multiplied by, to fit a smaller model
     */
    public List<Session> sessions(PromptWriter writer, double lengthScale, long seed) {
        int blockTokens = scaled(BLOCK_TOKENS, lengthScale);
        long begin = lines.stream().mapToLong(Line::timestampMillis).min().orElse(0);
        List<Session> sessions = new ArrayList<>();
        for (Line line : lines) {
            StringBuilder opening = new StringBuilder();
            for (long block : line.blocks().subList(0, line.blocks().size() - 1)) {
                opening.append(
                        writer.continuation(Seeds.random(seed, "block", block), blockTokens));
            }
            Random last = Seeds.random(seed, "block", line.blocks().getLast());
            PromptWriter.Written prompt =
                    writer.prompt(
                            List.of(),
                            opening.toString().strip(),
                            last,
                            scaled(line.inputTokens(), lengthScale));
            sessions.add(
                    new Session(
                            sessions.size(),
                            "trace",
                            line.timestampMillis() - begin,
                            List.of(Turn.first(prompt, scaled(line.outputTokens(), lengthScale)))));
        }
        return sessions;
    }

    private static Line line(String text) {
        if (!(JsonReader.read(text) instanceof JsonObject line)) {
            throw new IllegalArgumentException("is no JSON object");
        }
        long timestamp = number(line, "timestamp", 0, Long.MAX_VALUE / 2);
        int input = (int) number(line, "input_length", 1, MOST_TOKENS);
        int output = (int) number(line, "output_length", 1, MOST_TOKENS);
        if (!(line.member("hash_ids") instanceof JsonArray(var ids))) {
            throw new IllegalArgumentException("hash_ids must be a list of numbers");
        }
        int blocks = (input + BLOCK_TOKENS - 1) / BLOCK_TOKENS;
        if (ids.size() != blocks) {
            throw new IllegalArgumentException(
                    "input_length %d has %d blocks of %d tokens, hash_ids names %d"
                            .formatted(input, blocks, BLOCK_TOKENS, ids.size()));
        }
        return new Line(timestamp, input, output, ids.stream().map(Trace::id).toList());
    }

    private static long id(JsonValue value) {
        if (value instanceof JsonNumber number && number.isIntegerLiteral()) {
            return exact(number, "hash_ids");
        }
        throw new IllegalArgumentException("hash_ids must be a list of whole numbers");
    }

    private static long number(JsonObject line, String name, long least, long most) {
        if (!(line.member(name) instanceof JsonNumber number)) {
            throw new IllegalArgumentException(name + " must be a number");
        }
        long value = exact(number, name);
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s must be from %d to %d, got %d".formatted(name, least, most, value));
        }
        return value;
    }

    private static long exact(JsonNumber number, String name) {
        try {
            return number.longValueExact();
        } catch (ArithmeticException fraction) {
            throw new IllegalArgumentException(
                    name + " must be a whole number, got " + number.literal(), fraction);
        }
    }

    private static int scaled(int tokens, double scale) {
        return (int) Math.max(1, Math.round(tokens * scale));
    }

    /** A trace that cannot be read; the message names file and line. */
    public static final class BadTraceException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        BadTraceException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
