package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Callable.Arguments;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The functions that every template sees. */
final class Globals {

    /** Jinja's sandbox has the same limit. */
    private static final int MAX_RANGE = 100_000;

    private final Budget budget;
    private final Clock clock;

    Globals(Budget budget, Clock clock) {
        this.budget = budget;
        this.clock = clock;
    }

    Map<String, Object> functions() {
        Map<String, Object> functions = new HashMap<>();
        functions.put("range", (Callable) this::range);
        functions.put("dict", (Callable) Globals::dictionary);
        functions.put("namespace", (Callable) Globals::namespace);
        functions.put("joiner", (Callable) Globals::joiner);
        functions.put("cycler", (Callable) Globals::cycler);
        functions.put(
                "raise_exception",
                (Callable)
                        arguments -> {
                            throw JinjaException.raised(
                                    PythonText.str(arguments.required(0, "message")));
                        });
        functions.put(
                "strftime_now",
                (Callable)
                        arguments ->
                                strftime(
                                        arguments.text(0, "format", ""), ZonedDateTime.now(clock)));
        return functions;
    }

    private List<Object> range(Arguments arguments) {
        int count = arguments.positional().size();
        int start = count > 1 ? arguments.integer(0, "start", 0) : 0;
        int stop =
                count > 1
                        ? arguments.integer(1, "stop", 0)
                        : Values.toInt(arguments.required(0, "stop"), "range");
        int step = arguments.integer(2, "step", 1);
        if (step == 0) {
            throw JinjaException.fault("range() arg 3 must not be zero");
        }
        long size = Math.max(0, Math.ceilDiv((long) stop - start, (long) step));
        if (size > MAX_RANGE) {
            throw JinjaException.fault(
                    "range too big: the sandbox blocks ranges larger than " + MAX_RANGE);
        }
        budget.spend(size);
        List<Object> items = new ArrayList<>();
        for (long i = 0; i < size; i++) {
            items.add(start + i * step);
        }
        return items;
    }

    private static Map<Object, Object> dictionary(Arguments arguments) {
        Map<Object, Object> result = new LinkedHashMap<>();
        if (!arguments.positional().isEmpty()) {
            if (arguments.positional().getFirst() instanceof Map<?, ?> map) {
                result.putAll(map);
            } else {
                for (Object pair : Values.iterate(arguments.positional().getFirst())) {
                    List<Object> entry = Values.iterate(pair);
                    if (entry.size() != 2) {
                        throw JinjaException.fault("dict() needs pairs");
                    }
                    result.put(Values.key(entry.get(0)), entry.get(1));
                }
            }
        }
        result.putAll(arguments.named());
        return result;
    }

    private static Namespace namespace(Arguments arguments) {
        Namespace namespace = new Namespace();
        dictionary(arguments).forEach((name, value) -> namespace.set(PythonText.str(name), value));
        return namespace;
    }

    private static Callable joiner(Arguments arguments) {
        Object separator = arguments.get(0, "sep", ", ");
        boolean[] used = new boolean[1];
        return _ -> {
            Object text = used[0] ? separator : "";
            used[0] = true;
            return text;
        };
    }

    private static Map<Object, Object> cycler(Arguments arguments) {
        List<Object> items = arguments.positional();
        if (items.isEmpty()) {
            throw JinjaException.fault("at least one item has to be provided");
        }
        int[] position = new int[1];
        Map<Object, Object> cycler = new LinkedHashMap<>();
        cycler.put("next", (Callable) _ -> items.get(position[0]++ % items.size()));
        cycler.put(
                "reset",
                (Callable)
                        _ -> {
                            position[0] = 0;
                            return null;
                        });
        return cycler;
    }

    /** C's {@code strftime} in the C locale, as Python prints dates. */
    static String strftime(String format, ZonedDateTime now) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char directive = format.charAt(++i);
            boolean bare = directive == '-' && i + 1 < format.length();
            String text = directive(bare ? format.charAt(++i) : directive, now);
            out.append(
                    bare && text.length() > 1 && text.charAt(0) == '0' ? text.substring(1) : text);
        }
        return out.toString();
    }

    private static String directive(char directive, ZonedDateTime now) {
        return switch (directive) {
            case 'Y' -> Integer.toString(now.getYear());
            case 'y' -> "%02d".formatted(now.getYear() % 100);
            case 'm' -> "%02d".formatted(now.getMonthValue());
            case 'd' -> "%02d".formatted(now.getDayOfMonth());
            case 'e' -> "%2d".formatted(now.getDayOfMonth());
            case 'H' -> "%02d".formatted(now.getHour());
            case 'I' -> "%02d".formatted((now.getHour() + 11) % 12 + 1);
            case 'M' -> "%02d".formatted(now.getMinute());
            case 'S' -> "%02d".formatted(now.getSecond());
            case 'f' -> "%06d".formatted(now.getNano() / 1000);
            case 'p' -> now.getHour() < 12 ? "AM" : "PM";
            case 'B' -> now.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' ->
                    now.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH).substring(0, 3);
            case 'A' -> now.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' ->
                    now.getDayOfWeek()
                            .getDisplayName(TextStyle.SHORT, Locale.ENGLISH)
                            .substring(0, 3);
            case 'j' -> "%03d".formatted(now.getDayOfYear());
            case 'u' -> Integer.toString(now.getDayOfWeek().getValue());
            case 'w' -> Integer.toString(now.getDayOfWeek().getValue() % 7);
            case 'V' -> "%02d".formatted(now.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'F' -> now.format(DateTimeFormatter.ISO_LOCAL_DATE);
            case 'T' ->
                    now.truncatedTo(ChronoUnit.SECONDS)
                            .format(DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT));
            case 'D' -> strftime("%m/%d/%y", now);
            case 'R' -> strftime("%H:%M", now);
            case 'c' -> strftime("%a %b %e %H:%M:%S %Y", now);
            case 'x' -> strftime("%m/%d/%y", now);
            case 'X' -> strftime("%H:%M:%S", now);
            case 's' -> Long.toString(now.toEpochSecond());
            // Python's now() knows no zone.
            case 'z', 'Z' -> "";
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> "%" + directive;
        };
    }
}
