package dev.cairn.engine.models;

import dev.cairn.ports.model.TextCodec.TemplateException;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNull;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Turns messages as clients send them into the values that templates see. */
final class Messages {

    /**
     * Names under which a message's reasoning is passed; templates read the first, some the second.
     */
    private static final List<String> REASONING_FIELDS =
            List.of("reasoning_content", "thinking", "reasoning");

    private static final int MAX_INTEGER_DIGITS = 1000;

    private Messages() {}

    /**
     * @param takesParts whether the template handles a content that is a list of parts
     */
    static List<Map<String, Object>> of(List<JsonObject> messages, boolean takesParts) {
        List<Map<String, Object>> result = new ArrayList<>();
        for (JsonObject message : messages) {
            Map<String, Object> plain = new LinkedHashMap<>();
            message.members()
                    .forEach(
                            (name, value) -> {
                                // A missing key is what templates test for; null they would print.
                                if (!(value instanceof JsonNull)) {
                                    plain.put(
                                            name,
                                            name.equals("tool_calls")
                                                    ? toolCalls(value)
                                                    : plain(value));
                                }
                            });
            if (plain.get("tool_calls") instanceof List<?> calls && calls.isEmpty()) {
                plain.remove("tool_calls");
            }
            if (!takesParts && plain.get("content") instanceof List<?> parts) {
                plain.put("content", joined(parts));
            }
            result.add(withReasoning(plain));
        }
        return result;
    }

    private static Map<String, Object> withReasoning(Map<String, Object> message) {
        Object reasoning = null;
        for (String field : REASONING_FIELDS) {
            reasoning = reasoning == null ? message.get(field) : reasoning;
        }
        if (reasoning == null) {
            return message;
        }
        Map<String, Object> aliased = new LinkedHashMap<>();
        aliased.put("thinking", reasoning);
        aliased.putAll(message);
        aliased.put("reasoning_content", reasoning);
        return aliased;
    }

    private static String joined(List<?> parts) {
        return parts.stream()
                .map(
                        part -> {
                            if (part instanceof Map<?, ?> map
                                    && map.get("text") instanceof String text) {
                                return text;
                            }
                            if (part instanceof String text) {
                                return text;
                            }
                            throw new TemplateException(
                                    "messages: content has a part that is no text, and the model's chat template takes text alone");
                        })
                .collect(Collectors.joining("\n"));
    }

    private static Object toolCalls(JsonValue calls) {
        if (!(calls instanceof JsonArray(List<JsonValue> items))) {
            return plain(calls);
        }
        List<Object> result = new ArrayList<>();
        for (JsonValue item : items) {
            Object call = plain(item);
            if (call instanceof Map<?, ?> map
                    && map.get("function") instanceof Map<?, ?> function
                    && function.get("arguments") instanceof String text) {
                Map<Object, Object> parsedFunction = new LinkedHashMap<>(function);
                parsedFunction.put("arguments", arguments(text));
                Map<Object, Object> parsedCall = new LinkedHashMap<>(map);
                parsedCall.put("function", parsedFunction);
                call = parsedCall;
            }
            result.add(call);
        }
        return result;
    }

    private static Object arguments(String text) {
        if (text.isBlank()) {
            return new LinkedHashMap<>();
        }
        try {
            return plain(JsonReader.readLastWins(text));
        } catch (JsonException e) {
            throw new TemplateException(
                    "messages: the arguments of a tool call are no JSON: " + e.getMessage(), e);
        }
    }

    /** A JSON value as templates see it. */
    static Object plain(JsonValue value) {
        return switch (value) {
            case JsonNull _ -> null;
            case JsonBoolean(boolean truth) -> truth;
            case JsonString(String text) -> text;
            case JsonNumber number -> number(number);
            case JsonArray(List<JsonValue> items) -> {
                List<Object> list = new ArrayList<>(items.size());
                items.forEach(item -> list.add(plain(item)));
                yield list;
            }
            case JsonObject(Map<String, JsonValue> members) -> {
                Map<String, Object> map = new LinkedHashMap<>();
                members.forEach((name, member) -> map.put(name, plain(member)));
                yield map;
            }
        };
    }

    private static Object number(JsonNumber number) {
        if (!number.isIntegerLiteral()) {
            return number.doubleValue();
        }
        if (number.literal().length() > MAX_INTEGER_DIGITS) {
            throw new TemplateException(
                    "an integer has more than " + MAX_INTEGER_DIGITS + " digits");
        }
        BigInteger integer = new BigInteger(number.literal());
        return integer.bitLength() < Long.SIZE ? (Object) integer.longValue() : integer;
    }
}
