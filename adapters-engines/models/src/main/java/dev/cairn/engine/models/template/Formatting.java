package dev.cairn.engine.models.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code %} formatting and the simple part of {@code str.format}. */
final class Formatting {

    private static final Pattern PRINTF =
            Pattern.compile("%(?:\\((\\w+)\\))?([-+ 0#]*)(\\d*)(?:\\.(\\d+))?([a-zA-Z%])");
    private static final Pattern FIELD = Pattern.compile("\\{\\{|}}|\\{(\\w*)}|[{}]");
    private static final int MAX_WIDTH = 10_000;

    private Formatting() {}

    /** {@code format % value}. */
    static String printf(String format, Object value, Budget budget) {
        List<?> values = value instanceof Tuple tuple ? tuple : List.of(new Box(value));
        Matcher matcher = PRINTF.matcher(format);
        StringBuilder out = new StringBuilder();
        int next = 0;
        int end = 0;
        while (matcher.find()) {
            literal(format, end, matcher.start(), out);
            end = matcher.end();
            if (matcher.group(5).equals("%")) {
                out.append('%');
                continue;
            }
            Object argument;
            if (matcher.group(1) != null) {
                argument = value instanceof Map<?, ?> map ? map.get(matcher.group(1)) : null;
            } else if (next < values.size()) {
                argument = values.get(next) instanceof Box(Object only) ? only : values.get(next);
                next++;
            } else {
                throw JinjaException.fault("not enough arguments for format string");
            }
            field(matcher, argument, out);
            budget.text(out.length());
        }
        literal(format, end, format.length(), out);
        if (next < values.size() && value instanceof Tuple) {
            throw JinjaException.fault("not all arguments converted during string formatting");
        }
        return out.toString();
    }

    /** Keeps null in a list that takes none. */
    private record Box(Object value) {}

    private static void literal(String format, int start, int end, StringBuilder out) {
        if (format.substring(start, end).indexOf('%') >= 0) {
            throw JinjaException.fault("unsupported format character after '%'");
        }
        out.append(format, start, end);
    }

    private static void field(Matcher matcher, Object argument, StringBuilder out) {
        String flags = matcher.group(2);
        int width = number(matcher.group(3), 0);
        int precision = number(matcher.group(4), -1);
        String text =
                switch (matcher.group(5).charAt(0)) {
                    case 's' -> shortened(PythonText.str(argument), precision);
                    case 'r' -> shortened(PythonText.repr(argument), precision);
                    case 'd', 'i' -> signed(whole(argument), flags);
                    case 'x' -> Values.bigInteger(argument).toString(16);
                    case 'f', 'F' -> signed(fixed(argument, precision < 0 ? 6 : precision), flags);
                    default ->
                            throw JinjaException.fault(
                                    "unsupported format character '" + matcher.group(5) + "'");
                };
        int padding = width - text.codePointCount(0, text.length());
        if (padding <= 0) {
            out.append(text);
        } else if (flags.contains("-")) {
            out.append(text).repeat(" ", padding);
        } else if (flags.contains("0") && "dixfF".contains(matcher.group(5))) {
            int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
            out.append(text, 0, sign).repeat("0", padding).append(text, sign, text.length());
        } else {
            out.repeat(" ", padding).append(text);
        }
    }

    private static int number(String digits, int otherwise) {
        if (digits == null || digits.isEmpty()) {
            return otherwise;
        }
        if (digits.length() > 5 || Integer.parseInt(digits) > MAX_WIDTH) {
            throw JinjaException.fault("a format's width is above " + MAX_WIDTH);
        }
        return Integer.parseInt(digits);
    }

    private static String shortened(String text, int precision) {
        return precision < 0 || text.length() <= precision ? text : text.substring(0, precision);
    }

    private static String whole(Object argument) {
        if (argument instanceof Double number && !number.isNaN() && !number.isInfinite()) {
            return new BigDecimal(number).toBigInteger().toString();
        }
        if (!Values.isNumber(argument)) {
            throw JinjaException.fault(
                    "%d format: a number is required, not " + Values.typeName(argument));
        }
        return Values.bigInteger(argument).toString();
    }

    private static String signed(String digits, String flags) {
        return flags.contains("+") && !digits.startsWith("-") ? "+" + digits : digits;
    }

    private static String fixed(Object argument, int precision) {
        if (!Values.isNumber(argument)) {
            throw JinjaException.fault("must be real number, not " + Values.typeName(argument));
        }
        return new BigDecimal(Values.floating(argument), MathContext.UNLIMITED)
                .setScale(precision, RoundingMode.HALF_EVEN)
                .toPlainString();
    }

    /** {@code format.format(...)} with plain fields: {@code {}}, {@code {0}}, {@code {name}}. */
    static String format(String format, Callable.Arguments arguments, Budget budget) {
        Matcher matcher = FIELD.matcher(format);
        StringBuilder out = new StringBuilder();
        int next = 0;
        int end = 0;
        while (matcher.find()) {
            out.append(format, end, matcher.start());
            end = matcher.end();
            String name = matcher.group(1);
            if (name == null) {
                if (matcher.group().length() == 1) {
                    throw JinjaException.fault(
                            "str.format: only plain fields such as {}, {0} and {name} are supported");
                }
                out.append(matcher.group().charAt(0));
                continue;
            }
            int position =
                    name.isEmpty()
                            ? next++
                            : name.chars().allMatch(Character::isDigit) ? number(name, 0) : -1;
            Object value =
                    position >= 0
                            ? arguments.required(position, "{" + position + "}")
                            : arguments.required(Integer.MAX_VALUE, name);
            out.append(PythonText.str(value));
            budget.text(out.length());
        }
        return out.append(format, end, format.length()).toString();
    }
}
