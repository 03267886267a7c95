package dev.cairn.fleet;

import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import dev.cairn.ports.system.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that a client can tell of an answer, whole or put together from a stream: not where its
 * chunks were cut, and not how much of the prompt was cached.
 *
 * @param choices a line each, by index
 * @param problem the error's code; empty if there is none
 */
record WholeAnswer(List<String> choices, long completionTokens, String problem) {

    /** Between the parts of a choice; a character that no answer has. */
    private static final String SEPARATOR = "\u0000";

    /** Of a body that was not streamed. */
    static WholeAnswer whole(String body) {
        Gathered gathered = new Gathered();
        gathered.add((JsonObject) JsonReader.read(body), "message");
        return gathered.answer();
    }

    /** Of a body of server-sent events, as far as it goes. */
    static WholeAnswer streamed(String body) {
        Gathered gathered = new Gathered();
        body.lines()
                .filter(line -> line.startsWith("data: {"))
                .forEach(
                        line ->
                                gathered.add(
                                        (JsonObject) JsonReader.read(line.substring(6)), "delta"));
        return gathered.answer();
    }

    /** Whether it is how another answer begins: its texts go on there. */
    boolean begins(WholeAnswer whole) {
        for (int i = 0; i < choices.size(); i++) {
            String text = textOf(choices.get(i));
            if (i >= whole.choices.size() || !textOf(whole.choices.get(i)).startsWith(text)) {
                return false;
            }
        }
        return true;
    }

    /** What stands before tool calls, log-probabilities and reason. */
    private static String textOf(String choice) {
        int reason = choice.lastIndexOf(SEPARATOR);
        int logprobs = choice.lastIndexOf(SEPARATOR, reason - 1);
        return choice.substring(0, choice.lastIndexOf(SEPARATOR, logprobs - 1));
    }

    /** Puts chunks together; a whole body is one chunk. */
    private static final class Gathered {

        private final Map<Long, Parts> choices = new TreeMap<>();
        private long completionTokens;
        private String problem = "";

        private void add(JsonObject chunk, String part) {
            if (chunk.member("error") instanceof JsonObject error) {
                problem = text(error, "code") + ": " + text(error, "message");
            }
            for (JsonValue value : list(chunk, "choices")) {
                var choice = (JsonObject) value;
                choices.computeIfAbsent(number(choice, "index"), _ -> new Parts())
                        .add(choice, part);
            }
            if (chunk.member("usage") instanceof JsonObject usage) {
                completionTokens = number(usage, "completion_tokens");
            }
        }

        private WholeAnswer answer() {
            return new WholeAnswer(
                    choices.values().stream().map(Parts::toString).toList(),
                    completionTokens,
                    problem);
        }
    }

    /** What came of one choice. */
    private static final class Parts {

        private final StringBuilder text = new StringBuilder();
        private final List<StringBuilder> calls = new ArrayList<>();
        private final List<String> logprobs = new ArrayList<>();
        private String reason = "";

        private void add(JsonObject choice, String part) {
            text.append(text(choice, "text"));
            if (choice.member(part) instanceof JsonObject message) {
                text.append(text(message, "content"));
                for (JsonValue value : list(message, "tool_calls")) {
                    addCall((JsonObject) value);
                }
            }
            if (choice.member("logprobs") instanceof JsonObject found) {
                list(found, "content").forEach(each -> logprobs.add(JsonWriter.write(each)));
                addLists(found);
            }
            reason += text(choice, "finish_reason");
        }

        /** The lists of completions, side by side. */
        private void addLists(JsonObject found) {
            List<JsonValue> tokens = list(found, "tokens");
            for (int i = 0; i < tokens.size(); i++) {
                String line = JsonWriter.write(tokens.get(i));
                for (String name : List.of("token_logprobs", "top_logprobs")) {
                    List<JsonValue> values = list(found, name);
                    line += i < values.size() ? " " + JsonWriter.write(values.get(i)) : "";
                }
                logprobs.add(line);
            }
        }

        private void addCall(JsonObject call) {
            var function = (JsonObject) call.member("function");
            int index =
                    call.member("index") instanceof JsonNumber number
                            ? Math.toIntExact(number.longValueExact())
                            : calls.size();
            if (index == calls.size()) {
                calls.add(new StringBuilder(text(function, "name")).append(' '));
            }
            calls.get(index).append(text(function, "arguments"));
        }

        @Override
        public String toString() {
            return text + SEPARATOR + calls + SEPARATOR + logprobs + SEPARATOR + reason;
        }
    }

    private static long number(JsonObject object, String name) {
        return object.member(name) instanceof JsonNumber number ? number.longValueExact() : 0;
    }

    private static List<JsonValue> list(JsonObject object, String name) {
        return object.member(name) instanceof JsonArray(var values) ? values : List.of();
    }

    private static String text(JsonObject object, String name) {
        return object.member(name) instanceof JsonString(String text) ? text : "";
    }
}
