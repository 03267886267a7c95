package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Callable.Arguments;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Jinja's filters on single values; those on sequences are {@link SequenceFilters}. */
final class Filters {

    private static final Set<String> NAMES =
            Set.of(
                    "abs",
                    "attr",
                    "capitalize",
                    "center",
                    "d",
                    "default",
                    "e",
                    "escape",
                    "float",
                    "forceescape",
                    "format",
                    "indent",
                    "int",
                    "lower",
                    "replace",
                    "round",
                    "safe",
                    "string",
                    "striptags",
                    "title",
                    "tojson",
                    "trim",
                    "truncate",
                    "upper",
                    "urlencode",
                    "wordcount");
    private static final Pattern WORD_BEGINNING = Pattern.compile("([-\\s({\\[<]+)");
    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern TAG = Pattern.compile("<[^>]*>");

    private final Budget budget;
    private final TextMethods texts;
    private final Attributes attributes;
    private final SequenceFilters sequences;

    Filters(Budget budget, Attributes attributes) {
        this.budget = budget;
        this.attributes = attributes;
        this.texts = new TextMethods(budget);
        this.sequences = new SequenceFilters(budget, attributes, this);
    }

    static boolean exists(String name) {
        return NAMES.contains(name) || SequenceFilters.NAMES.contains(name);
    }

    Object apply(String name, Object value, Arguments arguments) {
        // Not when the template is compiled: many name filters of other engines in branches that
        // are never taken.
        if (!exists(name)) {
            throw JinjaException.fault("no filter named '" + name + "'");
        }
        if (SequenceFilters.NAMES.contains(name)) {
            return sequences.apply(name, value, arguments);
        }
        if (value instanceof String text) {
            budget.text(text.length());
        }
        return switch (name) {
            case "default", "d" -> {
                boolean replace =
                        value instanceof Undefined
                                || (arguments.truth(1, "boolean", false) && !Values.truth(value));
                yield replace ? arguments.get(0, "default_value", "") : value;
            }
            case "tojson" -> {
                if (value instanceof Undefined undefined) {
                    throw undefined.fault();
                }
                yield Json.dumps(value, arguments, budget);
            }
            case "attr" -> attributes.attribute(value, arguments.text(0, "name", ""));
            case "abs" -> Values.compare(value, 0L) < 0 ? Operators.negative(value, false) : value;
            case "int" -> integer(value, arguments);
            case "float" -> floating(value, arguments.get(0, "default", 0.0));
            case "round" -> round(value, arguments);
            case "format" ->
                    Formatting.printf(PythonText.str(value), formatArgument(arguments), budget);
            default -> text(name, PythonText.str(value), arguments);
        };
    }

    private static Object formatArgument(Arguments arguments) {
        return arguments.named().isEmpty() ? new Tuple(arguments.positional()) : arguments.named();
    }

    private Object text(String name, String text, Arguments arguments) {
        return switch (name) {
            case "string", "safe" -> text;
            case "trim" -> PythonText.strip(text, arguments.text(0, "chars", null));
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "capitalize" -> TextMethods.capitalize(text);
            case "title" -> title(text);
            case "replace" ->
                    texts.replace(
                            text,
                            PythonText.str(arguments.required(0, "old")),
                            PythonText.str(arguments.required(1, "new")),
                            arguments.integer(2, "count", -1));
            case "indent" -> indent(text, arguments);
            case "center" -> {
                int width = arguments.integer(0, "width", 80);
                budget.text(width);
                yield TextMethods.center(text, width, " ");
            }
            case "truncate" -> truncate(text, arguments);
            case "wordcount" -> WORD.matcher(text).results().count();
            case "striptags" ->
                    String.join(
                            " ",
                            PythonText.split(TAG.matcher(text).replaceAll(""), null, -1)
                                    .toArray(String[]::new));
            case "urlencode" -> urlencode(text);
            case "e", "escape", "forceescape" -> escape(text);
            default -> throw JinjaException.fault("no filter named '" + name + "'");
        };
    }

    private static Object integer(Object value, Arguments arguments) {
        Object otherwise = arguments.get(0, "default", 0L);
        return switch (value) {
            case Long _, BigInteger _ -> value;
            case Boolean truth -> truth ? 1L : 0L;
            case Double number when !number.isNaN() && !number.isInfinite() ->
                    Values.integer(new BigDecimal(number).toBigInteger());
            case String text ->
                    integer(
                            PythonText.strip(text, null),
                            arguments.integer(1, "base", 10),
                            otherwise);
            case Undefined undefined -> throw undefined.fault();
            case null, default -> otherwise;
        };
    }

