package dev.cairn.ports.system;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value. Immutable; objects keep the order of their members.
 *
 * <p>Numbers keep their literal, because ids and seeds need all 64 bits and clients see what they
 * sent. Read with {@link JsonReader}, write with {@link JsonWriter}.
 */
public sealed interface JsonValue {

    /** The literal {@code null}. */
    JsonNull NULL = new JsonNull();

    record JsonNull() implements JsonValue {}

    record JsonBoolean(boolean value) implements JsonValue {}

    /** A string; may hold unpaired surrogates if the text escaped them. */
    record JsonString(String value) implements JsonValue {}

    /**
     * A number by its literal.
     *
     * @param literal as RFC 8259 allows it
     */
    record JsonNumber(String literal) implements JsonValue {

        public static JsonNumber of(long value) {
            return new JsonNumber(Long.toString(value));
        }

        /**
         * @throws IllegalArgumentException for infinities and NaN, which JSON lacks
         */
        public static JsonNumber of(double value) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("JSON has no " + value);
            }
            return new JsonNumber(
                    value == Math.rint(value) && Math.abs(value) < 1e15
                            ? Long.toString((long) value) + ".0"
                            : Double.toString(value));
        }

        /** Whether the literal is written without fraction and exponent. */
        public boolean isIntegerLiteral() {
            return literal.indexOf('.') < 0 && literal.indexOf('e') < 0 && literal.indexOf('E') < 0;
        }

        public double doubleValue() {
            return Double.parseDouble(literal);
        }

        /**
         * The value as a long.
         *
         * @throws ArithmeticException if it has a fraction or does not fit
         */
        public long longValueExact() {
            if (isIntegerLiteral()) {
                try {
                    return Long.parseLong(literal);
                } catch (NumberFormatException outOfRange) {
                    throw new ArithmeticException(literal + " does not fit 64 bits");
                }
            }
            double value = doubleValue();
            if (value != Math.rint(value) || Math.abs(value) > 9.0e15) {
                throw new ArithmeticException(literal + " is no integer");
            }
            return new BigDecimal(literal).longValueExact();
        }
    }

    record JsonArray(List<JsonValue> values) implements JsonValue {

        public JsonArray {
            values = List.copyOf(values);
        }
    }

    record JsonObject(Map<String, JsonValue> members) implements JsonValue {

        private static final JsonObject EMPTY = new JsonObject(Map.of());

        public JsonObject {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        public static JsonObject empty() {
            return EMPTY;
        }

        /**
         * The member's value, or null where there is none: absent and {@link #NULL} are different
         * things to a caller.
         */
        public JsonValue member(String name) {
            return members.get(name);
        }

        public static Builder builder() {
            return new Builder();
        }
    }

    static JsonString of(String value) {
        return new JsonString(value);
    }

    static JsonBoolean of(boolean value) {
        return new JsonBoolean(value);
    }

    static JsonNumber of(long value) {
        return JsonNumber.of(value);
    }

    static JsonNumber of(double value) {
        return JsonNumber.of(value);
    }

    static JsonArray array(List<? extends JsonValue> values) {
        return new JsonArray(List.copyOf(values));
    }

    /** Builds an object member by member. One thread. */
    final class Builder {

        private final Map<String, JsonValue> members = new LinkedHashMap<>();

        private Builder() {}

        public Builder put(String name, JsonValue value) {
            members.put(name, value);
            return this;
        }

        public Builder put(String name, String value) {
            return put(name, value == null ? NULL : new JsonString(value));
        }

        public Builder put(String name, long value) {
            return put(name, JsonNumber.of(value));
        }

        public Builder put(String name, double value) {
            return put(name, JsonNumber.of(value));
        }

        public Builder put(String name, boolean value) {
            return put(name, new JsonBoolean(value));
        }

        public Builder putNull(String name) {
            return put(name, NULL);
        }

        public JsonObject build() {
            return new JsonObject(members);
        }
    }
}
