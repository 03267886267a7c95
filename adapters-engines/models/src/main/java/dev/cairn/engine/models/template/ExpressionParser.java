package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Node.CallArguments;
import dev.cairn.engine.models.template.Node.Expression;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Recursive descent over expressions, with Jinja's own precedence (a filter binds tighter than any
 * operator).
 */
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream stream;

    /**
     * Every name that was read, for macros that ask whether their body mentions {@code caller} or
     * {@code varargs}.
     */
    private Set<String> mentioned = new HashSet<>();

    ExpressionParser(TokenStream stream) {
        this.stream = stream;
    }

    /** Starts a new record of names and returns the one so far, for {@link #restoreMentioned}. */
    Set<String> recordMentioned() {
        Set<String> outer = mentioned;
        mentioned = new HashSet<>();
        return outer;
    }

    Set<String> restoreMentioned(Set<String> outer) {
        Set<String> inner = mentioned;
        outer.addAll(inner);
        mentioned = outer;
        return inner;
    }

    Expression expression() {
        return conditional(true);
    }

    /** One expression, or several with commas between: a tuple. */
    Expression tuple(boolean conditionals) {
        int line = stream.line();
        Expression first = conditional(conditionals);
        if (!stream.current().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (stream.skipOperator(",")) {
            if (endsTuple()) {
                break;
            }
            items.add(conditional(conditionals));
        }
        return new Node.TupleLiteral(items, line);
    }

    private boolean endsTuple() {
        Token token = stream.current();
        return switch (token.kind()) {
            case VARIABLE_END, BLOCK_END, END -> true;
            case OPERATOR -> token.text().equals(")") || token.text().equals("=");
            case NAME -> token.text().equals("in") || token.text().equals("recursive");
            case DATA, VARIABLE_BEGIN, BLOCK_BEGIN, STRING, INTEGER, FLOAT -> false;
        };
    }

    private Expression conditional(boolean allowed) {
        stream.enter();
        try {
            Expression value = or();
            while (allowed && stream.current().isName("if")) {
                int line = stream.next().line();
                Expression condition = or();
                Expression otherwise = stream.skipName("else") ? conditional(true) : null;
                value = new Node.Conditional(condition, value, otherwise, line);
            }
            return value;
        } finally {
            stream.leave();
        }
    }

    private Expression or() {
        Expression left = and();
        while (stream.current().isName("or")) {
            int line = stream.next().line();
            left = new Node.Or(left, and(), line);
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (stream.current().isName("and")) {
            int line = stream.next().line();
            left = new Node.And(left, not(), line);
        }
        return left;
    }

    private Expression not() {
        if (!stream.current().isName("not")) {
            return comparison();
        }
        stream.enter();
        int line = stream.next().line();
        Expression operand = not();
        stream.leave();
        return new Node.Not(operand, line);
    }

    private Expression comparison() {
        int line = stream.line();
        Expression first = sum();
        List<Map.Entry<String, Expression>> rest = new ArrayList<>();
        while (true) {
            Token token = stream.current();
            if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                stream.next();
                rest.add(Map.entry(token.text(), sum()));
            } else if (stream.skipName("in")) {
                rest.add(Map.entry("in", sum()));
            } else if (token.isName("not") && stream.ahead().isName("in")) {
                stream.next();
                stream.next();
                rest.add(Map.entry("not in", sum()));
            } else {
                return rest.isEmpty() ? first : new Node.Comparison(first, rest, line);
            }
        }
    }

    private Expression sum() {
        Expression left = concatenation();
        while (stream.current().isOperator("+") || stream.current().isOperator("-")) {
            Token operator = stream.next();
            left = new Node.Arithmetic(operator.text(), left, concatenation(), operator.line());
        }
        return left;
    }

    private Expression concatenation() {
        int line = stream.line();
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (stream.skipOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.getFirst() : new Node.Concatenation(parts, line);
    }

    private Expression product() {
        Expression left = power();
        while (stream.current().kind() == Token.Kind.OPERATOR
                && List.of("*", "/", "//", "%").contains(stream.current().text())) {
            Token operator = stream.next();
            left = new Node.Arithmetic(operator.text(), left, power(), operator.line());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (stream.current().isOperator("**")) {
            int line = stream.next().line();
            left = new Node.Arithmetic("**", left, unary(true), line);
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        stream.enter();
        int line = stream.line();
        Expression value;
        if (stream.skipOperator("-")) {
            value = new Node.Negative(unary(false), false, line);
        } else if (stream.skipOperator("+")) {
            value = new Node.Negative(unary(false), true, line);
        } else {
            value = primary();
        }
        value = postfix(value);
        stream.leave();
        return withFilters ? filters(value) : value;
    }

    private Expression primary() {
        Token token = stream.next();
        int line = token.line();
        return switch (token.kind()) {
            case NAME -> name(token);
            case STRING -> new Node.Constant(adjacentStrings(token), line);
            case INTEGER -> new Node.Constant(integer(token.text()), line);
            case FLOAT -> new Node.Constant(Double.valueOf(token.text()), line);
            case OPERATOR -> bracketed(token);
            case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END ->
                    throw JinjaException.fault(
                            "expected an expression, got " + token.described(), line);
        };
    }

    private Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Node.Constant(true, token.line());
            case "false", "False" -> new Node.Constant(false, token.line());
            case "none", "None" -> new Node.Constant(null, token.line());
            default -> {
                mentioned.add(token.text());
                yield new Node.Name(token.text(), token.line());
            }
        };
    }

    private String adjacentStrings(Token first) {
        StringBuilder text = new StringBuilder(first.text());
        while (stream.current().kind() == Token.Kind.STRING) {
            text.append(stream.next().text());
        }
        return text.toString();
    }

    private static Object integer(String text) {
        String lower = text.toLowerCase(java.util.Locale.ROOT);
        int radix =
                lower.startsWith("0x")
                        ? 16
                        : lower.startsWith("0o") ? 8 : lower.startsWith("0b") ? 2 : 10;
        BigInteger value = new BigInteger(radix == 10 ? lower : lower.substring(2), radix);
        return Values.integer(value);
    }

    private Expression bracketed(Token token) {
        int line = token.line();
        switch (token.text()) {
            case "(" -> {
                if (stream.skipOperator(")")) {
                    return new Node.TupleLiteral(List.of(), line);
                }
                Expression value = tuple(true);
                stream.expectOperator(")");
                return value;
            }
            case "[" -> {
                return new Node.ListLiteral(listed("]"), line);
            }
            case "{" -> {
                return dictionary(line);
            }
            default ->
                    throw JinjaException.fault(
                            "expected an expression, got " + token.described(), line);
        }
    }

    private List<Expression> listed(String close) {
        List<Expression> items = new ArrayList<>();
        while (!stream.skipOperator(close)) {
            if (!items.isEmpty()) {
                stream.expectOperator(",");
                if (stream.skipOperator(close)) {
                    break;
                }
            }
            items.add(expression());
        }
        return items;
    }

    private Expression dictionary(int line) {
        List<Map.Entry<Expression, Expression>> entries = new ArrayList<>();
        while (!stream.skipOperator("}")) {
            if (!entries.isEmpty()) {
                stream.expectOperator(",");
                if (stream.skipOperator("}")) {
                    break;
                }
            }
            Expression key = expression();
            stream.expectOperator(":");
            entries.add(Map.entry(key, expression()));
        }
        return new Node.DictLiteral(entries, line);
    }

    Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            Token token = stream.current();
            if (token.isOperator(".")) {
                value = attribute(value);
            } else if (token.isOperator("[")) {
                value = subscript(value);
            } else if (token.isOperator("(")) {
                value = new Node.Call(value, arguments(), token.line());
            } else {
                return value;
            }
        }
    }

    private Expression attribute(Expression target) {
        int line = stream.next().line();
        Token name = stream.next();
        return switch (name.kind()) {
            case NAME -> new Node.Attribute(target, name.text(), line);
            case INTEGER ->
                    new Node.Item(target, new Node.Constant(integer(name.text()), line), line);
            case DATA,
                    VARIABLE_BEGIN,
                    VARIABLE_END,
                    BLOCK_BEGIN,
                    BLOCK_END,
                    STRING,
                    FLOAT,
                    OPERATOR,
                    END ->
                    throw JinjaException.fault("expected a name or number after '.'", line);
        };
    }

    private Expression subscript(Expression target) {
        int line = stream.next().line();
        Expression missing = new Node.Constant(null, line);
        Expression start = stream.current().isOperator(":") ? missing : expression();
        if (stream.skipOperator("]")) {
            return new Node.Item(target, start, line);
        }
        if (stream.skipOperator(",")) {
            List<Expression> keys = new ArrayList<>(List.of(start));
            keys.addAll(listed("]"));
            return new Node.Item(target, new Node.TupleLiteral(keys, line), line);
        }
        stream.expectOperator(":");
        Expression stop = endsSlicePart() ? missing : expression();
        Expression step = stream.skipOperator(":") && !endsSlicePart() ? expression() : missing;
        stream.expectOperator("]");
        return new Node.Slice(target, start, stop, step, line);
    }

    private boolean endsSlicePart() {
        return stream.current().isOperator(":") || stream.current().isOperator("]");
    }

    /** Filters, tests and calls behind a value. */
    Expression filters(Expression start) {
        Expression value = start;
        while (true) {
            Token token = stream.current();
            if (token.isOperator("|")) {
                value = filter(value);
            } else if (token.isName("is")) {
                value = test(value);
            } else if (token.isOperator("(")) {
                value = new Node.Call(value, arguments(), token.line());
            } else {
                return value;
            }
        }
    }

    /**
     * A chain of filters whose first one stands at the current token, without its bar: for filter
     * blocks.
     */
    Expression filterChain() {
        Expression value = namedFilter(null);
        while (stream.current().isOperator("|")) {
            value = filter(value);
        }
        return value;
    }

    private Expression filter(Expression target) {
        stream.expectOperator("|");
        return namedFilter(target);
    }

    private Expression namedFilter(Expression target) {
        int line = stream.line();
        String name = dottedName("the name of a filter");
        CallArguments arguments =
                stream.current().isOperator("(") ? arguments() : CallArguments.NONE;
        return new Node.Filter(target, name, arguments, line);
    }

    private String dottedName(String wanted) {
        StringBuilder name = new StringBuilder(stream.expect(Token.Kind.NAME, wanted).text());
        while (stream.skipOperator(".")) {
            name.append('.').append(stream.expect(Token.Kind.NAME, wanted).text());
        }
        return name.toString();
    }

    private Expression test(Expression target) {
        int line = stream.next().line();
        boolean negated = stream.skipName("not");
        String name = dottedName("the name of a test");
        CallArguments arguments = CallArguments.NONE;
        if (stream.current().isOperator("(")) {
            arguments = arguments();
        } else if (startsTestArgument(stream.current())) {
            if (stream.current().isName("is")) {
                throw JinjaException.fault("tests cannot be chained with is", line);
            }
            arguments = new CallArguments(List.of(postfix(primary())), Map.of(), null, null);
        }
        return new Node.Test(target, name, arguments, negated, line);
    }

    private static boolean startsTestArgument(Token token) {
        return switch (token.kind()) {
            case STRING, INTEGER, FLOAT -> true;
            case NAME ->
                    !Set.of("else", "or", "and", "if", "in", "not", "recursive")
                            .contains(token.text());
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
    }

    CallArguments arguments() {
        stream.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression star = null;
        Expression doubleStar = null;
        boolean first = true;
        while (!stream.skipOperator(")")) {
            if (!first) {
                stream.expectOperator(",");
                if (stream.skipOperator(")")) {
                    break;
                }
            }
            first = false;
            if (stream.skipOperator("**")) {
                doubleStar = expression();
            } else if (stream.skipOperator("*")) {
                star = expression();
            } else if (stream.current().kind() == Token.Kind.NAME
                    && stream.ahead().isOperator("=")) {
                String name = stream.next().text();
                stream.next();
                named.put(name, expression());
            } else if (named.isEmpty()) {
                positional.add(expression());
            } else {
                throw stream.unexpected("a named argument");
            }
        }
        return new CallArguments(positional, named, star, doubleStar);
    }
}
