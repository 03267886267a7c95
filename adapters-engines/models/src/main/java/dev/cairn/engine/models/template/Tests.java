package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Callable.Arguments;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Jinja's tests: what may stand behind {@code is}. */
final class Tests {

    private static final Set<String> NAMES =
            Set.of(
                    "boolean",
                    "callable",
                    "defined",
                    "divisibleby",
                    "eq",
                    "equalto",
                    "==",
                    "escaped",
                    "even",
                    "false",
                    "filter",
                    "float",
                    "ge",
                    ">=",
                    "greaterthan",
                    "gt",
                    ">",
                    "in",
                    "integer",
                    "iterable",
                    "le",
                    "<=",
                    "lessthan",
                    "lower",
                    "lt",
                    "<",
                    "mapping",
                    "ne",
                    "!=",
                    "none",
                    "number",
                    "odd",
                    "sameas",
                    "sequence",
                    "string",
                    "test",
                    "true",
                    "undefined",
                    "upper");

    private Tests() {}

    static boolean exists(String name) {
        return NAMES.contains(name);
    }

    static boolean holds(String name, Object value, Arguments arguments) {
        if (!exists(name)) {
            throw JinjaException.fault("no test named '" + name + "'");
        }
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == null;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "boolean" -> value instanceof Boolean;
            case "integer" -> Values.isInteger(value);
            case "float" -> value instanceof Double;
            case "number" -> Values.isNumber(value);
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map;
            case "iterable" -> Values.isIterable(value);
            case "sequence" ->
                    value instanceof String
                            || value instanceof List
                            || value instanceof Map
                            || value instanceof Undefined;
            case "callable" -> value instanceof Callable || value instanceof Undefined;
            case "escaped" -> false;
            case "filter" -> value instanceof String filter && Filters.exists(filter);
            case "test" -> value instanceof String test && exists(test);
            case "lower" -> cased(value, PythonText.str(value).toLowerCase(Locale.ROOT));
            case "upper" -> cased(value, PythonText.str(value).toUpperCase(Locale.ROOT));
            case "odd" -> Values.equal(remainder(value, 2L), 1L);
            case "even" -> Values.equal(remainder(value, 2L), 0L);
            case "divisibleby" -> Values.equal(remainder(value, arguments.required(0, "num")), 0L);
            default -> compared(name, value, arguments.required(0, "other"));
        };
    }

    private static boolean compared(String name, Object value, Object other) {
        return switch (name) {
            case "eq", "equalto", "==" -> Values.equal(value, other);
            case "ne", "!=" -> !Values.equal(value, other);
            case "sameas" ->
                    value == other || (isScalar(value) && isScalar(other) && value.equals(other));
            case "in" -> Values.contains(other, value);
            case "lt", "lessthan", "<" -> Values.compare(value, other) < 0;
            case "le", "<=" -> Values.compare(value, other) <= 0;
            case "gt", "greaterthan", ">" -> Values.compare(value, other) > 0;
            case "ge", ">=" -> Values.compare(value, other) >= 0;
            default -> throw JinjaException.fault("no test named '" + name + "'");
        };
    }

    private static boolean isScalar(Object value) {
        return value instanceof Boolean || value instanceof Long || value instanceof String;
    }

    /** {@code str.islower} and {@code str.isupper} need a letter that has a case. */
    private static boolean cased(Object value, String folded) {
        String text = PythonText.str(value);
        return text.equals(folded)
                && text.codePoints()
                        .anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
    }

    private static Object remainder(Object value, Object divisor) {
        if (value instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (!Values.isNumber(value)) {
            throw JinjaException.fault("a number is needed, got " + Values.typeName(value));
        }
        return new Operators(new Budget(Long.MAX_VALUE, Integer.MAX_VALUE))
                .apply("%", value, divisor);
    }
}
