package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.Expression.literal;
import static dev.cairn.core.grammar.Expression.oneOf;
import static dev.cairn.core.grammar.Expression.range;
import static dev.cairn.core.grammar.Expression.sequence;
import static dev.cairn.core.grammar.Expression.star;

import java.util.ArrayList;
import java.util.List;

/** Numbers between bounds, digit by digit. Bounds are within 10^15; null = none. */
final class NumberText {

    private static final Expression DIGIT = range('0', '9');

    private NumberText() {}

    /** Whole numbers without fraction and exponent, both bounds included; never {@code -0}. */
    static Expression integer(Long least, Long most) {
        List<Expression> options = new ArrayList<>();
        if (most == null || most >= 0) {
            options.add(natural(least == null ? 0 : Math.max(0, least), most));
        }
        if (least == null || least < 0) {
            long from = most == null ? 1 : Math.max(1, -most);
            options.add(sequence(oneOf("-"), natural(from, least == null ? null : -least)));
        }
        return new Expression.Choice(options);
    }

    /** Numbers with or without a fraction, without exponent. */
    static Expression decimal(Long least, boolean above, Long most, boolean below) {
        List<Expression> options = new ArrayList<>();
        if (most == null || most > 0 || most == 0 && !below) {
            boolean fromZero = least == null || least < 0;
            options.add(magnitude(fromZero ? 0 : least, !fromZero && above, most, below));
        }
        if (least == null || least < 0) {
            boolean fromZero = most == null || most > 0;
            // -0.0 equals 0: it is left out where 0 is.
            options.add(
                    sequence(
                            oneOf("-"),
                            magnitude(
                                    fromZero ? 0 : -most,
                                    !fromZero && below,
                                    least == null ? null : -least,
                                    above)));
        }
        return new Expression.Choice(options);
    }

    private static Expression magnitude(long low, boolean above, Long high, boolean below) {
        Expression zeros = Expression.optional(sequence(oneOf("."), plus(oneOf("0"))));
        Expression someFraction =
                sequence(oneOf("."), star(oneOf("0")), range('1', '9'), star(DIGIT));
        List<Expression> options = new ArrayList<>();
        if (above) {
            if (high == null || high > low) {
                options.add(sequence(literal(Long.toString(low)), someFraction));
            }
        }
        long from = above ? low + 1 : low;
        if (high == null || from <= high - 1) {
            options.add(
                    sequence(
                            natural(from, high == null ? null : high - 1),
                            Expression.optional(sequence(oneOf("."), plus(DIGIT)))));
        }
        if (high != null && !below && from <= high) {
            options.add(sequence(literal(Long.toString(high)), zeros));
        }
        return new Expression.Choice(options);
    }

    private static Expression plus(Expression body) {
        return new Expression.Repeat(body, 1, Expression.UNBOUNDED);
    }

    private static Expression natural(long low, Long high) {
        List<Expression> options = new ArrayList<>();
        int longest = high == null ? Long.toString(low).length() : Long.toString(high).length();
        for (int length = Long.toString(low).length(); length <= longest; length++) {
            long power = (long) Math.pow(10, length - 1);
            long from = Math.max(low, length == 1 ? 0 : power);
            long to = power * 10 - 1;
            if (high != null) {
                to = Math.min(to, high);
            }
            if (from <= to) {
                options.add(digits(Long.toString(from), Long.toString(to)));
            }
        }
        if (high == null) {
            options.add(
                    sequence(
                            range('1', '9'),
                            new Expression.Repeat(DIGIT, longest, Expression.UNBOUNDED)));
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
        List<Expression> options = new ArrayList<>();
        options.add(sequence(range(first, first), digits(lowRest, nines)));
        if (last - first > 1) {
            options.add(sequence(range(first + 1, last - 1), any(lowRest.length())));
        }
        options.add(sequence(range(last, last), digits(zeros, highRest)));
        return new Expression.Choice(options);
    }

    private static Expression any(int digits) {
        Expression[] parts = new Expression[digits];
        java.util.Arrays.fill(parts, DIGIT);
        return sequence(parts);
    }
}
