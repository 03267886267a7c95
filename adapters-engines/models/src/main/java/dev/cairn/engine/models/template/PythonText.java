package dev.cairn.engine.models.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's rules for text: white space, splitting, and how values print. */
public final class PythonText {

    private static final int MAX_REPRESENTATION = 1 << 24;

    private PythonText() {}

    /** Python's {@code str.isspace} for one character. */
    static boolean isSpace(int c) {
        return (c >= 9 && c <= 13)
                || (c >= 28 && c <= 32)
                || c == 0x85
                || c == 0xA0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200A)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }

    static boolean isSpace(String text) {
        return !text.isEmpty() && text.chars().allMatch(PythonText::isSpace);
    }

    /** {@code text.lstrip(characters)}; null strips white space. */
    static String stripLeft(String text, String characters) {
        int start = 0;
        while (start < text.length()) {
            int c = text.codePointAt(start);
            if (!strips(c, characters)) {
                break;
            }
            start += Character.charCount(c);
        }
        return text.substring(start);
    }

    /** {@code text.rstrip(characters)}; null strips white space. */
    public static String stripRight(String text, String characters) {
        int end = text.length();
        while (end > 0) {
            int c = text.codePointBefore(end);
            if (!strips(c, characters)) {
                break;
            }
            end -= Character.charCount(c);
        }
        return text.substring(0, end);
    }

    /** {@code text.strip(characters)}; null strips white space. */
    public static String strip(String text, String characters) {
        return stripRight(stripLeft(text, characters), characters);
    }

    private static boolean strips(int c, String characters) {
        return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
    }

    /**
     * {@code text.split(separator, limit)}; a null separator splits at runs of white space, a
     * negative limit is none.
     */
    static List<Object> split(String text, String separator, int limit) {
        List<Object> parts = new ArrayList<>();
        if (separator == null) {
            String rest = stripLeft(text, null);
            while (!rest.isEmpty()) {
                int end = 0;
                while (end < rest.length() && !isSpace(rest.charAt(end))) {
                    end++;
                }
                if (limit >= 0 && parts.size() == limit) {
                    parts.add(stripRight(rest, null));
                    return parts;
                }
                parts.add(rest.substring(0, end));
                rest = stripLeft(rest.substring(end), null);
            }
            return parts;
        }
        requireSeparator(separator);
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, from)) {
            if (limit >= 0 && parts.size() == limit) {
                break;
            }
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** {@code text.rsplit(separator, limit)}. */
    static List<Object> splitFromRight(String text, String separator, int limit) {
        if (limit < 0) {
            return split(text, separator, -1);
        }
        List<Object> parts = new ArrayList<>();
        String rest = separator == null ? stripRight(text, null) : text;
        while (parts.size() < limit) {
            int at =
                    separator == null
                            ? lastSpace(rest)
                            : rest.lastIndexOf(requireSeparator(separator));
            if (at < 0) {
                break;
            }
            int width = separator == null ? 1 : separator.length();
            parts.addFirst(rest.substring(at + width));
            rest = rest.substring(0, at);
            rest = separator == null ? stripRight(rest, null) : rest;
        }
        if (separator != null || !rest.isEmpty()) {
            parts.addFirst(separator == null ? stripLeft(rest, null) : rest);
        }
        return parts;
    }

    private static int lastSpace(String text) {
        for (int i = text.length() - 1; i >= 0; i--) {
            if (isSpace(text.charAt(i))) {
                return stripLeft(text.substring(0, i), null).isEmpty() ? -1 : i;
            }
        }
        return -1;
    }

    static String requireSeparator(String separator) {
        if (separator.isEmpty()) {
            throw JinjaException.fault("empty separator");
        }
        return separator;
    }

    /** {@code text.splitlines(keepEnds)}. */
    static List<Object> lines(String text, boolean keepEnds) {
        List<Object> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c >= 10 && c <= 13)
                    || (c >= 28 && c <= 30)
                    || c == 0x85
                    || c == 0x2028
                    || c == 0x2029) {
                int end = i;
                if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                lines.add(text.substring(start, keepEnds ? i + 1 : end));
                start = i + 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    /** {@code str(value)}: how a value prints in the output. */
    static String str(Object value) {
        return switch (value) {
            case String text -> text;
            case Undefined _ -> "";
            case null, default -> repr(value);
        };
    }

    /** {@code repr(value)}: how a value prints inside a list. */
    static String repr(Object value) {
        StringBuilder out = new StringBuilder();
        repr(value, out, 0);
        return out.toString();
    }

    private static void repr(Object value, StringBuilder out, int depth) {
        // A small value can print endlessly where its parts are shared.
        if (depth > 200 || out.length() > MAX_REPRESENTATION) {
            throw JinjaException.fault("a value is nested too deep or too long to print");
        }
        switch (value) {
            case null -> out.append("None");
            case Boolean truth -> out.append(truth ? "True" : "False");
            case Double number -> out.append(number(number));
            case String text -> quoted(text, out);
            case Tuple tuple -> {
                sequence(tuple, '(', tuple.size() == 1 ? ",)" : ")", out, depth);
            }
            case List<?> list -> sequence(list, '[', "]", out, depth);
            case Map<?, ?> map -> {
                String separator = "{";
                for (var entry : map.entrySet()) {
                    out.append(separator);
                    repr(entry.getKey(), out, depth + 1);
                    out.append(": ");
                    repr(entry.getValue(), out, depth + 1);
                    separator = ", ";
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            case Undefined _ -> out.append("Undefined");
            case Number number -> out.append(number);
            default -> out.append('<').append(Values.typeName(value)).append('>');
        }
    }

    private static void sequence(
            List<?> items, char open, String close, StringBuilder out, int depth) {
        out.append(open);
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                out.append(", ");
            }
            repr(items.get(i), out, depth + 1);
        }
        out.append(close);
    }

    private static void quoted(String text, StringBuilder out) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        text.codePoints()
                .forEach(
                        c -> {
                            if (c == quote || c == '\\') {
                                out.append('\\').appendCodePoint(c);
                            } else if (c == '\n') {
                                out.append("\\n");
                            } else if (c == '\r') {
                                out.append("\\r");
                            } else if (c == '\t') {
                                out.append("\\t");
                            } else if (isPrintable(c)) {
                                out.appendCodePoint(c);
                            } else {
                                out.append(
                                        c < 0x100
                                                ? "\\x%02x".formatted(c)
                                                : c < 0x10000
                                                        ? "\\u%04x".formatted(c)
                                                        : "\\U%08x".formatted(c));
                            }
                        });
        out.append(quote);
    }

    private static boolean isPrintable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR ->
                            false;
                    default -> true;
                };
    }

    /**
     * {@code repr} of a float: the shortest digits that read back, with Python's choice of
     * notation.
     */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        var decimal = new java.math.BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = decimal.precision() - decimal.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            String plain = decimal.toPlainString();
            return plain.indexOf('.') < 0 ? plain + ".0" : plain;
        }
        String digits = decimal.unscaledValue().abs().toString();
        return (value < 0 ? "-" : "")
                + digits.charAt(0)
                + (digits.length() > 1 ? "." + digits.substring(1) : "")
                + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    /** Resolves the escapes of a Python string literal. */
    static String unescape(String literal) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (c != '\\' || i + 1 == literal.length()) {
                out.append(c);
                continue;
            }
            char kind = literal.charAt(++i);
            int simple = "\\'\"abfnrtv".indexOf(kind);
            if (simple >= 0) {
                out.append("\\'\"\u0007\b\f\n\r\t\u000B".charAt(simple));
            } else if (kind == 'x' || kind == 'u' || kind == 'U') {
                i = hexEscape(literal, i + 1, kind == 'x' ? 2 : kind == 'u' ? 4 : 8, out);
            } else if (kind >= '0' && kind <= '7') {
                int end = i + 1;
                while (end < literal.length()
                        && end < i + 3
                        && literal.charAt(end) >= '0'
                        && literal.charAt(end) <= '7') {
                    end++;
                }
                out.append((char) Integer.parseInt(literal.substring(i, end), 8));
                i = end - 1;
            } else if (kind != '\n') {
                out.append('\\').append(kind);
            }
        }
        return out.toString();
    }

    private static int hexEscape(String literal, int start, int digits, StringBuilder out) {
        int end = start + digits;
        if (end > literal.length()
                || !literal.substring(start, end)
                        .chars()
                        .allMatch(c -> Character.digit(c, 16) >= 0)) {
            throw JinjaException.fault(
                    "a string has an escape without its " + digits + " hexadecimal digits");
        }
        long code = Long.parseLong(literal.substring(start, end), 16);
        if (code > Character.MAX_CODE_POINT) {
            throw JinjaException.fault("a string has an escape beyond Unicode");
        }
        out.appendCodePoint((int) code);
        return end - 1;
    }
}
