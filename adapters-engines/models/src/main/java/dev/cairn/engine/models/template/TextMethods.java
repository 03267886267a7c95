package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Callable.Arguments;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** The methods of Python's {@code str}. */
final class TextMethods {

    private final Budget budget;

    TextMethods(Budget budget) {
        this.budget = budget;
    }

    /** The method bound to a text, or null if {@code str} has none of that name. */
    Callable method(String text, String name) {
        return switch (name) {
            case "strip" -> arguments -> PythonText.strip(text, arguments.text(0, "chars", null));
            case "lstrip" ->
                    arguments -> PythonText.stripLeft(text, arguments.text(0, "chars", null));
            case "rstrip" ->
                    arguments -> PythonText.stripRight(text, arguments.text(0, "chars", null));
            case "split" ->
                    arguments ->
                            parts(
                                    PythonText.split(
                                            text,
                                            arguments.text(0, "sep", null),
                                            arguments.integer(1, "maxsplit", -1)));
            case "rsplit" ->
                    arguments ->
                            parts(
                                    PythonText.splitFromRight(
                                            text,
                                            arguments.text(0, "sep", null),
                                            arguments.integer(1, "maxsplit", -1)));
            case "splitlines" ->
                    arguments ->
                            parts(PythonText.lines(text, arguments.truth(0, "keepends", false)));
            case "startswith" -> arguments -> affix(text, arguments, true);
            case "endswith" -> arguments -> affix(text, arguments, false);
            case "replace" -> arguments -> replace(text, arguments);
            case "join" -> arguments -> join(text, arguments.required(0, "iterable"));
            case "partition" -> arguments -> partition(text, arguments.text(0, "sep", ""), false);
            case "rpartition" -> arguments -> partition(text, arguments.text(0, "sep", ""), true);
            case "removeprefix" ->
                    arguments -> {
                        String prefix = arguments.text(0, "prefix", "");
                        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
                    };
            case "removesuffix" ->
                    arguments -> {
                        String suffix = arguments.text(0, "suffix", "");
                        return text.endsWith(suffix)
                                ? text.substring(0, text.length() - suffix.length())
                                : text;
                    };
            case "find" -> arguments -> find(text, arguments, false);
            case "rfind" -> arguments -> find(text, arguments, true);
            case "index", "rindex" ->
                    arguments -> {
                        long at = find(text, arguments, name.equals("rindex"));
                        if (at < 0) {
                            throw JinjaException.fault("substring not found");
                        }
                        return at;
                    };
            case "count" -> arguments -> (long) count(text, arguments.text(0, "sub", ""));
            case "format" -> arguments -> Formatting.format(text, arguments, budget);
            case "center", "ljust", "rjust", "zfill" -> arguments -> padded(text, name, arguments);
            default -> caseMethod(text, name);
        };
    }

    private Callable caseMethod(String text, String name) {
        return switch (name) {
            case "lower", "casefold" -> _ -> text.toLowerCase(Locale.ROOT);
            case "upper" -> _ -> text.toUpperCase(Locale.ROOT);
            case "capitalize" -> _ -> capitalize(text);
            case "title" -> _ -> title(text);
            case "swapcase" ->
                    _ ->
                            text.codePoints()
                                    .mapToObj(
                                            c ->
                                                    Character.isUpperCase(c)
                                                            ? Character.toString(c)
                                                                    .toLowerCase(Locale.ROOT)
                                                            : Character.toString(c)
                                                                    .toUpperCase(Locale.ROOT))
                                    .collect(Collectors.joining());
            case "isdigit", "isdecimal", "isnumeric" -> _ -> all(text, Character::isDigit);
            case "isalpha" -> _ -> all(text, Character::isLetter);
            case "isalnum" -> _ -> all(text, Character::isLetterOrDigit);
            case "isspace" -> _ -> PythonText.isSpace(text);
            case "islower" ->
                    _ ->
                            cased(
                                    text,
                                    Character::isLowerCase,
                                    c -> Character.isUpperCase(c) || Character.isTitleCase(c));
            case "isupper" ->
                    _ ->
                            cased(
                                    text,
                                    Character::isUpperCase,
                                    c -> Character.isLowerCase(c) || Character.isTitleCase(c));
            default -> null;
        };
    }

    private static boolean all(String text, IntPredicate kind) {
        return !text.isEmpty() && text.codePoints().allMatch(kind);
    }

    private static boolean cased(String text, IntPredicate wanted, IntPredicate unwanted) {
        return text.codePoints().anyMatch(wanted) && text.codePoints().noneMatch(unwanted);
    }

