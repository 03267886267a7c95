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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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

    private static final CodePoints PLAIN =
            CodePoints.of(0x20, Character.MAX_CODE_POINT).minus(CodePoints.anyOf("\"\\"));

    private final GrammarRules rules;
    private final Expression space;
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
            case JsonValue.JsonNumber _, JsonValue.JsonBoolean _, JsonValue.JsonNull _ ->
                    literal(JsonWriter.write(constant));
        };
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
        Expression rest = rules.add("more text", star(character(CodePoints.ALL)));
        return sequence(oneOf("\""), except(root, rest), oneOf("\""));
    }

    private Expression except(Letters at, Expression rest) {
        CodePoints other = CodePoints.ALL;
        List<Expression> options = new ArrayList<>();
        for (Map.Entry<Integer, Letters> entry : at.next.entrySet()) {
            CodePoints one = CodePoints.of(entry.getKey(), entry.getKey());
            other = other.minus(one);
            options.add(sequence(character(one), except(entry.getValue(), rest)));
        }
        options.add(sequence(character(other), rest));
        if (!at.ends) {
            options.add(Expression.EMPTY);
        }
        // Deep texts would make deep expressions: each letter is a rule.
        return rules.add("another name", new Expression.Choice(options));
    }

    private static final class Letters {
        private final Map<Integer, Letters> next = new TreeMap<>();
        private boolean ends;
    }
}
