package dev.cairn.core.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the subset of regular expressions that ECMAScript, Python and Java agree on: literals,
 * {@code .}, classes with ranges and negation, {@code \d \w \s} and their negations (ASCII, as
 * ECMAScript has it), {@code \p{..}} of general categories, {@code \n \r \t \f \v \0 \xHH \\uHHHH
 * \\u{H..}}, groups (capturing, {@code (?:..)}, named), {@code |}, and {@code * + ? {n} {n,}
 * {n,m}}, lazy forms too: they match the same texts. {@code ^} may begin and {@code $} end an
 * alternative of the whole pattern. Look-around, back references, word boundaries, flags and
 * possessive forms are refused by name.
 */
final class RegexParser {

    private static final int MOST_LENGTH = 16_384;
    private static final int MOST_DEPTH = 100;
    static final int MOST_ROUNDS = 20_000;

    /** How one character of a set is written where the pattern applies. */
    interface Alphabet {
        Expression character(CodePoints set);
    }

    private final String pattern;
    private final GrammarRules rules;
    private final Alphabet alphabet;
    private final boolean searches;
    private int at;

    /** What was read, and the product of nested bounds in it. */
    private record Part(Expression expression, long rounds) {}

    private RegexParser(String pattern, GrammarRules rules, Alphabet alphabet, boolean searches) {
        this.pattern = pattern;
        this.rules = rules;
        this.alphabet = alphabet;
        this.searches = searches;
    }

    /**
     * The texts that a pattern matches.
     *
     * @param searches whether a match anywhere is enough, as JSON Schema's {@code pattern} has it;
     *     otherwise the whole text must match
     */
    static Expression parse(
            String pattern, GrammarRules rules, Alphabet alphabet, boolean searches) {
        if (pattern.length() > MOST_LENGTH) {
            throw rules.refused(
                    "has a pattern of "
                            + pattern.length()
                            + " characters; at most "
                            + MOST_LENGTH
                            + " are served");
        }
        var parser = new RegexParser(pattern, rules, alphabet, searches);
        List<Expression> options = new ArrayList<>();
        do {
            options.add(parser.anchored());
        } while (parser.eat('|'));
        if (parser.at < pattern.length()) {
            throw parser.wrong("has a ) without its (");
        }
        return options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
    }

    private Expression anchored() {
        List<Expression> parts = new ArrayList<>();
        boolean fromStart = false;
        while (eat('^')) {
            fromStart = true;
        }
        if (searches && !fromStart) {
            parts.add(anything());
        }
        Part body = sequence(0);
        parts.add(body.expression());
        boolean toEnd = false;
        while (eat('$')) {
            toEnd = true;
        }
        if (toEnd && at < pattern.length() && peek() != '|') {
            throw wrong("has a $ that is not at an end, which is not served");
        }
        if (searches && !toEnd) {
            parts.add(anything());
        }
        return new Expression.Sequence(parts);
    }

    private Expression anything() {
        return Expression.star(alphabet.character(CodePoints.ALL));
    }

    private Part alternatives(int depth) {
        if (depth > MOST_DEPTH) {
            throw wrong("nests groups deeper than " + MOST_DEPTH);
        }
        List<Expression> options = new ArrayList<>();
        long rounds = 1;
        do {
            Part option = sequence(depth);
            options.add(option.expression());
            rounds = Math.max(rounds, option.rounds());
        } while (eat('|'));
        Expression whole =
                options.size() == 1 ? options.getFirst() : new Expression.Choice(options);
        return new Part(whole, rounds);
    }

    private Part sequence(int depth) {
        List<Expression> parts = new ArrayList<>();
        long rounds = 1;
        while (at < pattern.length() && peek() != '|' && peek() != ')' && peek() != '$') {
            Part part = repeated(atom(depth));
            parts.add(part.expression());
            rounds = Math.max(rounds, part.rounds());
        }
        if (depth > 0 && at < pattern.length() && peek() == '$') {
            throw wrong("has a $ inside a group, which is not served");
        }
        return new Part(
                parts.size() == 1 ? parts.getFirst() : new Expression.Sequence(parts), rounds);
    }

    private Part repeated(Part atom) {
        if (at >= pattern.length()) {
            return atom;
        }
        int least;
        int most = Expression.UNBOUNDED;
        switch (peek()) {
            case '*' -> {
                at++;
                least = 0;
            }
            case '+' -> {
                at++;
                least = 1;
            }
            case '?' -> {
                at++;
                least = 0;
                most = 1;
            }
            case '{' -> {
                at++;
                least = number();
                most = !eat(',') ? least : peek() == '}' ? Expression.UNBOUNDED : number();
                expect('}');
                if (most != Expression.UNBOUNDED && most < least) {
                    throw wrong("repeats from " + least + " to " + most + " times");
                }
            }
            default -> {
                return atom;
            }
        }
        if (!eat('?') && at < pattern.length() && "*+{".indexOf(peek()) >= 0) {
            throw wrong("has a possessive or doubled repetition, which is not served");
        }
        long rounds = atom.rounds() * Math.max(1, Math.max(least, most));
        if (rounds > MOST_ROUNDS) {
            throw wrong("nests repetitions to more than " + MOST_ROUNDS + " rounds");
        }
        return new Part(new Expression.Repeat(atom.expression(), least, most), rounds);
    }