    private List<Object> parts(List<Object> parts) {
        budget.spend(parts.size());
        return parts;
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return Character.toString(Character.toTitleCase(text.codePointAt(0)))
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    private static String title(String text) {
        StringBuilder out = new StringBuilder();
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return out.toString();
    }

    private static boolean affix(String text, Arguments arguments, boolean start) {
        Object wanted = arguments.required(0, "prefix");
        Object part =
                arguments.count() > 1
                        ? Values.slice(
                                text,
                                arguments.get(1, "start", null),
                                arguments.get(2, "end", null),
                                null)
                        : text;
        List<?> candidates =
                wanted instanceof Tuple tuple
                        ? tuple
                        : List.of(wanted == null ? Undefined.name("None") : wanted);
        boolean found = false;
        for (Object candidate : candidates) {
            if (!(candidate instanceof String affix)) {
                throw JinjaException.fault(
                        (start ? "startswith" : "endswith")
                                + " needs a str or a tuple of str, got "
                                + Values.typeName(candidate));
            }
            found |= start ? ((String) part).startsWith(affix) : ((String) part).endsWith(affix);
        }
        return found;
    }

    private String replace(String text, Arguments arguments) {
        Object old = arguments.required(0, "old");
        Object replacement = arguments.required(1, "new");
        if (!(old instanceof String from) || !(replacement instanceof String to)) {
            throw JinjaException.fault("replace needs two strings");
        }
        return replace(text, from, to, arguments.integer(2, "count", -1));
    }

    /** {@code text.replace(from, to, limit)}, the result's size checked before it is built. */
    String replace(String text, String from, String to, int limit) {
        long occurrences = count(text, from);
        long times = limit < 0 ? occurrences : Math.min(limit, occurrences);
        budget.text(text.length() + times * Math.max(0, to.length() - from.length()));
        if (from.isEmpty()) {
            StringBuilder out = new StringBuilder();
            int done = 0;
            for (int c : text.codePoints().toArray()) {
                out.append(done++ < times ? to : "").appendCodePoint(c);
            }
            return out.append(done < times ? to : "").toString();
        }
        StringBuilder out = new StringBuilder();
        int start = 0;
        for (long i = 0; i < times; i++) {
            int at = text.indexOf(from, start);
            out.append(text, start, at).append(to);
            start = at + from.length();
        }
        return out.append(text, start, text.length()).toString();
    }

    private static int count(String text, String part) {
        if (part.isEmpty()) {
            return text.codePointCount(0, text.length()) + 1;
        }
        int count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    String join(String separator, Object iterable) {
        StringBuilder out = new StringBuilder();
        boolean first = true;
        for (Object item : Values.iterate(iterable)) {
            if (!(item instanceof String text)) {
                throw JinjaException.fault("join: expected str, found " + Values.typeName(item));
            }
            budget.text((long) out.length() + separator.length() + text.length());
            out.append(first ? "" : separator).append(text);
            first = false;
        }
        return out.toString();
    }

    private static Tuple partition(String text, String separator, boolean last) {
        PythonText.requireSeparator(separator);
        int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (at < 0) {
            return last ? Tuple.of("", "", text) : Tuple.of(text, "", "");
        }
        return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static long find(String text, Arguments arguments, boolean last) {
        String part = arguments.text(0, "sub", "");
        int start = arguments.integer(1, "start", 0);
        if (arguments.count() > 2 || start < 0) {
            throw JinjaException.fault(
                    "find and index take a text and a start that is not negative");
        }
        if (start > Values.length(text)) {
            return -1;
        }
        int from = text.offsetByCodePoints(0, start);
        int at = last ? text.lastIndexOf(part) : text.indexOf(part, from);
        return at < from ? -1 : text.codePointCount(0, at);
    }

    private String padded(String text, String name, Arguments arguments) {
        int width = arguments.integer(0, "width", 0);
        String fill = name.equals("zfill") ? "0" : arguments.text(1, "fillchar", " ");
        int padding = Math.max(0, width - (int) Values.length(text));
        budget.text((long) text.length() + padding);
        return switch (name) {
            case "ljust" -> text + fill.repeat(padding);
            case "rjust" -> fill.repeat(padding) + text;
            case "zfill" -> {
                boolean signed = text.startsWith("-") || text.startsWith("+");
                yield signed
                        ? text.charAt(0) + fill.repeat(padding) + text.substring(1)
                        : fill.repeat(padding) + text;
            }
            default -> center(text, width, fill);
        };
    }

    static String center(String text, int width, String fill) {
        int padding = Math.max(0, width - (int) Values.length(text));
        // Python puts the odd space on the left only where the width is odd.
        int left = padding / 2 + (padding & width & 1);
        return fill.repeat(left) + text + fill.repeat(padding - left);
    }
}
