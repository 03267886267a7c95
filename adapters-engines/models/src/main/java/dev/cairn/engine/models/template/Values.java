package dev.cairn.engine.models.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Python's semantics for the values of a template: null, {@code Boolean}, {@code Long} or {@code
 * BigInteger}, {@code Double}, {@code String}, {@code List}, {@link Tuple}, {@code Map}, {@link
 * Callable}, {@link Namespace}, {@link Undefined}.
 */
final class Values {

    private static final int MAX_COMPARED = 1_000_000;

    private Values() {}

    static String typeName(Object value) {
        return switch (value) {
            case null -> "NoneType";
            case Boolean _ -> "bool";
            case Long _, BigInteger _ -> "int";
            case Double _ -> "float";
            case String _ -> "str";
            case Tuple _ -> "tuple";
            case List<?> _ -> "list";
            case Map<?, ?> _ -> "dict";
            case Undefined _ -> "Undefined";
            case Generated _ -> "generator";
            case Namespace _ -> "Namespace";
            case Loop _ -> "LoopContext";
            case Macro _ -> "Macro";
            default -> "function";
        };
    }

    static boolean truth(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean truth -> truth;
            case Long number -> number != 0;
            case BigInteger number -> number.signum() != 0;
            case Double number -> number != 0;
            case String text -> !text.isEmpty();
            case Collection<?> items -> !items.isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            case Undefined _ -> false;
            default -> true;
        };
    }

    static boolean isInteger(Object value) {
        return value instanceof Long || value instanceof BigInteger;
    }

    static boolean isNumber(Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    /** A Python int in its smallest Java form. */
    static Object integer(BigInteger value) {
        if (value.bitLength() > 4096) {
            throw JinjaException.fault("an integer has more than 4096 bits");
        }
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    static int toInt(Object value, String what) {
        long number =
                switch (value) {
                    case Long integer -> integer;
                    case Boolean truth -> truth ? 1 : 0;
                    case Undefined undefined -> throw undefined.fault();
                    case null, default ->
                            throw JinjaException.fault(
                                    what + " must be an integer, got " + typeName(value));
                };
        return Math.clamp(number, Integer.MIN_VALUE / 2, Integer.MAX_VALUE / 2);
    }

    static BigInteger bigInteger(Object value) {
        return switch (value) {
            case BigInteger number -> number;
            case Long number -> BigInteger.valueOf(number);
            case Boolean truth -> truth ? BigInteger.ONE : BigInteger.ZERO;
            default -> throw JinjaException.fault("no integer: " + typeName(value));
        };
    }

    static double floating(Object value) {
        return value instanceof Double number ? number : bigInteger(value).doubleValue();
    }

    /** {@code left == right}. */
    static boolean equal(Object left, Object right) {
        return equal(left, right, new int[] {MAX_COMPARED});
    }

    /** Counts down, because two small values whose parts are shared compare endlessly. */
    private static boolean equal(Object left, Object right, int[] remaining) {
        if (left == right) {
            return true;
        }
        if (left == null || right == null) {
            return false;
        }
        if (--remaining[0] < 0) {
            throw JinjaException.fault("two values are too large to compare");
        }
        if (isNumber(left) && isNumber(right)) {
            return compareNumbers(left, right) == 0;
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            return equalLists(a, b, remaining);
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return a.size() == b.size()
                    && a.keySet().stream()
                            .allMatch(
                                    key ->
                                            b.containsKey(key)
                                                    && equal(a.get(key), b.get(key), remaining));
        }
        if (left instanceof Undefined && right instanceof Undefined) {
            return true;
        }
        return Objects.equals(left, right);
    }

    private static boolean equalLists(List<?> a, List<?> b, int[] remaining) {
        if (a.size() != b.size() || a instanceof Tuple != b instanceof Tuple) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!equal(a.get(i), b.get(i), remaining)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a value can be a key: Python's hashable values, of tuples only flat ones. */
    static boolean isKey(Object value) {
        return value == null
                || value instanceof String
                || isNumber(value)
                || (value instanceof Tuple tuple
                        && tuple.stream().noneMatch(item -> item instanceof List || !isKey(item)));
    }

    /** The value, if it can be a key. */
    static Object key(Object value) {
        if (!isKey(value)) {
            throw JinjaException.fault("unhashable type: '" + typeName(value) + "'");
        }
        return value;
    }

    private static int compareNumbers(Object left, Object right) {
        if (left instanceof Long a && right instanceof Long b) {
            return Long.compare(a, b);
        }
        if (left instanceof Double || right instanceof Double) {
            double a = floating(left);
            double b = floating(right);
            if (Double.isNaN(a) || Double.isNaN(b)) {
                return Double.isNaN(a) && Double.isNaN(b) ? 1 : Double.compare(a, b);
            }
            return Double.isInfinite(a) || Double.isInfinite(b)
                    ? Double.compare(a, b)
                    : decimal(left).compareTo(decimal(right));
        }
        return bigInteger(left).compareTo(bigInteger(right));
    }

    private static BigDecimal decimal(Object value) {
        return value instanceof Double number
                ? new BigDecimal(number)
                : new BigDecimal(bigInteger(value));
    }

    /**
     * The order of two values that Python can order: numbers, texts by code point, sequences by
     * their first difference.
     */
    static int compare(Object left, Object right) {
        if (left instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (isNumber(left) && isNumber(right)) {
            return compareNumbers(left, right);
        }
        if (left instanceof String a && right instanceof String b) {
            return compareText(a, b);
        }
        if (left instanceof List<?> a
                && right instanceof List<?> b
                && a instanceof Tuple == b instanceof Tuple) {
            for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
                if (!equal(a.get(i), b.get(i))) {
                    return compare(a.get(i), b.get(i));
                }
            }
            return Integer.compare(a.size(), b.size());
        }
        throw JinjaException.fault(
                "'" + typeName(left) + "' and '" + typeName(right) + "' cannot be ordered");
    }

    private static int compareText(String a, String b) {
        int at = 0;
        while (at < a.length() && at < b.length()) {
            int x = a.codePointAt(at);
            int y = b.codePointAt(at);
            if (x != y) {
                return Integer.compare(x, y);
            }
            at += Character.charCount(x);
        }
        return Integer.compare(a.length(), b.length());
    }

    /** {@code item in container}. */
    static boolean contains(Object container, Object item) {
        return switch (container) {
            case String text -> {
                if (item instanceof String part) {
                    yield text.contains(part);
                }
                if (item instanceof Undefined undefined) {
                    throw undefined.fault();
                }
                throw JinjaException.fault(
                        "'in <string>' requires string as left operand, not " + typeName(item));
            }
            case List<?> list -> list.stream().anyMatch(element -> equal(element, item));
            case Map<?, ?> map -> map.containsKey(key(item));
            case Undefined _ -> false;
            case Generated generated ->
                    generated.rest().stream().anyMatch(element -> equal(element, item));
            case null, default ->
                    throw JinjaException.fault(
                            "argument of type '" + typeName(container) + "' is not iterable");
        };
    }

    /** Elements of anything that can be iterated: characters of a text, keys of a mapping. */
    static List<Object> iterate(Object value) {
        return switch (value) {
            case List<?> list -> new ArrayList<>(list);
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case String text ->
                    text.codePoints()
                            .mapToObj(c -> (Object) Character.toString(c))
                            .collect(java.util.stream.Collectors.toCollection(ArrayList::new));
            case Undefined _ -> new ArrayList<>();
            case Generated generated -> generated.rest();
            case null, default ->
                    throw JinjaException.fault("'" + typeName(value) + "' object is not iterable");
        };
    }

    static boolean isIterable(Object value) {
        return value instanceof List
                || value instanceof Map
                || value instanceof String
                || value instanceof Generated
                || value instanceof Undefined;
    }

    static long length(Object value) {
        return switch (value) {
            case String text -> text.codePointCount(0, text.length());
            case Collection<?> items -> items.size();
            case Map<?, ?> map -> map.size();
            case Undefined _ -> 0;
            case null, default ->
                    throw JinjaException.fault(
                            "object of type '" + typeName(value) + "' has no len()");
        };
    }

    /** {@code value[index]}, or null where there is no such element. */
    static Object element(Object value, long index) {
        long size = length(value);
        long at = index < 0 ? index + size : index;
        if (at < 0 || at >= size) {
            return null;
        }
        if (value instanceof String text) {
            int start = text.offsetByCodePoints(0, (int) at);
            return Character.toString(text.codePointAt(start));
        }
        return ((List<?>) value).get((int) at);
    }

    /** {@code value[start:stop:step]}. */
    static Object slice(Object value, Object start, Object stop, Object step) {
        List<Object> items;
        if (value instanceof String || value instanceof List) {
            items = iterate(value);
        } else if (value instanceof Undefined undefined) {
            throw undefined.fault();
        } else {
            return Undefined.attribute(value, "slice");
        }
        int size = items.size();
        int stride = step == null ? 1 : toInt(step, "a slice's step");
        if (stride == 0) {
            throw JinjaException.fault("slice step cannot be zero");
        }
        int from = bound(start, size, stride, stride > 0 ? 0 : size - 1);
        int to = bound(stop, size, stride, stride > 0 ? size : -1);
        List<Object> chosen = new ArrayList<>();
        for (long i = from; stride > 0 ? i < to : i > to; i += stride) {
            chosen.add(items.get((int) i));
        }
        if (value instanceof String) {
            StringBuilder text = new StringBuilder();
            chosen.forEach(text::append);
            return text.toString();
        }
        return value instanceof Tuple ? new Tuple(chosen) : chosen;
    }

    private static int bound(Object value, int size, int stride, int otherwise) {
        if (value == null) {
            return otherwise;
        }
        int index = toInt(value, "a slice's bound");
        int lowest = stride > 0 ? 0 : -1;
        int highest = stride > 0 ? size : size - 1;
        return Math.clamp(
                index < 0 ? index + (long) size : index, lowest, Math.max(lowest, highest));
    }
}
