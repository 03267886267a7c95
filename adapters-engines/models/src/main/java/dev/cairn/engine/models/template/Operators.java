package dev.cairn.engine.models.template;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Arithmetic on template values as Python does it, paid for from a budget. */
final class Operators {

    private final Budget budget;

    Operators(Budget budget) {
        this.budget = budget;
    }

    Object apply(String operator, Object left, Object right) {
        if (left instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (right instanceof Undefined undefined
                && !(operator.equals("%") && left instanceof String)) {
            throw undefined.fault();
        }
        Object result =
                switch (operator) {
                    case "+" -> add(left, right);
                    case "*" -> multiply(left, right);
                    case "%" ->
                            left instanceof String format
                                    ? Formatting.printf(format, right, budget)
                                    : number(operator, left, right);
                    default -> number(operator, left, right);
                };
        if (result == null) {
            throw JinjaException.fault(
                    "unsupported operand types for %s: '%s' and '%s'"
                            .formatted(operator, Values.typeName(left), Values.typeName(right)));
        }
        return result;
    }

    String concatenate(List<String> parts) {
        long length = 0;
        for (String part : parts) {
            length += part.length();
        }
        budget.text(length);
        return String.join("", parts);
    }

    private Object add(Object left, Object right) {
        if (left instanceof String a && right instanceof String b) {
            return concatenate(List.of(a, b));
        }
        if (left instanceof List<?> a
                && right instanceof List<?> b
                && a instanceof Tuple == b instanceof Tuple) {
            budget.spend((long) a.size() + b.size());
            List<Object> both = new ArrayList<>(a);
            both.addAll(b);
            return left instanceof Tuple ? new Tuple(both) : both;
        }
        return number("+", left, right);
    }

    private Object multiply(Object left, Object right) {
        if (left instanceof String text && Values.isInteger(right)) {
            return repeat(text, right);
        }
        if (right instanceof String text && Values.isInteger(left)) {
            return repeat(text, left);
        }
        if (left instanceof List<?> list && Values.isInteger(right)) {
            return repeat(list, right);
        }
        if (right instanceof List<?> list && Values.isInteger(left)) {
            return repeat(list, left);
        }
        return number("*", left, right);
    }

    private String repeat(String text, Object count) {
        int times = Math.max(0, Values.toInt(count, "a repetition"));
        budget.text((long) times * text.length());
        return text.repeat(times);
    }

    private List<Object> repeat(List<?> list, Object count) {
        int times = Math.max(0, Values.toInt(count, "a repetition"));
        budget.spend((long) times * list.size());
        List<Object> repeated = new ArrayList<>();
        for (int i = 0; i < times && !list.isEmpty(); i++) {
            repeated.addAll(list);
        }
        return list instanceof Tuple ? new Tuple(repeated) : repeated;
    }

    private static Object number(String operator, Object left, Object right) {
        if (!Values.isNumber(left) || !Values.isNumber(right)) {
            return null;
        }
        boolean floating =
                left instanceof Double || right instanceof Double || operator.equals("/");
        if (!operator.equals("**")) {
            return floating
                    ? floating(operator, Values.floating(left), Values.floating(right))
                    : integer(operator, Values.bigInteger(left), Values.bigInteger(right));
        }
        if (!floating && Values.compare(right, 0L) >= 0) {
            int exponent = Values.toInt(right, "an exponent");
            if (exponent > 4096 || (long) Values.bigInteger(left).bitLength() * exponent > 8192) {
                throw JinjaException.fault("a power is too large");
            }
            return Values.integer(Values.bigInteger(left).pow(exponent));
        }
        return Math.pow(Values.floating(left), Values.floating(right));
    }

    private static Object integer(String operator, BigInteger left, BigInteger right) {
        return switch (operator) {
            case "+" -> Values.integer(left.add(right));
            case "-" -> Values.integer(left.subtract(right));
            case "*" -> Values.integer(left.multiply(right));
            case "//", "%" -> {
                if (right.signum() == 0) {
                    throw JinjaException.fault("integer division or modulo by zero");
                }
                BigInteger[] parts = left.divideAndRemainder(right);
                boolean down = parts[1].signum() != 0 && parts[1].signum() != right.signum();
                BigInteger quotient = down ? parts[0].subtract(BigInteger.ONE) : parts[0];
                BigInteger remainder = down ? parts[1].add(right) : parts[1];
                yield Values.integer(operator.equals("//") ? quotient : remainder);
            }
            default -> null;
        };
    }

    private static Object floating(String operator, double left, double right) {
        if (right == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw JinjaException.fault("division by zero");
        }
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            case "%" -> left - right * Math.floor(left / right);
            default -> null;
        };
    }

    static Object negative(Object value, boolean plus) {
        return switch (value) {
            case Double number -> plus ? number : -number;
            case Undefined undefined -> throw undefined.fault();
            case null, default -> {
                if (!Values.isNumber(value)) {
                    throw JinjaException.fault(
                            "bad operand type for unary sign: '" + Values.typeName(value) + "'");
                }
                BigInteger number = Values.bigInteger(value);
                yield Values.integer(plus ? number : number.negate());
            }
        };
    }
}
