package dev.cairn.core.grammar;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Reads {@code [..]} of a regular expression, and knows the classes that have letters. */
final class RegexClass {

    static final CodePoints DIGIT = CodePoints.of('0', '9');
    static final CodePoints WORD =
            DIGIT.union(CodePoints.of('a', 'z'))
                    .union(CodePoints.of('A', 'Z'))
                    .union(CodePoints.of('_', '_'));

    /** White space and line terminators of ECMAScript (ECMA-262, 12.2 and 12.3). */
    static final CodePoints SPACE =
            CodePoints.anyOf(" \t\n\u000b\f\r\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff")
                    .union(CodePoints.of(0x2000, 0x200a));

    private static final Map<String, Integer> CATEGORIES =
            Map.ofEntries(
                    Map.entry("Lu", 1 << Character.UPPERCASE_LETTER),
                    Map.entry("Ll", 1 << Character.LOWERCASE_LETTER),
                    Map.entry("Lt", 1 << Character.TITLECASE_LETTER),
                    Map.entry("Lm", 1 << Character.MODIFIER_LETTER),
                    Map.entry("Lo", 1 << Character.OTHER_LETTER),
                    Map.entry("Mn", 1 << Character.NON_SPACING_MARK),
                    Map.entry("Mc", 1 << Character.COMBINING_SPACING_MARK),
                    Map.entry("Me", 1 << Character.ENCLOSING_MARK),
                    Map.entry("Nd", 1 << Character.DECIMAL_DIGIT_NUMBER),
                    Map.entry("Nl", 1 << Character.LETTER_NUMBER),
                    Map.entry("No", 1 << Character.OTHER_NUMBER),
                    Map.entry("Pd", 1 << Character.DASH_PUNCTUATION),
                    Map.entry("Ps", 1 << Character.START_PUNCTUATION),
                    Map.entry("Pe", 1 << Character.END_PUNCTUATION),
                    Map.entry("Pc", 1 << Character.CONNECTOR_PUNCTUATION),
                    Map.entry("Po", 1 << Character.OTHER_PUNCTUATION),
                    Map.entry("Pi", 1 << Character.INITIAL_QUOTE_PUNCTUATION),
                    Map.entry("Pf", 1 << Character.FINAL_QUOTE_PUNCTUATION),
                    Map.entry("Sm", 1 << Character.MATH_SYMBOL),
                    Map.entry("Sc", 1 << Character.CURRENCY_SYMBOL),
                    Map.entry("Sk", 1 << Character.MODIFIER_SYMBOL),
                    Map.entry("So", 1 << Character.OTHER_SYMBOL),
                    Map.entry("Zs", 1 << Character.SPACE_SEPARATOR),
                    Map.entry("Zl", 1 << Character.LINE_SEPARATOR),
                    Map.entry("Zp", 1 << Character.PARAGRAPH_SEPARATOR));

    private static final Map<String, CodePoints> KNOWN = new ConcurrentHashMap<>();

    private final RegexParser text;

    RegexClass(RegexParser text) {
        this.text = text;
    }

    /** Reads up to the closing bracket. */
    CodePoints set() {
        boolean negated = text.eat('^');
        CodePoints set = CodePoints.NONE;
        while (!text.eat(']')) {
            CodePoints low = member();
            if (text.eat('-')) {
                if (text.peek() == ']') {
                    set = set.union(low).union(CodePoints.of('-', '-'));
                    continue;
                }
                CodePoints high = member();
                if (low.single() < 0 || high.single() < low.single()) {
                    throw text.wrong("has a range in a class that goes from nothing to nothing");
                }
                set = set.union(CodePoints.of(low.single(), high.single()));
            } else {
                set = set.union(low);
            }
        }
        return negated ? set.complement() : set;
    }

    private CodePoints member() {
        int c = text.take();
        if (c == '[') {
            throw text.wrong("has a [ inside a class; write \\[");
        }
        if (c == '&' && text.peek() == '&') {
            throw text.wrong("intersects classes, which is not served");
        }
        return c == '\\' ? text.escape(true) : CodePoints.of(c, c);
    }

    /** A general category by its short name, or null. */
    static CodePoints category(String name) {
        int types = 0;
        for (var entry : CATEGORIES.entrySet()) {
            boolean whole = name.length() == 1 && entry.getKey().startsWith(name);
            if (whole || entry.getKey().equals(name)) {
                types |= entry.getValue();
            }
        }
        int wanted = types;
        return types == 0
                ? null
                : KNOWN.computeIfAbsent(
                        name,
                        _ -> CodePoints.where(c -> (wanted >>> Character.getType(c) & 1) != 0));
    }
}
