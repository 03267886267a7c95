package dev.cairn.transport.http;

import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNull;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A JSON object of a request, read member by member. A member that is {@code null} counts as left
 * out, as OpenAI's API has it. Every reader throws {@link RequestRefused} for a value of another
 * type, naming the member by its dotted path. One thread.
 */
final class Fields {

    private final String path;
    private final JsonObject object;
    private final Set<String> asked = new HashSet<>();

    /**
     * @param path dotted path of the object with a final dot; empty for the body itself
     */
    Fields(String path, JsonObject object) {
        this.path = path;
        this.object = object;
    }

    static Fields of(JsonObject body) {
        return new Fields("", body);
    }

    /** Whether the member is there and not null. */
    boolean has(String name) {
        return value(name).isPresent();
    }

    Optional<JsonValue> value(String name) {
        asked.add(name);
        JsonValue value = object.member(name);
        return value == null || value instanceof JsonNull ? Optional.empty() : Optional.of(value);
    }

    Optional<String> text(String name) {
        return value(name)
                .map(
                        value -> {
                            if (value instanceof JsonString(String text)) {
                                return text;
                            }
                            throw wrongType(name, "a string", value);
                        });
    }

    boolean flag(String name, boolean whenLeftOut) {
        return value(name)
                .map(
                        value -> {
                            if (value instanceof JsonBoolean(boolean flag)) {
                                return flag;
                            }
                            throw wrongType(name, "true or false", value);
                        })
                .orElse(whenLeftOut);
    }

    OptionalInt integer(String name) {
        OptionalLong value = longInteger(name);
        return value.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(fitting(name, value.getAsLong()));
    }

    OptionalLong longInteger(String name) {
        Optional<JsonValue> value = value(name);
        return value.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(integerOf(name, value.get()));
    }

    OptionalDouble decimal(String name) {
        Optional<JsonValue> value = value(name);
        return value.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(decimalOf(name, value.get()));
    }

    Optional<Fields> child(String name) {
        return value(name)
                .map(
                        value -> {
                            if (value instanceof JsonObject child) {
                                return new Fields(path + name + ".", child);
                            }
                            throw wrongType(name, "an object", value);
                        });
    }

    Optional<List<JsonValue>> list(String name) {
        return value(name)
                .map(
                        value -> {
                            if (value instanceof JsonArray(var values)) {
                                return values;
                            }
                            throw wrongType(name, "a list", value);
                        });
    }

    Optional<List<String>> texts(String name) {
        return list(name).map(values -> textsOf(name, values));
    }

    /** A list of strings, or one string as a list of one. */
    List<String> textOrTexts(String name) {
        return value(name)
                .map(
                        value ->
                                switch (value) {
                                    case JsonString(String text) -> List.of(text);
                                    case JsonArray(var values) -> textsOf(name, values);
                                    default ->
                                            throw wrongType(
                                                    name, "a string or a list of strings", value);
                                })
                .orElse(List.of());
    }

    Optional<List<Integer>> integers(String name) {
        return list(name)
                .map(
                        values -> {
                            List<Integer> result = new ArrayList<>(values.size());
                            for (int i = 0; i < values.size(); i++) {
                                result.add(integerAt(name, i, values.get(i)));
                            }
                            return result;
                        });
    }

    /** Token ids, so no boxes: prompts are long. */
    int[] tokenIds(String name, List<JsonValue> values) {
        int[] ids = new int[values.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = integerAt(name, i, values.get(i));
            if (ids[i] < 0) {
                throw invalid(name + "[" + i + "]", "a token id is not negative, got " + ids[i]);
            }
        }
        return ids;
    }

    JsonObject object() {
        return object;
    }

    /** Members that nobody has asked for: fields that this server does not know. */
    List<String> unread() {
        return object.members().keySet().stream().filter(name -> !asked.contains(name)).toList();
    }

    /** The dotted path of a member, as errors name it. */
    String pathOf(String name) {
        return path + name;
    }

    /** A refusal that names the member; the message follows its path. */
    RequestRefused invalid(String name, String message) {
        return new RequestRefused(
                RequestProblem.invalid(pathOf(name), pathOf(name) + ": " + message));
    }

    RequestRefused wrongType(String name, String wanted, JsonValue got) {
        return new RequestRefused(
                RequestProblem.invalid(
                        pathOf(name),
                        pathOf(name) + " must be " + wanted + ", got " + Echo.of(got)));
    }

    private List<String> textsOf(String name, List<JsonValue> values) {
        List<String> result = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            if (!(values.get(i) instanceof JsonString(String text))) {
                throw wrongType(name + "[" + i + "]", "a string", values.get(i));
            }
            result.add(text);
        }
        return result;
    }

    private int integerAt(String name, int index, JsonValue value) {
        // The path is spelled only for an error: a prompt has many ids.
        if (value instanceof JsonNumber number && number.isIntegerLiteral()) {
            try {
                return Integer.parseInt(number.literal());
            } catch (NumberFormatException large) {
                throw wrongType(name + "[" + index + "]", "an integer of 32 bits", value);
            }
        }
        return fitting(name + "[" + index + "]", integerOf(name + "[" + index + "]", value));
    }

    private int fitting(String name, long value) {
        if (value != (int) value) {
            throw wrongType(name, "an integer of 32 bits", JsonValue.of(value));
        }
        return (int) value;
    }

    private long integerOf(String name, JsonValue value) {
        if (value instanceof JsonNumber number) {
            try {
                return number.longValueExact();
            } catch (ArithmeticException fraction) {
                throw wrongType(name, "an integer", value);
            }
        }
        throw wrongType(name, "an integer", value);
    }

    private double decimalOf(String name, JsonValue value) {
        if (value instanceof JsonNumber number) {
            double result = number.doubleValue();
            if (Double.isFinite(result)) {
                return result;
            }
        }
        throw wrongType(name, "a number", value);
    }
}
