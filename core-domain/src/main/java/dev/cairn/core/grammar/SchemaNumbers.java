package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.Expression.oneOf;
import static dev.cairn.core.grammar.Expression.sequence;

import dev.cairn.ports.system.JsonValue.JsonNumber;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** Numbers of a shape: whole or not, bounds, multiples, and without some. */
final class SchemaNumbers {

    private static final int[] DIGITS = digits();

    private final GrammarRules rules;
    private final JsonText json;
    private final SchemaValues values;

    SchemaNumbers(GrammarRules rules, JsonText json, SchemaValues values) {
        this.rules = rules;
        this.json = json;
        this.values = values;
    }

    private static int[] digits() {
        int[] columns = new int[14];
        columns[1] = '.';
        columns[2] = '/';
        for (int digit = 0; digit <= 10; digit++) {
            columns[3 + digit] = '0' + digit;
        }
        return columns;
    }

    Expression write(SchemaShape shape) {
        List<BigDecimal> excluded =
                shape.excluded.stream()
                        .filter(value -> value instanceof JsonNumber)
                        .map(value -> values.decimal("enum", value))
                        .toList();
        boolean plain =
                shape.multiples.isEmpty()
                        && shape.notMultiples.isEmpty()
                        && excluded.isEmpty()
                        && !shape.broken;
        if (plain && shape.low == null && shape.high == null && !shape.whole) {
            return json.number();
        }
        List<Expression> options = new ArrayList<>();
        Sided positive = Sided.positive(shape);
        if (positive != null) {
            options.add(magnitude(positive, shape, plain, excluded));
        }
        Sided negative = Sided.negative(shape);
        if (negative != null) {
            List<BigDecimal> others = excluded.stream().map(BigDecimal::negate).toList();
            options.add(sequence(oneOf("-"), magnitude(negative, shape, plain, others)));
        }
        return new Expression.Choice(options);
    }

    /** Bounds of numbers on one side of zero, as magnitudes; {@code high} may be null. */
    private record Sided(BigDecimal low, boolean above, BigDecimal high, boolean below) {

        static Sided positive(SchemaShape shape) {
            if (shape.high != null && shape.high.signum() < 0) {
                return null;
            }
            boolean fromZero = shape.low == null || shape.low.signum() < 0;
            return new Sided(
                    fromZero ? BigDecimal.ZERO : shape.low,
                    !fromZero && shape.aboveLow,
                    shape.high,
                    shape.belowHigh);
        }

        /** Without zero, which the other side has. */
        static Sided negative(SchemaShape shape) {
            if (shape.low != null && shape.low.signum() >= 0) {
                return null;
            }
            boolean fromZero = shape.high == null || shape.high.signum() >= 0;
            return new Sided(
                    fromZero ? BigDecimal.ZERO : shape.high.negate(),
                    fromZero || shape.belowHigh,
                    shape.low == null ? null : shape.low.negate(),
                    shape.aboveLow);
        }
    }

    private Expression magnitude(
            Sided bounds, SchemaShape shape, boolean plain, List<BigDecimal> excluded) {
        if (shape.whole && plain) {
            return whole(bounds);
        }
        Expression texts = NumberText.from(bounds.low, bounds.above);
        RegularText set = RegularPattern.of(texts, rules);
        if (bounds.high != null) {
            Expression upTo = NumberText.to(bounds.high, bounds.below);
            set = set.and(RegularPattern.of(upTo, rules), rules);
        }
        if (shape.whole) {
            set =
                    set.and(
                            RegularPattern.of(NumberText.natural(BigInteger.ZERO, null), rules),
                            rules);
        }
        if (shape.broken) {
            set = set.minus(multiples(BigDecimal.ONE), rules);
        }
        for (BigDecimal factor : shape.multiples) {
            set = set.and(multiples(factor), rules);
        }
        for (BigDecimal factor : shape.notMultiples) {
            set = set.minus(multiples(factor), rules);
        }
        for (BigDecimal value : excluded) {
            if (value.signum() >= 0) {
                set = set.minus(RegularPattern.of(NumberText.equal(value), rules), rules);
            }
        }
        return json.text(set);
    }

    private static Expression whole(Sided bounds) {
        BigInteger low = bounds.low.setScale(0, RoundingMode.CEILING).toBigInteger();
        if (bounds.above && bounds.low.compareTo(new BigDecimal(low)) == 0) {
            low = low.add(BigInteger.ONE);
        }
        BigInteger high = null;
        if (bounds.high != null) {
            high = bounds.high.setScale(0, RoundingMode.FLOOR).toBigInteger();
            if (bounds.below && bounds.high.compareTo(new BigDecimal(high)) == 0) {
                high = high.subtract(BigInteger.ONE);
            }
        }
        return NumberText.natural(low, high);
    }

    /**
     * Texts of multiples without sign and exponent, by long division: the state is the remainder
     * and the digits behind the point.
     */
    private RegularText multiples(BigDecimal factor) {
        BigDecimal plain = factor.stripTrailingZeros();
        int places = Math.max(0, plain.scale());
        BigInteger large = plain.movePointRight(places).toBigIntegerExact();
        if (large.compareTo(BigInteger.valueOf(RegularText.MOST_STATES)) > 0 || places > 60) {
            throw rules.refused(
                    "has the keyword \"multipleOf\" with "
                            + plain.toPlainString().length()
                            + " digits, which cannot be held exactly; at most "
                            + RegularText.MOST_STATES
                            + " steps to a power of ten are");
        }
        return RegularText.explore(DIGITS, new Division(large.intValueExact(), places), rules);
    }

    /** Texts {@code digits [. digits]} whose value times {@code 10^places} is divisible. */
    private record Division(int divisor, int places) implements RegularText.Steps {

        /** Behind the point, one more than the digits there, up to those that count and one. */
        private long state(int remainder, int behind) {
            return (long) behind * divisor + remainder;
        }

        @Override
        public long start() {
            return 0;
        }

        @Override
        public long next(long state, int codePoint) {
            int remainder = (int) (state % divisor);
            int behind = (int) (state / divisor);
            if (codePoint == '.') {
                return behind == 0 ? state(remainder, 1) : -1;
            }
            if (codePoint < '0' || codePoint > '9') {
                return -1;
            }
            int digit = codePoint - '0';
            if (behind == places + 1) {
                return digit == 0 ? state : -1;
            }
            int next = (int) ((remainder * 10L + digit) % divisor);
            return state(next, behind == 0 ? 0 : behind + 1);
        }

        @Override
        public boolean ends(long state) {
            int behind = Math.max(0, (int) (state / divisor) - 1);
            long value = state % divisor;
            for (int i = behind; i < places; i++) {
                value = value * 10 % divisor;
            }
            return value == 0;
        }
    }
}
