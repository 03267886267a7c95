package dev.cairn.distribution.config;

import dev.cairn.ports.system.SettingDescription;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads values as users write them. Every method throws {@link IllegalArgumentException} whose
 * message says what the text is not, and what to write instead: {@code "12GiBs" is no size; write
 * 12GiB}.
 */
final class SettingText {

    private static final Pattern NUMBER_AND_UNIT =
            Pattern.compile("\\s*([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-z]*)\\s*");
    private static final Map<String, Long> SIZE_UNITS = new LinkedHashMap<>();
    private static final Map<String, Duration> DURATION_UNITS = new LinkedHashMap<>();

    static {
        SIZE_UNITS.put("KiB", 1L << 10);
        SIZE_UNITS.put("MiB", 1L << 20);
        SIZE_UNITS.put("GiB", 1L << 30);
        SIZE_UNITS.put("TiB", 1L << 40);
        DURATION_UNITS.put("ms", Duration.ofMillis(1));
        DURATION_UNITS.put("s", Duration.ofSeconds(1));
        DURATION_UNITS.put("m", Duration.ofMinutes(1));
        DURATION_UNITS.put("h", Duration.ofHours(1));
    }

    private SettingText() {}

    /** Reads the text as the type wants it and forgets the result: is it well written? */
    static void check(SettingDescription.Type type, String text) {
        switch (type) {
            case STRING -> {}
            case BOOLEAN -> flag(text);
            case INTEGER -> integer(text);
            case DECIMAL -> decimal(text);
            case SIZE -> size(text);
            case DURATION -> duration(text);
            case LIST -> list(text);
        }
    }

    static boolean flag(String text) {
        return switch (text.strip()) {
            case "true" -> true;
            case "false" -> false;
            case String other -> throw wrong(other, "is neither true nor false", meantFlag(other));
        };
    }

    static long integer(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException wrong) {
            throw wrong(text, "is no whole number", digitsOf(text));
        }
    }

    static double decimal(String text) {
        try {
            double value = new BigDecimal(text.strip()).doubleValue();
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException wrong) {
            // Said below, as for a number that is too large.
        }
        throw wrong(text, "is no number", "0.5");
    }

    /** Bytes of {@code 4096}, {@code 512MiB}, {@code 12GiB}. */
    static long size(String text) {
        Matcher parts = NUMBER_AND_UNIT.matcher(text);
        if (!parts.matches()) {
            throw wrong(text, "is no size", "12GiB");
        }
        String unit = parts.group(2);
        Long factor = unit.isEmpty() ? Long.valueOf(1) : SIZE_UNITS.get(unit);
        if (factor == null) {
            throw wrong(text, "is no size", parts.group(1) + nearestUnit(unit));
        }
        if (parts.group(1).contains(".")) {
            throw wrong(text, "is no whole number", smallerSize(parts.group(1), factor));
        }
        try {
            return Math.multiplyExact(Long.parseLong(parts.group(1)), factor);
        } catch (NumberFormatException | ArithmeticException tooLarge) {
            throw wrong(text, "is more than this machine can address", "12GiB");
        }
    }

    static Duration duration(String text) {
        Matcher parts = NUMBER_AND_UNIT.matcher(text);
        if (!parts.matches()) {
            throw wrong(text, "is no duration", "10s");
        }
        Duration unit = DURATION_UNITS.get(parts.group(2));
        if (unit == null || parts.group(1).contains(".")) {
            String number = parts.group(1).replaceFirst("\\..*", "");
            String meant =
                    parts.group(2).isEmpty()
                            ? "s"
                            : Spelling.nearest(parts.group(2), DURATION_UNITS.keySet())
                                    .orElse(parts.group(2).substring(0, 1));
            throw wrong(
                    text,
                    "is no duration",
                    number + (DURATION_UNITS.containsKey(meant) ? meant : "s"));
        }
        try {
            return unit.multipliedBy(Long.parseLong(parts.group(1)));
        } catch (NumberFormatException | ArithmeticException tooLong) {
            throw wrong(text, "is too long a time", "1h");
        }
    }

    /** Comma-separated; {@code \,} is a comma and {@code \\} a backslash within an element. */
    static List<String> list(String text) {
        List<String> elements = new ArrayList<>();
        StringBuilder element = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char next = i + 1 < text.length() ? text.charAt(i + 1) : 0;
            if (c == '\\' && (next == ',' || next == '\\')) {
                element.append(next);
                i++;
            } else if (c == ',') {
                addElement(elements, element);
            } else {
                element.append(c);
            }
        }
        addElement(elements, element);
        return List.copyOf(elements);
    }

    /** The text that {@link #list} reads as these elements. */
    static String listText(List<String> elements) {
        return String.join(
                ",",
                elements.stream().map(e -> e.replace("\\", "\\\\").replace(",", "\\,")).toList());
    }

    private static void addElement(List<String> elements, StringBuilder element) {
        String stripped = element.toString().strip();
        if (!stripped.isEmpty()) {
            elements.add(stripped);
        }
        element.setLength(0);
    }

    private static String nearestUnit(String unit) {
        return switch (unit.toLowerCase(Locale.ROOT).charAt(0)) {
            case 'k' -> "KiB";
            case 'm' -> "MiB";
            case 't' -> "TiB";
            case 'b' -> "";
            default -> "GiB";
        };
    }

    private static String smallerSize(String number, long factor) {
        long bytes = new BigDecimal(number).multiply(BigDecimal.valueOf(factor)).longValue();
        return bytes >= 1L << 20 ? (bytes >> 20) + "MiB" : Long.toString(bytes);
    }

    private static String meantFlag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "0", "no", "off", "f", "n", "disabled" -> "false";
            case String other when other.startsWith("f") -> "false";
            default -> "true";
        };
    }

    private static String digitsOf(String text) {
        Matcher digits = Pattern.compile("-?[0-9]+").matcher(text);
        return digits.find() ? digits.group() : "a number such as 8";
    }

    private static IllegalArgumentException wrong(String text, String what, String instead) {
        return new IllegalArgumentException(
                "\"" + text.strip() + "\" " + what + "; write " + instead);
    }
}
