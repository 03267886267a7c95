package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNull;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A JSON object of a configuration file, whose accessors check what they give; null counts as
 * absent. Every error names the file and the key.
 */
public final class ConfigObject {

    private final String file;
    private final JsonObject object;

    ConfigObject(String file, JsonObject object) {
        this.file = file;
        this.object = object;
    }

    /**
     * @throws ModelException if the file is missing, too large or no JSON object
     */
    public static ConfigObject read(Path path, long maxBytes) {
        String text = MappedFile.text(path, maxBytes);
        try {
            if (JsonReader.read(text) instanceof JsonObject object) {
                return new ConfigObject(path.toString(), object);
            }
            throw new ModelException(path + ": is no JSON object");
        } catch (JsonException e) {
            throw new ModelException(path + ": is no JSON: " + e.getMessage(), e);
        }
    }

    /** A name from a file, cut and cleaned for a message. */
    public static String shown(String name) {
        String printable = name.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= 120 ? printable : printable.substring(0, 120) + "…";
    }

    public String file() {
        return file;
    }

    public Map<String, JsonValue> members() {
        return object.members();
    }

    public boolean has(String key) {
        JsonValue value = object.member(key);
        return value != null && !(value instanceof JsonNull);
    }

    private Optional<JsonValue> value(String key) {
        return has(key) ? Optional.of(object.member(key)) : Optional.empty();
    }

    public ModelException wrong(String key, String wanted) {
        return new ModelException(
                file
                        + ": "
                        + key
                        + " must be "
                        + wanted
                        + (has(key)
                                ? ", got " + abbreviated(object.member(key))
                                : " but is missing"));
    }

    private static String abbreviated(JsonValue value) {
        return switch (value) {
            case JsonNumber(String literal) -> shown(literal);
            case JsonString(String text) -> "\"" + shown(text) + "\"";
            case JsonBoolean(boolean truth) -> Boolean.toString(truth);
            case JsonNull _ -> "null";
            case JsonArray _ -> "a list";
            case JsonObject _ -> "an object";
        };
    }

    public Optional<ConfigObject> object(String key) {
        return value(key)
                .map(
                        value -> {
                            if (value instanceof JsonObject inner) {
                                return new ConfigObject(file, inner);
                            }
                            throw wrong(key, "an object");
                        });
    }

    public Optional<String> text(String key) {
        return value(key)
                .map(
                        value -> {
                            if (value instanceof JsonString(String text)) {
                                return text;
                            }
                            throw wrong(key, "a string");
                        });
    }

    public Optional<Boolean> truth(String key) {
        return value(key)
                .map(
                        value -> {
                            if (value instanceof JsonBoolean(boolean truth)) {
                                return truth;
                            }
                            throw wrong(key, "true or false");
                        });
    }

    public OptionalInt integer(String key, int lowest, int highest) {
        return value(key)
                .map(value -> OptionalInt.of(integer(value, key, lowest, highest)))
                .orElse(OptionalInt.empty());
    }

    public int required(String key, int lowest, int highest) {
        return integer(key, lowest, highest)
                .orElseThrow(() -> wrong(key, "an integer in [" + lowest + ", " + highest + "]"));
    }

    private int integer(JsonValue value, String key, int lowest, int highest) {
        try {
            if (value instanceof JsonNumber number
                    && number.longValueExact() >= lowest
                    && number.longValueExact() <= highest) {
                return (int) number.longValueExact();
            }
        } catch (ArithmeticException _) {
            // Falls through to the one message that names the range.
        }
        throw wrong(key, "an integer in [" + lowest + ", " + highest + "]");
    }

    public OptionalDouble number(String key) {
        return value(key)
                .map(
                        value -> {
                            if (value instanceof JsonNumber number
                                    && Double.isFinite(number.doubleValue())) {
                                return OptionalDouble.of(number.doubleValue());
                            }
                            throw wrong(key, "a finite number");
                        })
                .orElse(OptionalDouble.empty());
    }

    public double positive(String key, double otherwise) {
        double value = number(key).orElse(otherwise);
        if (value <= 0) {
            throw wrong(key, "a number above 0");
        }
        return value;
    }

    /** An integer or a list of integers: both layouts are published for {@code eos_token_id}. */
    public List<Integer> integers(String key, int lowest, int highest) {
        return value(key)
                .map(
                        value ->
                                value instanceof JsonArray(List<JsonValue> items)
                                        ? items.stream()
                                                .map(item -> integer(item, key, lowest, highest))
                                                .toList()
                                        : List.of(integer(value, key, lowest, highest)))
                .orElse(List.of());
    }

    /** A list of finite numbers; empty if the key is absent. */
    public List<Double> numbers(String key) {
        return value(key)
                .map(
                        value -> {
                            if (value instanceof JsonArray(List<JsonValue> items)
                                    && items.stream().allMatch(ConfigObject::isFinite)) {
                                return items.stream()
                                        .map(item -> ((JsonNumber) item).doubleValue())
                                        .toList();
                            }
                            throw wrong(key, "a list of numbers");
                        })
                .orElse(List.of());
    }

    private static boolean isFinite(JsonValue value) {
        return value instanceof JsonNumber number && Double.isFinite(number.doubleValue());
    }

    public Optional<List<String>> texts(String key) {
        return value(key)
                .map(
                        value -> {
                            if (value instanceof JsonArray(List<JsonValue> items)
                                    && items.stream().allMatch(JsonString.class::isInstance)) {
                                return items.stream()
                                        .map(item -> ((JsonString) item).value())
                                        .toList();
                            }
                            throw wrong(key, "a list of strings");
                        });
    }
}
