package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.Expression.choice;
import static dev.cairn.core.grammar.Expression.literal;
import static dev.cairn.core.grammar.Expression.oneOf;
import static dev.cairn.core.grammar.Expression.optional;
import static dev.cairn.core.grammar.Expression.range;
import static dev.cairn.core.grammar.Expression.sequence;
import static dev.cairn.core.grammar.Expression.star;

import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonWriter;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The parts of JSON (RFC 8259) as rules, each written once per grammar.
 *
 * <p>White space between tokens is one blank, or one line feed and up to {@value #MOST_INDENT}
 * blanks or tabs, or none: a model cannot fill its answer with it. Texts that are given (names,
 * constants, patterns) are spelled in one way: characters as they are, and escapes only where JSON
 * asks for them; free strings may use every escape but unpaired surrogates.
 */
final class JsonText {

    static final int MOST_INDENT = 64;

    /** Deeper expressions become rules, so that nothing that walks them runs deep. */
    static final int MOST_NESTED = 24;

    private static final CodePoints PLAIN =
            CodePoints.of(0x20, Character.MAX_CODE_POINT).minus(CodePoints.anyOf("\"\\"));

    /** Characters that are more than one byte of text. */
    private static final CodePoints SPELLED =
            PLAIN.complement().union(CodePoints.of(0x80, Character.MAX_CODE_POINT));

    private final GrammarRules rules;
    private final Expression space;
    private final Map<CodePoints, Expression> characters = new HashMap<>();
    private final Map<Expression, Expression.Call> known = new HashMap<>();
    private Expression anyCharacter;
    private Expression string;
    private Expression number;
    private Expression.Call value;
    private Expression.Call object;
    private Expression.Call array;

    JsonText(GrammarRules rules) {
        this.rules = rules;
        this.space =
                rules.add(
                        "white space",
                        optional(
                                choice(
                                        oneOf(" "),
                                        sequence(
                                                oneOf("\n"),
                                                new Expression.Repeat(
                                                        oneOf(" \t"), 0, MOST_INDENT)))));
    }

    Expression space() {
        return space;
    }

    int reserve(String name) {
        return rules.reserve(name);
    }

    void define(int rule, Expression expression) {
        rules.define(rule, expression);
    }

    /** A rule for an expression, the same one for the same expression. */
    Expression shared(String name, Expression expression) {
        if (expression instanceof Expression.Call || expression.equals(Expression.NOTHING)) {
            return expression;
        }
        Expression.Call before = known.get(expression);
        if (before == null) {
            before = rules.add(name, expression);
            known.put(expression, before);
        }
        return before;
    }

    /** One character of a free string, however spelled. */
    Expression anyCharacter() {
        if (anyCharacter == null) {
            Expression hex = oneOf("0123456789abcdefABCDEF");
            Expression low = sequence(oneOf("dD"), oneOf("cdefCDEF"), hex, hex);
            Expression high = sequence(oneOf("dD"), oneOf("89abAB"), hex, hex);
            Expression basic =
                    choice(
                            sequence(oneOf("0123456789abcefABCEF"), hex, hex, hex),
                            sequence(oneOf("dD"), oneOf("01234567"), hex, hex));
            anyCharacter =
                    rules.add(
                            "a character",
                            choice(
                                    PLAIN.utf8(),
                                    sequence(oneOf("\\"), oneOf("\"\\/bfnrt")),
                                    sequence(literal("\\u"), basic),
                                    sequence(literal("\\u"), high, literal("\\u"), low)));
        }
        return anyCharacter;
    }

    Expression string() {
        if (string == null) {
            string =
                    rules.add("a string", sequence(oneOf("\""), star(anyCharacter()), oneOf("\"")));
        }
        return string;
    }

    /** One character of a set in its one spelling. */
    Expression character(CodePoints set) {
        return characters.computeIfAbsent(set, this::written);
    }

    /** ASCII is one node; what is more is shared between the sets that have it. */
    private Expression written(CodePoints set) {
        CodePoints ascii = set.minus(SPELLED);
        CodePoints more = set.minus(ascii);
        List<Expression> options = new ArrayList<>();
        if (!ascii.isEmpty()) {
            options.add(ascii.utf8());
        }
        if (!more.isEmpty()) {
            Expression one = spelled(more);
            options.add(ascii.isEmpty() && more.single() >= 0 ? one : shared("a character", one));
        }
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    private static Expression spelled(CodePoints set) {
        List<Expression> options = new ArrayList<>();
        CodePoints plain = set.minus(PLAIN.complement());
        if (!plain.isEmpty()) {
            options.add(plain.utf8());
        }
        for (int c : new int[] {'"', '\\', '\n', '\r', '\t'}) {
            if (set.contains(c)) {
                options.add(spelled(Character.toString(c)));
            }
        }
        for (int c = 0; c < 0x20; c++) {
            if (set.contains(c) && c != '\n' && c != '\r' && c != '\t') {
                options.add(spelled(Character.toString(c)));
            }
        }
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    /** A set of texts, without quotes, each character in its one spelling. */
    Expression text(RegularText set) {
        return new RegularRules(this).write(set);
    }

    /** A set of texts between quotes. */
    Expression quotedText(RegularText set) {
        return sequence(oneOf("\""), text(set), oneOf("\""));
    }

    /**
     * Texts of some lengths, without quotes, of a set in which only the first few characters differ
     * from the others.
     *
     * @return null if the set is not like that
     */
    Expression counted(RegularText set, int least, int most) {
        return new RegularRules(this).counted(set, least, most);
    }

    private static Expression spelled(String text) {
        String quoted = quoted(text);
        return literal(quoted.substring(1, quoted.length() - 1));
    }

    private static String quoted(String text) {
        var out = new StringBuilder();
        JsonWriter.quote(text, out);
        return out.toString();
    }

    /** A text between quotes in its one spelling. */
    static Expression quotedLiteral(String text) {
        return literal(quoted(text));
    }

    Expression number() {
        if (number == null) {
            number =
                    rules.add(
                            "a number",
                            sequence(
                                    optional(oneOf("-")),
                                    natural(),
                                    optional(fraction()),
                                    optional(exponent())));
        }
        return number;
    }

    static Expression natural() {
        return choice(oneOf("0"), sequence(range('1', '9'), star(range('0', '9'))));
    }

    static Expression fraction() {
        return sequence(
                oneOf("."), new Expression.Repeat(range('0', '9'), 1, Expression.UNBOUNDED));
    }

    private static Expression exponent() {
        return sequence(
                oneOf("eE"), optional(oneOf("+-")), new Expression.Repeat(range('0', '9'), 1, 2));
    }

    static Expression truth() {
        return choice(literal("true"), literal("false"));
    }

    /** Any JSON value. */
    Expression value() {
        if (value == null) {
            int rule = rules.reserve("a value");
            value = new Expression.Call(rule);
            rules.define(
                    rule, choice(object(), array(), string(), number(), truth(), literal("null")));
        }
        return value;
    }

    Expression object() {
        if (object == null) {
            int rule = rules.reserve("an object");
            object = new Expression.Call(rule);
            Expression member = member(string(), value());
            rules.define(rule, enclosed("{", list(member, 0, Expression.UNBOUNDED), "}"));
        }
        return object;
    }

    Expression array() {
        if (array == null) {
            int rule = rules.reserve("an array");
            array = new Expression.Call(rule);
            rules.define(rule, enclosed("[", list(value(), 0, Expression.UNBOUNDED), "]"));
        }
        return array;
    }

    Expression member(Expression name, Expression content) {
        return sequence(name, space, oneOf(":"), space, content);
    }

    Expression comma() {
        return sequence(space, oneOf(","), space);
    }

    Expression enclosed(String open, Expression inside, String close) {
        return sequence(oneOf(open), space, inside, space, oneOf(close));
    }

    /** Parts with commas between them. */
    Expression list(Expression part, int least, int most) {
        if (most == 0) {
            return Expression.EMPTY;
        }
        Expression more =
                new Expression.Repeat(
                        sequence(comma(), part),
                        Math.max(0, least - 1),
                        most == Expression.UNBOUNDED ? most : most - 1);
        Expression all = sequence(part, more);
        return least == 0 ? optional(all) : all;
    }

    /** One of some values. */
    Expression constants(List<JsonValue> values) {
        List<String> texts = new ArrayList<>();
        List<Expression> options = new ArrayList<>();
        for (JsonValue value : values) {
            if (value instanceof JsonValue.JsonString(var text)) {
                texts.add(quoted(text));
            } else {
                options.add(constant(value));
            }
        }
        if (!texts.isEmpty()) {
            options.add(oneOfTexts(new TreeSet<>(texts).stream().toList(), 0, 0));
        }
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    /** Sorted texts that agree up to a place: what they share is written once. */
    private Expression oneOfTexts(List<String> texts, int from, int depth) {
        int same = from;
        String first = texts.getFirst();
        String last = texts.getLast();
        while (same < first.length()
                && same < last.length()
                && first.charAt(same) == last.charAt(same)) {
            same++;
        }
        if (same > from && same < last.length() && Character.isLowSurrogate(last.charAt(same))) {
            same--;
        }
        Expression shared = literal(first.substring(from, same));
        if (texts.size() == 1) {
            return literal(first.substring(from));
        }
        List<Expression> options = new ArrayList<>();
        int begin = 0;
        if (first.length() == same) {
            options.add(Expression.EMPTY);
            begin = 1;
        }
        while (begin < texts.size()) {
            int end = begin + 1;
            int letter = texts.get(begin).codePointAt(same);
            while (end < texts.size() && texts.get(end).codePointAt(same) == letter) {
                end++;
            }
            options.add(oneOfTexts(texts.subList(begin, end), same, depth + 1));
            begin = end;
        }
        Expression all = sequence(shared, new Expression.Choice(options));
        return depth % MOST_NESTED == MOST_NESTED - 1 ? shared("a text", all) : all;
    }

    /** A value in its one spelling, but for white space. */
    Expression constant(JsonValue constant) {
        return switch (constant) {
            case JsonValue.JsonObject(var members) -> {
                List<Expression> parts = new ArrayList<>();
                members.forEach(
                        (name, content) -> {
                            if (!parts.isEmpty()) {
                                parts.add(comma());
                            }
                            parts.add(member(quotedLiteral(name), constant(content)));
                        });
                yield enclosed("{", new Expression.Sequence(parts), "}");
            }
            case JsonValue.JsonArray(var values) -> {
                List<Expression> parts = new ArrayList<>();
                for (JsonValue content : values) {
                    if (!parts.isEmpty()) {
                        parts.add(comma());
                    }
                    parts.add(constant(content));
                }
                yield enclosed("[", new Expression.Sequence(parts), "]");
            }
            case JsonValue.JsonString(var text) -> quotedLiteral(text);
            case JsonValue.JsonNumber(var literal) -> numberConstant(literal);
            case JsonValue.JsonBoolean _, JsonValue.JsonNull _ ->
                    literal(JsonWriter.write(constant));
        };
    }

    /** As it is written, or without fraction and exponent where that is short. */
    private static Expression numberConstant(String literal) {
        var value = new BigDecimal(literal);
        boolean large = Math.abs((long) value.scale()) > 40 || value.precision() > 40;
        String plain =
                large || value.signum() == 0 ? literal : value.stripTrailingZeros().toPlainString();
        return plain.equals(literal) ? literal(literal) : choice(literal(literal), literal(plain));
    }

    /** Any string but some, in its one spelling. */
    Expression stringExcept(Iterable<String> names) {
        var root = new Letters();
        for (String name : names) {
            Letters at = root;
            for (int c : name.codePoints().toArray()) {
                at = at.next.computeIfAbsent(c, _ -> new Letters());
            }
            at.ends = true;
        }
        Expression rest = shared("more text", star(character(CodePoints.ALL)));
        return shared("another name", sequence(oneOf("\""), except(root, rest, 0), oneOf("\"")));
    }

    private Expression except(Letters at, Expression rest, int depth) {
        CodePoints other = CodePoints.ALL;
        List<Expression> options = new ArrayList<>();
        for (Map.Entry<Integer, Letters> entry : at.next.entrySet()) {
            CodePoints one = CodePoints.of(entry.getKey(), entry.getKey());
            other = other.minus(one);
            options.add(sequence(character(one), except(entry.getValue(), rest, depth + 1)));
        }
        options.add(sequence(character(other), rest));
        if (!at.ends) {
            options.add(Expression.EMPTY);
        }
        Expression all = new Expression.Choice(options);
        return depth % MOST_NESTED == MOST_NESTED - 1 ? shared("another name", all) : all;
    }

    private static final class Letters {
        private final Map<Integer, Letters> next = new TreeMap<>();
        private boolean ends;
    }
}