    private Part atom(int depth) {
        int c = take();
        return switch (c) {
            case '(' -> group(depth);
            case '[' -> new Part(character(new RegexClass(this).set()), 1);
            case '.' -> new Part(character(CodePoints.anyOf("\n\r\u2028\u2029").complement()), 1);
            case '\\' -> new Part(character(escape(false)), 1);
            case '^' -> throw wrong("has a ^ that is not at a beginning, which is not served");
            case '*', '+', '?' -> throw wrong("repeats nothing");
            case '{', '}', ']' ->
                    throw wrong("has a bare " + Character.toString(c) + "; write it with a \\");
            default -> new Part(character(CodePoints.of(c, c)), 1);
        };
    }

    private Part group(int depth) {
        if (eat('?')) {
            if (eat('P') && at < pattern.length() && peek() != '<') {
                throw wrong("has a (?P, of which only named groups are served");
            }
            if (eat('<')) {
                int first = at < pattern.length() ? peek() : -1;
                if (first == '=' || first == '!') {
                    throw wrong("looks behind, which is not served");
                }
                int close = pattern.indexOf('>', at);
                if (close < 0) {
                    throw wrong("has a group name without >");
                }
                at = close + 1;
            } else if (!eat(':')) {
                throw wrong("has look-ahead or flags in a group, which are not served");
            }
        }
        Part inside = alternatives(depth + 1);
        expect(')');
        return inside;
    }

    private Expression character(CodePoints set) {
        if (set.isEmpty()) {
            throw wrong("has a class without characters");
        }
        Expression one = alphabet.character(set);
        return set.size() > 16 ? rules.add("a class", one) : one;
    }

    /** What follows a backslash. */
    CodePoints escape(boolean inClass) {
        int c = take();
        return switch (c) {
            case 'd' -> RegexClass.DIGIT;
            case 'D' -> RegexClass.DIGIT.complement();
            case 'w' -> RegexClass.WORD;
            case 'W' -> RegexClass.WORD.complement();
            case 's' -> RegexClass.SPACE;
            case 'S' -> RegexClass.SPACE.complement();
            case 'n' -> CodePoints.of('\n', '\n');
            case 'r' -> CodePoints.of('\r', '\r');
            case 't' -> CodePoints.of('\t', '\t');
            case 'f' -> CodePoints.of('\f', '\f');
            case 'v' -> CodePoints.of(0x0b, 0x0b);
            case '0' -> CodePoints.of(0, 0);
            case 'x' -> one(hex(2));
            case 'u' -> one(eat('{') ? braced() : pair(hex(4)));
            case 'p' -> property(false);
            case 'P' -> property(true);
            case 'b' -> {
                if (inClass) {
                    yield CodePoints.of('\b', '\b');
                }
                throw wrong("has the word boundary \\b, which is not served");
            }
            default -> {
                if (c < 128 && Character.isLetterOrDigit(c)) {
                    throw wrong("has \\" + Character.toString(c) + ", which is not served");
                }
                yield one(c);
            }
        };
    }

    private CodePoints property(boolean negated) {
        expect('{');
        int close = pattern.indexOf('}', at);
        if (close < 0) {
            throw wrong("has \\p{ without }");
        }
        String name = pattern.substring(at, close);
        at = close + 1;
        CodePoints set = RegexClass.category(name);
        if (set == null) {
            throw wrong("has \\p{" + name + "}; general categories such as L, Lu, N are served");
        }
        return negated ? set.complement() : set;
    }

    private CodePoints one(int c) {
        if (c > Character.MAX_CODE_POINT || c >= 0xd800 && c <= 0xdfff) {
            throw wrong("names a code point that is no character");
        }
        return CodePoints.of(c, c);
    }

    /** Two escaped surrogates are one character. */
    private int pair(int unit) {
        if (unit >= 0xd800 && unit <= 0xdbff && pattern.startsWith("\\u", at)) {
            at += 2;
            int low = hex(4);
            if (low >= 0xdc00 && low <= 0xdfff) {
                return Character.toCodePoint((char) unit, (char) low);
            }
        }
        return unit;
    }

    private int braced() {
        int close = pattern.indexOf('}', at);
        if (close < 0 || close - at > 6 || close == at) {
            throw wrong("has a \\u{ that is no code point");
        }
        int value = hex(close - at);
        at++;
        return value;
    }

    private int hex(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = Character.digit(take(), 16);
            if (digit < 0) {
                throw wrong("has an escape with a digit that is not hexadecimal");
            }
            value = value * 16 + digit;
        }
        return value;
    }

    private int number() {
        int from = at;
        int value = 0;
        while (at < pattern.length() && peek() >= '0' && peek() <= '9') {
            value = value * 10 + (take() - '0');
            if (value > MOST_ROUNDS) {
                throw wrong("repeats something more than " + MOST_ROUNDS + " times");
            }
        }
        if (at == from) {
            throw wrong("has a { that begins no repetition; write \\{");
        }
        return value;
    }

    int peek() {
        if (at >= pattern.length()) {
            throw wrong("ends too early");
        }
        return pattern.codePointAt(at);
    }

    int take() {
        int c = peek();
        at += Character.charCount(c);
        return c;
    }

    boolean eat(int c) {
        if (at < pattern.length() && pattern.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(int c) {
        if (!eat(c)) {
            throw wrong("misses a " + Character.toString(c));
        }
    }

    RuntimeException wrong(String what) {
        String shown = pattern.length() > 80 ? pattern.substring(0, 80) + "..." : pattern;
        return rules.refused(
                "has the pattern \"" + shown + "\", which " + what + " (at character " + at + ")");
    }
}
