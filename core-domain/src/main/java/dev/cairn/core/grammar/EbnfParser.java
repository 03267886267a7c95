package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads grammars as GBNF writes them ({@code root ::= "a" [0-9]+ item*}) and the common part of
 * Lark ({@code start: "a" /[0-9]/+ item*}).
 *
 * <p>Served: {@code ::=}, {@code :} and {@code =} between name and body; {@code |}, groups, {@code
 * * + ? {n} {n,} {n,m}}, {@code [..]} classes in GBNF, {@code [..]} as "optional" after Lark's
 * colon, {@code /regex/}, strings in double quotes with escapes, {@code "a".."z"} ranges, {@code #}
 * and {@code //} comments, rules over several lines. The text begins at {@code root}, or at {@code
 * start} where there is no root. Lark directives ({@code %import}), templates, priorities, aliases
 * and case-insensitive strings are refused by name.
 */
final class EbnfParser {

    private static final int MOST_LENGTH = 200_000;
    private static final int MOST_DEPTH = 100;

    private final String text;
    private final GrammarRules rules;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Set<String> defined = new HashSet<>();
    private boolean bracketsAreOptional;
    private int at;

    private EbnfParser(String text, GrammarRules rules) {
        this.text = text;
        this.rules = rules;
    }

    static void parse(String text, GrammarRules rules) {
        if (text.length() > MOST_LENGTH) {
            throw rules.refused("is longer than " + MOST_LENGTH + " characters");
        }
        new EbnfParser(text, rules).all();
    }

    private void all() {
        skip();
        while (at < text.length()) {
            rule();
            skip();
        }
        String first = defined.contains("root") ? "root" : "start";
        if (!defined.contains(first)) {
            throw rules.refused("has no rule \"root\" (or \"start\"), where a text begins");
        }
        for (String name : numbers.keySet()) {
            if (!defined.contains(name)) {
                throw rules.refused("uses the rule \"" + name + "\" but does not define it");
            }
        }
        rules.define(0, new Expression.Call(numbers.get(first)));
    }

    private void rule() {
        if (peek() == '%') {
            throw wrong("has a % directive, which is not served; write the rule out");
        }
        eat("?");
        String name = name();
        if (name.isEmpty()) {
            throw wrong("should have the name of a rule here");
        }
        if (peek() == '.' || peek() == '{') {
            throw wrong("gives the rule \"" + name + "\" a priority or parameters, not served");
        }
        skip();
        bracketsAreOptional = !eat("::=");
        if (bracketsAreOptional && !eat(":") && !eat("=")) {
            throw wrong("misses ::= after the rule name \"" + name + "\"");
        }
        if (!defined.add(name)) {
            throw rules.refused("defines the rule \"" + name + "\" twice");
        }
        int number = number(name);
        rules.define(number, alternatives(0));
        skip();
        eat(";");
    }

    private int number(String name) {
        Integer known = numbers.get(name);
        if (known == null) {
            known = rules.reserve("the rule \"" + name + "\"");
            numbers.put(name, known);
        }
        return known;
    }

    private Expression alternatives(int depth) {
        if (depth > MOST_DEPTH) {
            throw wrong("nests groups deeper than " + MOST_DEPTH);
        }
        List<Expression> options = new ArrayList<>();
        skip();
        eat("|");
        do {
            options.add(sequence(depth));
            skip();
        } while (eat("|"));
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    private Expression sequence(int depth) {
        List<Expression> parts = new ArrayList<>();
        for (skip(); at < text.length(); skip()) {
            char c = peek();
            if (c == '|' || c == ')' || c == ']' || c == ';' || c == '%' || nextIsRule()) {
                break;
            }
            if (text.startsWith("->", at)) {
                throw wrong("has an alias (->), which is not served");
            }
            parts.add(repeated(atom(depth)));
        }
        return parts.size() == 1 ? parts.getFirst() : new Expression.Sequence(parts);
    }

    /** Whether a name with {@code ::=} or {@code :} behind it stands here. */
    private boolean nextIsRule() {
        int from = at;
        eat("?");
        boolean named = !name().isEmpty();
        skip();
        boolean is =
                named
                        && at < text.length()
                        && (text.startsWith("::=", at) || peek() == ':' || peek() == '=');
        at = from;
        return is;
    }

    private Expression atom(int depth) {
        char c = peek();
        if (c == '"') {
            return literalOrRange();
        }
        if (c == '/') {
            return regex();
        }
        if (eat("(")) {
            Expression inside = alternatives(depth + 1);
            expect(")");
            return inside;
        }
        if (c == '[' && bracketsAreOptional) {
            at++;
            Expression inside = alternatives(depth + 1);
            expect("]");
            return Expression.optional(inside);
        }
        if (c == '[' || c == '.') {
            return bracket();
        }
        String name = name();
        if (name.isEmpty()) {
            throw wrong("has an unexpected character " + c);
        }
        return new Expression.Call(number(name));
    }

    private Expression repeated(Expression atom) {
        Expression part = atom;
        while (at < text.length()) {
            if (eat("*")) {
                part = Expression.star(part);
            } else if (eat("+")) {
                part = new Expression.Repeat(part, 1, Expression.UNBOUNDED);
            } else if (peek() == '?' && !nextIsRule()) {
                at++;
                part = Expression.optional(part);
            } else if (eat("{")) {
                int least = count();
                int most = least;
                if (eat(",")) {
                    most = peek() == '}' ? Expression.UNBOUNDED : count();
                }
                expect("}");
                if (most != Expression.UNBOUNDED && most < least) {
                    throw wrong("repeats from " + least + " to " + most + " times");
                }
                if (rounds(part) * Math.max(1, Math.max(least, most)) > RegexParser.MOST_ROUNDS) {
                    throw wrong(
                            "nests repetitions to more than "
                                    + RegexParser.MOST_ROUNDS
                                    + " rounds");
                }
                part = new Expression.Repeat(part, least, most);
            } else {
                break;
            }
        }
        return part;
    }

    /** The product of nested bounds, as far as this rule shows them. */
    private static long rounds(Expression expression) {
        return switch (expression) {
            case Expression.Bytes _, Expression.Call _ -> 1;
            case Expression.Sequence(var parts) ->
                    parts.stream().mapToLong(EbnfParser::rounds).max().orElse(1);
            case Expression.Choice(var options) ->
                    options.stream().mapToLong(EbnfParser::rounds).max().orElse(1);
            case Expression.Repeat(var body, int least, int most) ->
                    rounds(body) * Math.max(1, Math.max(least, most));
        };
    }

    private Expression literalOrRange() {
        String literal = string();
        if (text.startsWith("..", at)) {
            at += 2;
            String high = string();
            if (literal.codePointCount(0, literal.length()) != 1
                    || high.codePointCount(0, high.length()) != 1
                    || high.codePointAt(0) < literal.codePointAt(0)) {
                throw wrong("has a range whose ends are not single characters in order");
            }
            return CodePoints.of(literal.codePointAt(0), high.codePointAt(0)).utf8();
        }
        if (at < text.length() && text.charAt(at) == 'i') {
            throw wrong("has a case-insensitive string, which is not served");
        }
        return Expression.literal(literal);
    }

    private String string() {
        int from = at;
        if (!eat("\"")) {
            throw wrong("should have a string in double quotes here");
        }
        var out = new StringBuilder();
        while (at < text.length() && peek() != '"') {
            char c = text.charAt(at++);
            if (c == '\n') {
                break;
            }
            out.appendCodePoint(c == '\\' ? escaped() : c);
        }
        if (at >= text.length() || !eat("\"")) {
            at = from;
            throw wrong("has a string without its closing quote");
        }
        return paired(out.toString());
    }

    private String paired(String read) {
        for (int i = 0; i < read.length(); i++) {
            int c = read.codePointAt(i);
            if (c >= 0xd800 && c <= 0xdfff) {
                throw wrong("has half a surrogate pair in a string");
            }
            i += Character.charCount(c) - 1;
        }
        return read;
    }

    private int escaped() {
        char c = at < text.length() ? text.charAt(at++) : 0;
        return switch (c) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'f' -> '\f';
            case 'b' -> '\b';
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            case 'U' -> hex(8);
            case '"', '\\', '/', '\'', '[', ']', '-', '^' -> c;
            default -> throw wrong("has an unknown escape in a string");
        };
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at++), 16) : -1;
            if (digit < 0 || value > Character.MAX_CODE_POINT >> 4) {
                throw wrong("has a wrong hexadecimal escape");
            }
            value = value * 16 + digit;
        }
        return value;
    }

    /** {@code /regex/}, the whole text of it. */
    private Expression regex() {
        int from = ++at;
        boolean inClass = false;
        while (at < text.length() && (inClass || peek() != '/') && peek() != '\n') {
            if (peek() == '\\') {
                at++;
            }
            inClass = peek() == '[' || inClass && peek() != ']';
            at++;
        }
        if (at >= text.length() || peek() != '/') {
            throw wrong("has a regular expression without its closing /");
        }
        String pattern = text.substring(from, at++);
        if (at < text.length() && "imslux".indexOf(text.charAt(at)) >= 0) {
            throw wrong("has flags on a regular expression, which are not served");
        }
        return RegexParser.parse(pattern, rules, CodePoints::utf8, false);
    }

    /** A GBNF class or dot: the same as in a regular expression, but a dot is any character. */
    private Expression bracket() {
        if (eat(".")) {
            return CodePoints.ALL.utf8();
        }
        int from = at++;
        while (at < text.length() && peek() != ']' && peek() != '\n') {
            at += peek() == '\\' ? 2 : 1;
        }
        if (at >= text.length() || peek() != ']') {
            throw wrong("has a class without its closing ]");
        }
        return RegexParser.parse(text.substring(from, ++at), rules, CodePoints::utf8, false);
    }

    private int count() {
        int from = at;
        long value = 0;
        while (at < text.length() && peek() >= '0' && peek() <= '9') {
            value = Math.min(value * 10 + (text.charAt(at++) - '0'), Integer.MAX_VALUE);
        }
        if (at == from || value > RegexParser.MOST_ROUNDS) {
            throw wrong("should repeat 0 to " + RegexParser.MOST_ROUNDS + " times here");
        }
        return (int) value;
    }

    private String name() {
        int from = at;
        while (at < text.length() && isOfName(text.charAt(at), at == from)) {
            at++;
        }
        return text.substring(from, at);
    }

    private static boolean isOfName(char c, boolean first) {
        return c == '_'
                || c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || !first && (c == '-' || c >= '0' && c <= '9');
    }

    private void skip() {
        while (at < text.length()) {
            if (peek() == '#' || text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (Character.isWhitespace(peek())) {
                at++;
            } else {
                return;
            }
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("ends too early");
        }
        return text.charAt(at);
    }

    private boolean eat(String token) {
        if (text.startsWith(token, at)) {
            at += token.length();
            return true;
        }
        return false;
    }

    private void expect(String token) {
        skip();
        if (!eat(token)) {
            throw wrong("misses a " + token);
        }
    }

    private RuntimeException wrong(String what) {
        int line = 1 + (int) text.substring(0, Math.min(at, text.length())).lines().count();
        return rules.refused(what + " (near line " + Math.max(1, line - 1) + ")");
    }
}
