package dev.cairn.engine.models.files;

import dev.cairn.ports.model.ModelException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The key-value part of a GGUF file. Every error names the file and the key. */
public final class GgufMetadata {

    private final String file;
    private final Map<String, Object> values;

    /**
     * @param values {@code Long}, {@code Double}, {@code Boolean}, {@code String}, or a {@code
     *     List} of these
     */
    GgufMetadata(String file, Map<String, Object> values) {
        this.file = file;
        this.values = values;
    }

    public String file() {
        return file;
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    public ModelException wrong(String key, String wanted) {
        Object value = values.get(key);
        String got =
                value == null
                        ? " but is missing"
                        : value instanceof List<?>
                                ? ", got a list"
                                : ", got " + ConfigObject.shown(value.toString());
        return new ModelException(file + ": " + key + " must be " + wanted + got);
    }

    public Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key))
                .map(
                        value -> {
                            if (value instanceof String text) {
                                return text;
                            }
                            throw wrong(key, "a string");
                        });
    }

    public Optional<Boolean> truth(String key) {
        return Optional.ofNullable(values.get(key))
                .map(
                        value -> {
                            if (value instanceof Boolean truth) {
                                return truth;
                            }
                            throw wrong(key, "true or false");
                        });
    }

    /**
     * An integer, or a list of one and the same integer for each layer, as some converters write.
     */
    public Optional<Integer> integer(String key, int lowest, int highest) {
        return Optional.ofNullable(values.get(key))
                .map(
                        value -> {
                            List<?> all = value instanceof List<?> list ? list : List.of(value);
                            boolean valid =
                                    !all.isEmpty()
                                            && all.getFirst() instanceof Long first
                                            && first >= lowest
                                            && first <= highest
                                            && all.stream().allMatch(first::equals);
                            if (!valid) {
                                throw wrong(
                                        key, "one integer in [" + lowest + ", " + highest + "]");
                            }
                            return Math.toIntExact((Long) all.getFirst());
                        });
    }

    public int required(String key, int lowest, int highest) {
        return integer(key, lowest, highest)
                .orElseThrow(() -> wrong(key, "an integer in [" + lowest + ", " + highest + "]"));
    }

    public Optional<Double> positive(String key) {
        return Optional.ofNullable(values.get(key))
                .map(
                        value -> {
                            double number =
                                    value instanceof Double real
                                            ? real
                                            : value instanceof Long whole ? whole : Double.NaN;
                            if (!(number > 0) || Double.isInfinite(number)) {
                                throw wrong(key, "a number above 0");
                            }
                            return number;
                        });
    }

    /** A list whose elements are all of one class; empty if the key is absent. */
    public <T> List<T> list(String key, Class<T> type) {
        Object value = values.getOrDefault(key, List.of());
        if (value instanceof List<?> list && list.stream().allMatch(type::isInstance)) {
            return list.stream().map(type::cast).toList();
        }
        throw wrong(
                key,
                "a list of " + type.getSimpleName().toLowerCase(java.util.Locale.ROOT) + " values");
    }
}
