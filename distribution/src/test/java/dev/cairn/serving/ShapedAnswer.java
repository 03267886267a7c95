package dev.cairn.serving;

import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;

/** A chat's answer as a client has it, whole or put together from a stream. */
record ShapedAnswer(String text, List<Call> calls, String finishReason) {

    record Call(String name, String arguments) {}

    static ShapedAnswer whole(String body) {
        JsonObject choice = choice((JsonObject) JsonReader.read(body));
        var message = (JsonObject) choice.member("message");
        List<Call> calls = new ArrayList<>();
        for (JsonValue call : list(message, "tool_calls")) {
            var function = (JsonObject) ((JsonObject) call).member("function");
            calls.add(new Call(text(function, "name"), text(function, "arguments")));
        }
        return new ShapedAnswer(text(message, "content"), calls, text(choice, "finish_reason"));
    }

    static ShapedAnswer streamed(String body) {
        var text = new StringBuilder();
        List<String> names = new ArrayList<>();
        List<StringBuilder> arguments = new ArrayList<>();
        String reason = "";
        for (String line : body.lines().filter(l -> l.startsWith("data: {")).toList()) {
            JsonObject choice = choice((JsonObject) JsonReader.read(line.substring(6)));
            var delta = (JsonObject) choice.member("delta");
            text.append(text(delta, "content"));
            for (JsonValue piece : list(delta, "tool_calls")) {
                var call = (JsonObject) piece;
                var function = (JsonObject) call.member("function");
                int index = (int) ((JsonNumber) call.member("index")).longValueExact();
                if (index == names.size()) {
                    names.add(text(function, "name"));
                    arguments.add(new StringBuilder());
                }
                arguments.get(index).append(text(function, "arguments"));
            }
            reason += text(choice, "finish_reason");
        }
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            calls.add(new Call(names.get(i), arguments.get(i).toString()));
        }
        return new ShapedAnswer(text.toString(), calls, reason);
    }

    private static JsonObject choice(JsonObject body) {
        return (JsonObject) ((JsonArray) body.member("choices")).values().getFirst();
    }

    private static List<JsonValue> list(JsonObject object, String name) {
        return object.member(name) instanceof JsonArray(var values) ? values : List.of();
    }

    private static String text(JsonObject object, String name) {
        return object.member(name) instanceof JsonString(String text) ? text : "";
    }
}
