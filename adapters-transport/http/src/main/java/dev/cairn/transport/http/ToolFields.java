package dev.cairn.transport.http;

import dev.cairn.ports.request.ToolChoice;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.Optional;

/**
 * What a chat request says of tool calls. The tools themselves are part of the conversation, and
 * judged by the core.
 */
final class ToolFields {

    private ToolFields() {}

    /** Tools that are offered may be called, unless the request says otherwise. */
    static ToolChoice choice(Fields fields) {
        boolean offered = fields.has("tools");
        if (offered && Conversations.tools(fields).isEmpty()) {
            throw fields.invalid("tools", "must have at least one tool, or be left out");
        }
        Optional<JsonValue> written = fields.value("tool_choice");
        if (written.isEmpty()) {
            return offered ? new ToolChoice.Auto() : new ToolChoice.None();
        }
        ToolChoice choice = choice(fields, written.get());
        if (!offered && !(choice instanceof ToolChoice.None)) {
            throw fields.invalid("tool_choice", "is allowed only with tools");
        }
        return choice;
    }

    private static ToolChoice choice(Fields fields, JsonValue written) {
        return switch (written) {
            case JsonString(String word) when word.equals("none") -> new ToolChoice.None();
            case JsonString(String word) when word.equals("auto") -> new ToolChoice.Auto();
            case JsonString(String word) when word.equals("required") -> new ToolChoice.Required();
            case JsonObject _ -> named(fields.child("tool_choice").orElseThrow());
            case JsonValue other ->
                    throw fields.wrongType(
                            "tool_choice",
                            "\"none\", \"auto\", \"required\" or a named function",
                            other);
        };
    }

    private static ToolChoice named(Fields choice) {
        String type = choice.text("type").orElse("function");
        if (!type.equals("function")) {
            throw choice.invalid("type", "must be \"function\", got \"" + Echo.of(type) + "\"");
        }
        return new ToolChoice.Named(
                choice.child("function")
                        .flatMap(function -> function.text("name"))
                        .orElseThrow(() -> choice.invalid("function.name", "is required")));
    }
}
