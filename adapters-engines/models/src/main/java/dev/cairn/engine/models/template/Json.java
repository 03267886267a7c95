package dev.cairn.engine.models.template;

import java.util.List;
import java.util.Map;

/** Python's {@code json.dumps}, as the {@code tojson} filter of transformers calls it. */
final class Json {

    private final boolean ascii;
    private final String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;
    private final Budget budget;
    private final StringBuilder out = new StringBuilder();

    private Json(Callable.Arguments arguments, Budget budget) {
        this.budget = budget;
        ascii = arguments.truth(0, "ensure_ascii", false);
        indent = indent(arguments.get(1, "indent", null));
        sorted = arguments.truth(3, "sort_keys", false);
        if (arguments.get(2, "separators", null) instanceof List<?> pair && pair.size() == 2) {
            itemSeparator = PythonText.str(pair.get(0));
            keySeparator = PythonText.str(pair.get(1));
        } else {
            itemSeparator = indent == null ? ", " : ",";
            keySeparator = ": ";
        }
    }

    private static String indent(Object value) {
        if (value == null || value instanceof String) {
            return (String) value;
        }
        int width = Values.toInt(value, "indent");
        if (width > 64) {
            throw JinjaException.fault("tojson: an indent of " + width + " is too much");
        }
        return " ".repeat(Math.max(0, width));
    }

    static String dumps(Object value, Callable.Arguments arguments, Budget budget) {
        Json json = new Json(arguments, budget);
        json.write(value, 1);
        return json.out.toString();
    }

    private void write(Object value, int depth) {
        budget.spend(1);
        if (depth > 200) {
            throw JinjaException.fault("a value is nested too deep for tojson");
        }
        switch (value) {
            case null -> out.append("null");
            case Boolean truth -> out.append(truth);
            case Double number -> out.append(number(number));
            case Number number -> out.append(number);
            case String text -> string(text);
            case List<?> list -> list(list, depth);
            case Map<?, ?> map -> map(map, depth);
            default ->
                    throw JinjaException.fault(
                            "Object of type "
                                    + Values.typeName(value)
                                    + " is not JSON serializable");
        }
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        return Double.isInfinite(value)
                ? (value > 0 ? "Infinity" : "-Infinity")
                : PythonText.number(value);
    }

    private void list(List<?> list, int depth) {
        if (list.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
            separate(i, depth);
            write(list.get(i), depth + 1);
        }
        newline(depth - 1);
        out.append(']');
    }

    private void map(Map<?, ?> map, int depth) {
        if (map.isEmpty()) {
            out.append("{}");
            return;
        }
        out.append('{');
        List<?> keys =
                sorted
                        ? map.keySet().stream().sorted(Values::compare).toList()
                        : List.copyOf(map.keySet());
        for (int i = 0; i < keys.size(); i++) {
            separate(i, depth);
            string(key(keys.get(i)));
            out.append(keySeparator);
            write(map.get(keys.get(i)), depth + 1);
        }
        newline(depth - 1);
        out.append('}');
    }

    private static String key(Object key) {
        return switch (key) {
            case String text -> text;
            case Boolean truth -> truth.toString();
            case Double number -> number(number);
            case Number number -> number.toString();
            default -> throw JinjaException.fault("keys must be str, int, float, bool or None");
        };
    }

    private void separate(int index, int depth) {
        if (index > 0) {
            out.append(itemSeparator);
        }
        newline(depth);
    }

    private void newline(int depth) {
        if (indent != null) {
            budget.text(out.length() + (long) depth * indent.length());
            out.append('\n').repeat(indent, depth);
        }
    }

    private void string(String text) {
        budget.text((long) out.length() + text.length());
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || (ascii && c > 126)) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