    private static Object integer(String text, int radix, Object otherwise) {
        if (text.length() > 1000 || radix < 2 || radix > 36) {
            return otherwise;
        }
        try {
            return Values.integer(new BigInteger(text.replace("_", ""), radix));
        } catch (NumberFormatException notWhole) {
            return floating(text, null) instanceof Double number
                            && !number.isInfinite()
                            && !number.isNaN()
                    ? Values.integer(new BigDecimal(number).toBigInteger())
                    : otherwise;
        }
    }

    private static Object floating(Object value, Object otherwise) {
        if (value instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (value instanceof String text) {
            String trimmed = PythonText.strip(text, null);
            try {
                // Java takes "1d" and hexadecimal floats, which Python refuses.
                return trimmed.matches("[-+0-9.eE]{1,400}")
                        ? (Object) Double.valueOf(trimmed)
                        : otherwise;
            } catch (NumberFormatException none) {
                return otherwise;
            }
        }
        return Values.isNumber(value) ? (Object) Values.floating(value) : otherwise;
    }

    private static Object round(Object value, Arguments arguments) {
        if (!Values.isNumber(value)) {
            throw JinjaException.fault("round needs a number, got " + Values.typeName(value));
        }
        int precision = Math.clamp(arguments.integer(0, "precision", 0), -400, 400);
        RoundingMode mode =
                switch (arguments.text(1, "method", "common")) {
                    case "common" -> RoundingMode.HALF_EVEN;
                    case "ceil" -> RoundingMode.CEILING;
                    case "floor" -> RoundingMode.FLOOR;
                    default -> throw JinjaException.fault("method must be common, ceil or floor");
                };
        double number = Values.floating(value);
        if (Double.isNaN(number) || Double.isInfinite(number)) {
            return number;
        }
        double rounded = new BigDecimal(number).setScale(precision, mode).doubleValue();
        return Values.isInteger(value) && mode == RoundingMode.HALF_EVEN
                ? (Object) (long) rounded
                : (Object) rounded;
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        var matcher = WORD_BEGINNING.matcher(text);
        int start = 0;
        while (matcher.find()) {
            out.append(TextMethods.capitalize(text.substring(start, matcher.start())))
                    .append(matcher.group());
            start = matcher.end();
        }
        return out.append(TextMethods.capitalize(text.substring(start))).toString();
    }

    private String indent(String text, Arguments arguments) {
        Object width = arguments.get(0, "width", 4L);
        int spaces = width instanceof String ? 0 : Math.max(0, Values.toInt(width, "indent"));
        budget.text(spaces);
        String indention = width instanceof String given ? given : " ".repeat(spaces);
        boolean blank = arguments.truth(2, "blank", false);
        List<Object> lines = PythonText.lines(text + "\n", false);
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            if (i > 0) {
                out.append('\n').append(line.isEmpty() && !blank ? "" : indention);
            }
            out.append(line);
            budget.text(out.length());
        }
        return arguments.truth(1, "first", false) ? indention + out : out.toString();
    }

    private static String truncate(String text, Arguments arguments) {
        int length = arguments.integer(0, "length", 255);
        String end = arguments.text(2, "end", "...");
        if (Values.length(text) <= (long) length + arguments.integer(3, "leeway", 5)) {
            return text;
        }
        int keep = length - (int) Values.length(end);
        if (keep < 0) {
            throw JinjaException.fault(
                    "truncate: expected length >= " + Values.length(end) + ", got " + length);
        }
        String kept = text.substring(0, text.offsetByCodePoints(0, keep));
        int space = kept.lastIndexOf(' ');
        return (arguments.truth(1, "killwords", false) || space < 0
                        ? kept
                        : kept.substring(0, space))
                + end;
    }

    private static String urlencode(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    (b >= '0' && b <= '9')
                            || (b >= 'a' && b <= 'z')
                            || (b >= 'A' && b <= 'Z')
                            || "_.-~/".indexOf(b) >= 0;
            out.append(plain ? Character.toString(b) : "%%%02X".formatted(b & 0xFF));
        }
        return out.toString();
    }

    private String escape(String text) {
        String escaped = text;
        for (var entry :
                List.of(
                        Map.entry("&", "&amp;"),
                        Map.entry("<", "&lt;"),
                        Map.entry(">", "&gt;"),
                        Map.entry("'", "&#39;"),
                        Map.entry("\"", "&#34;"))) {
            escaped = texts.replace(escaped, entry.getKey(), entry.getValue(), -1);
        }
        return escaped;
    }
}
