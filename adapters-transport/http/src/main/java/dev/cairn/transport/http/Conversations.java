package dev.cairn.transport.http;

import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a conversation, for answers and for {@code /tokenize}. What a role may say, and in which
 * order, is the template's to judge.
 *
 * @param trustTemplates whether a request may bring a template of its own
 */
record Conversations(boolean trustTemplates) {

    /** Variables that the conversation itself fills. */
    private static final Set<String> RESERVED =
            Set.of(
                    "messages",
                    "tools",
                    "add_generation_prompt",
                    "continue_final_message",
                    "tokenize");

    Conversation read(Fields fields) {
        boolean continued = fields.flag("continue_final_message", false);
        boolean prompted = fields.flag("add_generation_prompt", !continued);
        if (continued && prompted) {
            throw fields.invalid(
                    "continue_final_message",
                    "excludes add_generation_prompt; set one of them to false");
        }
        return new Conversation(
                messages(fields),
                tools(fields),
                prompted,
                continued,
                arguments(fields),
                template(fields));
    }

    private static List<JsonObject> messages(Fields fields) {
        List<JsonValue> values =
                fields.list("messages")
                        .orElseThrow(() -> fields.invalid("messages", "is required"));
        if (values.isEmpty()) {
            throw fields.invalid("messages", "must have at least one message");
        }
        List<JsonObject> messages = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            String name = "messages[" + i + "]";
            if (!(values.get(i) instanceof JsonObject message)) {
                throw fields.wrongType(name, "an object", values.get(i));
            }
            check(new Fields(name + ".", message));
            messages.add(message);
        }
        return messages;
    }

    private static void check(Fields message) {
        if (message.text("role").isEmpty()) {
            throw message.invalid("role", "is required");
        }
        switch (message.value("content").orElse(JsonValue.NULL)) {
            case JsonArray(var parts) -> {
                for (int i = 0; i < parts.size(); i++) {
                    checkPart(message, "content[" + i + "]", parts.get(i));
                }
            }
            case JsonString _, JsonValue.JsonNull _ -> {}
            case JsonValue other ->
                    throw message.wrongType("content", "a string or a list of parts", other);
        }
    }

    private static void checkPart(Fields message, String name, JsonValue value) {
        if (value instanceof JsonString) {
            return;
        }
        if (!(value instanceof JsonObject object)) {
            throw message.wrongType(name, "an object", value);
        }
        var part = new Fields(message.pathOf(name) + ".", object);
        String type = part.text("type").orElseThrow(() -> part.invalid("type", "is required"));
        switch (type) {
            case "text", "input_text", "output_text" -> {
                if (part.text("text").isEmpty()) {
                    throw part.invalid("text", "is required");
                }
            }
            case "refusal", "thinking" -> {}
            default ->
                    throw part.invalid(
                            "type",
                            "\"" + Echo.of(type) + "\" is not served: the model reads text only");
        }
    }

    /** The tools that are offered; none is no list. */
    static List<JsonValue> tools(Fields fields) {
        List<JsonValue> tools = fields.list("tools").orElse(List.of());
        for (int i = 0; i < tools.size(); i++) {
            if (!(tools.get(i) instanceof JsonObject)) {
                throw fields.wrongType("tools[" + i + "]", "an object", tools.get(i));
            }
        }
        return tools;
    }

    private JsonObject arguments(Fields fields) {
        var arguments = JsonObject.builder();
        for (String name : List.of("documents", "reasoning_effort")) {
            fields.value(name).ifPresent(value -> arguments.put(name, value));
        }
        fields.child("chat_template_kwargs")
                .ifPresent(
                        child ->
                                child.object()
                                        .members()
                                        .forEach(
                                                (name, value) -> {
                                                    checkArgument(child, name);
                                                    arguments.put(name, value);
                                                }));
        return arguments.build();
    }

    private void checkArgument(Fields child, String name) {
        if (RESERVED.contains(name)) {
            throw child.invalid(name, "is a field of the request itself; send it there");
        }
        if (name.equals("chat_template")) {
            throw child.invalid(name, "send the template as chat_template");
        }
    }

    private Optional<String> template(Fields fields) {
        Optional<String> template = fields.text("chat_template");
        if (template.isPresent() && !trustTemplates) {
            throw fields.invalid(
                    "chat_template",
                    "a template is a program, and this server runs only its own; start it with "
                            + HttpSettings.TRUST_CHAT_TEMPLATES
                            + "=true to allow others");
        }
        return template;
    }
}
