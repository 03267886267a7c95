package dev.cairn.transport.node;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Members of a JSON object that somebody else wrote; those that are absent have a default. */
record Members(JsonObject object) {

    static Members of(JsonValue value, String what) throws ProtocolException {
        if (value instanceof JsonObject object) {
            return new Members(object);
        }
        throw new ProtocolException(what + " is no object");
    }

    boolean has(String name) {
        JsonValue value = object.member(name);
        return value != null && value != JsonValue.NULL;
    }

    Members object(String name) throws ProtocolException {
        return has(name) ? of(object.member(name), name) : new Members(JsonObject.empty());
    }

    String text(String name, String otherwise) throws ProtocolException {
        return has(name) ? text(object.member(name), name) : otherwise;
    }

    static String text(JsonValue value, String what) throws ProtocolException {
        if (value instanceof JsonString text) {
            return text.value();
        }
        throw new ProtocolException(what + " is no text");
    }

    boolean flag(String name, boolean otherwise) throws ProtocolException {
        if (!has(name)) {
            return otherwise;
        }
        if (object.member(name) instanceof JsonBoolean flag) {
            return flag.value();
        }
        throw new ProtocolException(name + " is neither true nor false");
    }

    long number(String name, long otherwise) throws ProtocolException {
        return has(name) ? number(object.member(name), name) : otherwise;
    }

    Optional<Long> number(String name) throws ProtocolException {
        return has(name) ? Optional.of(number(name, 0)) : Optional.empty();
    }

    private static long number(JsonValue value, String what) throws ProtocolException {
        if (value instanceof JsonNumber number) {
            try {
                return number.longValueExact();
            } catch (ArithmeticException | NumberFormatException broken) {
                throw new ProtocolException(what + " is no whole number of 64 bits");
            }
        }
        throw new ProtocolException(what + " is no number");
    }

    int integer(String name, int otherwise) throws ProtocolException {
        return integer(number(name, otherwise), name);
    }

    private static int integer(long number, String what) throws ProtocolException {
        if (number < Integer.MIN_VALUE || number > Integer.MAX_VALUE) {
            throw new ProtocolException(what + " is no whole number of 32 bits");
        }
        return (int) number;
    }

    float decimal(String name, float otherwise) throws ProtocolException {
        return has(name) ? decimal(object.member(name), name) : otherwise;
    }

    static float decimal(JsonValue value, String what) throws ProtocolException {
        if (value instanceof JsonNumber number) {
            return (float) number.doubleValue();
        }
        throw new ProtocolException(what + " is no number");
    }

    List<JsonValue> list(String name) throws ProtocolException {
        return has(name) ? list(object.member(name), name) : List.of();
    }

    private static List<JsonValue> list(JsonValue value, String what) throws ProtocolException {
        if (value instanceof JsonArray array) {
            return array.values();
        }
        throw new ProtocolException(what + " is no list");
    }

    List<String> texts(String name) throws ProtocolException {
        List<String> texts = new ArrayList<>();
        for (JsonValue value : list(name)) {
            texts.add(text(value, name));
        }
        return texts;
    }

    List<Integer> integers(String name) throws ProtocolException {
        return integers(list(name), name);
    }

    List<List<Integer>> integerLists(String name) throws ProtocolException {
        List<List<Integer>> lists = new ArrayList<>();
        for (JsonValue value : list(name)) {
            lists.add(integers(list(value, name), name));
        }
        return lists;
    }

    private static List<Integer> integers(List<JsonValue> values, String what)
            throws ProtocolException {
        List<Integer> integers = new ArrayList<>();
        for (JsonValue value : values) {
            integers.add(integer(number(value, what), what));
        }
        return integers;
    }

    static JsonArray integers(List<Integer> values) {
        return JsonValue.array(values.stream().map(value -> JsonValue.of(value)).toList());
    }

    static JsonArray texts(List<String> values) {
        return JsonValue.array(values.stream().map(JsonValue::of).toList());
    }
}
