package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.Expression.choice;
import static dev.cairn.core.grammar.Expression.literal;
import static dev.cairn.core.grammar.Expression.oneOf;
import static dev.cairn.core.grammar.Expression.optional;
import static dev.cairn.core.grammar.Expression.range;
import static dev.cairn.core.grammar.Expression.sequence;
import static dev.cairn.core.grammar.Expression.star;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Numbers without sign and exponent, between bounds, digit by digit. */
final class NumberText {

    private static final Expression DIGIT = range('0', '9');
    private static final Expression SOME = new Expression.Repeat(DIGIT, 1, Expression.UNBOUNDED);
    private static final Expression FRACTION = optional(sequence(oneOf("."), SOME));

    private NumberText() {}

    /** Numbers from a bound on. */
    static Expression from(BigDecimal low, boolean above) {
        BigInteger whole = low.toBigInteger();
        List<Expression> options = new ArrayList<>();
        options.add(sequence(natural(whole.add(BigInteger.ONE), null), FRACTION));
        options.add(sequence(literal(whole.toString()), fractionFrom(fraction(low), above)));
        return new Expression.Choice(options);
    }

    /** Numbers up to a bound. */
    static Expression to(BigDecimal high, boolean below) {
        BigInteger whole = high.toBigInteger();
        List<Expression> options = new ArrayList<>();
        options.add(sequence(natural(BigInteger.ZERO, whole.subtract(BigInteger.ONE)), FRACTION));
        options.add(sequence(literal(whole.toString()), fractionTo(fraction(high), below)));
        return new Expression.Choice(options);
    }

    /** All spellings of a number. */
    static Expression equal(BigDecimal value) {
        String fraction = fraction(value);
        Expression zeros = star(oneOf("0"));
        return sequence(
                literal(value.toBigInteger().toString()),
                fraction.isEmpty()
                        ? optional(sequence(oneOf("."), oneOf("0"), zeros))
                        : sequence(literal("." + fraction), zeros));
    }

    /** Digits behind the point without trailing zeros. */
    private static String fraction(BigDecimal value) {
        String text = value.stripTrailingZeros().toPlainString();
        int point = text.indexOf('.');
        return point < 0 ? "" : text.substring(point + 1);
    }

    private static Expression fractionFrom(String digits, boolean above) {
        Expression positive = sequence(star(oneOf("0")), range('1', '9'), star(DIGIT));
        if (digits.isEmpty()) {
            return above ? sequence(oneOf("."), positive) : FRACTION;
        }
        List<Expression> options = new ArrayList<>();
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) < '9') {
                options.add(
                        sequence(
                                literal("." + digits.substring(0, i)),
                                range(digits.charAt(i) + 1, '9'),
                                star(DIGIT)));
            }
        }
        options.add(sequence(literal("." + digits), above ? positive : star(DIGIT)));
        return new Expression.Choice(options);
    }

    private static Expression fractionTo(String digits, boolean below) {
        Expression zeros = star(oneOf("0"));
        if (digits.isEmpty()) {
            return below ? Expression.NOTHING : optional(sequence(oneOf("."), oneOf("0"), zeros));
        }
        List<Expression> options = new ArrayList<>(List.of(Expression.EMPTY));
        for (int i = 0; i < digits.length(); i++) {
            Expression before = literal("." + digits.substring(0, i));
            if (i > 0) {
                options.add(before);
            }
            if (digits.charAt(i) > '0') {
                options.add(sequence(before, range('0', digits.charAt(i) - 1), star(DIGIT)));
            }
        }
        if (!below) {
            options.add(sequence(literal("." + digits), zeros));
        }
        return new Expression.Choice(options);
    }

    /**
     * Whole numbers, both bounds included.
     *
     * @param high or null
     */
    static Expression natural(BigInteger low, BigInteger high) {
        if (high != null && high.compareTo(low) < 0) {
            return Expression.NOTHING;
        }
        String least = low.toString();
        if (high != null && high.toString().length() == least.length()) {
            return digits(least, high.toString());
        }
        List<Expression> options = new ArrayList<>();
        options.add(digits(least, "9".repeat(least.length())));
        int longest = high == null ? Expression.UNBOUNDED : high.toString().length() - 2;
        if (high == null || longest >= least.length()) {
            options.add(
                    sequence(
                            range('1', '9'),
                            new Expression.Repeat(DIGIT, least.length(), longest)));
        }
        if (high != null) {
            options.add(digits("1" + "0".repeat(high.toString().length() - 1), high.toString()));
        }
        return new Expression.Choice(options);
    }

    /** Texts of one length between two. */
    private static Expression digits(String low, String high) {
        if (low.isEmpty()) {
            return Expression.EMPTY;
        }
        String lowRest = low.substring(1);
        String highRest = high.substring(1);
        char first = low.charAt(0);
        char last = high.charAt(0);
        if (first == last) {
            return sequence(range(first, first), digits(lowRest, highRest));
        }
        String zeros = "0".repeat(lowRest.length());
        String nines = "9".repeat(lowRest.length());
        if (lowRest.equals(zeros) && highRest.equals(nines)) {
            return sequence(range(first, last), any(lowRest.length()));
        }
        Expression least = sequence(range(first, first), digits(lowRest, nines));
        Expression most = sequence(range(last, last), digits(zeros, highRest));
        return last - first > 1
                ? choice(least, sequence(range(first + 1, last - 1), any(lowRest.length())), most)
                : choice(least, most);
    }

    private static Expression any(int digits) {
        return digits == 0 ? Expression.EMPTY : new Expression.Repeat(DIGIT, digits, digits);
    }
}
