package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonArray;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the values of keywords; one of a wrong type is refused by the keyword's name. */
final class SchemaValues {

    private static final int MOST_DIGITS = 400;
    private static final int MOST_COUNT = 1_000_000_000;
    private static final int MOST_NAME = 1024;

    private final GrammarRules rules;
    private final SchemaDocument document;

    SchemaValues(GrammarRules rules, SchemaDocument document) {
        this.rules = rules;
        this.document = document;
    }

    RuntimeException wrong(String keyword, String what) {
        return rules.refused("has a \"" + keyword + "\" " + what);
    }

    /** That a keyword is not held. */
    RuntimeException notHeld(String keyword, String why) {
        return rules.refused(
                "has the keyword \""
                        + keyword
                        + "\""
                        + why
                        + ", which cannot be held exactly;"
                        + " leave it out or write it otherwise");
    }

    List<JsonValue> list(String keyword, JsonValue value) {
        if (value instanceof JsonArray(var values)) {
            return values;
        }
        throw wrong(keyword, "that is no list");
    }

    Map<String, JsonValue> object(String keyword, JsonValue value) {
        if (value instanceof JsonObject(var members)) {
            return members;
        }
        throw wrong(keyword, "that is no object");
    }

    String text(String keyword, JsonValue value) {
        if (value instanceof JsonString(var text)) {
            return text;
        }
        throw wrong(keyword, "that is no string");
    }

    boolean flag(String keyword, JsonValue value) {
        if (value instanceof JsonBoolean(boolean flag)) {
            return flag;
        }
        throw wrong(keyword, "that is neither true nor false");
    }

    List<String> names(String keyword, JsonValue value) {
        List<String> names = new ArrayList<>();
        for (JsonValue each : list(keyword, value)) {
            names.add(name(text(keyword, each)));
        }
        return names;
    }

    private String name(String name) {
        if (name.length() > MOST_NAME) {
            throw rules.refused("has a property name longer than " + MOST_NAME);
        }
        return name;
    }

    /** A schema as the value of a keyword, or a part of that value. */
    SchemaTerm part(String keyword, SchemaTerm of, JsonValue value) {
        if (!(value instanceof JsonObject || value instanceof JsonBoolean)) {
            throw wrong(keyword, "that is neither an object nor a boolean");
        }
        return document.part(of, value);
    }

    /** Schemas in a list, at least one. */
    List<SchemaTerm> terms(String keyword, SchemaTerm of, JsonValue value) {
        List<JsonValue> values = list(keyword, value);
        if (values.isEmpty()) {
            throw wrong(keyword, "without a schema");
        }
        return values.stream().map(each -> part(keyword, of, each)).toList();
    }

    /** Schemas by name, in order. */
    Map<String, SchemaTerm> named(String keyword, SchemaTerm of, JsonValue value) {
        Map<String, SchemaTerm> terms = new LinkedHashMap<>();
        if (value != null) {
            object(keyword, value)
                    .forEach((name, each) -> terms.put(name(name), part(keyword, of, each)));
        }
        return terms;
    }

    int count(String keyword, JsonValue value) {
        BigDecimal number = decimal(keyword, value);
        if (number.signum() < 0 || number.stripTrailingZeros().scale() > 0) {
            throw wrong(keyword, "that is no whole number from 0 on");
        }
        return number.min(BigDecimal.valueOf(MOST_COUNT)).intValueExact();
    }

    BigDecimal decimal(String keyword, JsonValue value) {
        if (!(value instanceof JsonNumber(var literal))) {
            throw wrong(keyword, "that is no number");
        }
        BigDecimal number = literal.length() > MOST_DIGITS ? null : new BigDecimal(literal);
        if (number == null
                || Math.abs((long) number.scale()) > MOST_DIGITS
                || number.precision() - number.scale() > MOST_DIGITS) {
            throw wrong(keyword, "with more than " + MOST_DIGITS + " digits");
        }
        return number;
    }

    /** Types as bits, and whether numbers must be whole. */
    Types types(JsonValue value) {
        int bits = 0;
        boolean whole = false;
        boolean any = false;
        for (JsonValue each : value instanceof JsonArray(var values) ? values : List.of(value)) {
            switch (text("type", each)) {
                case "null" -> bits |= SchemaShape.NULL;
                case "boolean" -> bits |= SchemaShape.BOOLEAN;
                case "string" -> bits |= SchemaShape.STRING;
                case "array" -> bits |= SchemaShape.ARRAY;
                case "object" -> bits |= SchemaShape.OBJECT;
                case "integer" -> {
                    bits |= SchemaShape.NUMBER;
                    whole = true;
                }
                case "number" -> {
                    bits |= SchemaShape.NUMBER;
                    any = true;
                }
                default ->
                        throw wrong(
                                "type",
                                "that is none of object, array, string, number, integer, boolean,"
                                        + " null");
            }
        }
        return new Types(bits, whole && !any);
    }

    /**
     * @param bits of {@link SchemaShape}
     */
    record Types(int bits, boolean whole) {}
}
