package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Callable.Arguments;
import dev.cairn.engine.models.template.Node.CallArguments;
import dev.cairn.engine.models.template.Node.Expression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Gives expressions their values. One rendering, one thread. */
final class Evaluator {

    private final Budget budget;
    private final Operators operators;
    private final Attributes attributes;
    private final Filters filters;

    Evaluator(Budget budget) {
        this.budget = budget;
        this.operators = new Operators(budget);
        this.attributes = new Attributes(budget);
        this.filters = new Filters(budget, attributes);
    }

    Object evaluate(Expression expression, Scope scope) {
        budget.enter();
        budget.spend(1);
        try {
            return value(expression, scope);
        } catch (JinjaException e) {
            throw e.at(expression.line());
        } finally {
            budget.leave();
        }
    }

    private Object value(Expression expression, Scope scope) {
        return switch (expression) {
            case Node.Constant(var constant, _) -> constant;
            case Node.Name(var name, _) -> scope.get(name);
            case Node.ListLiteral(var items, _) -> values(items, scope);
            case Node.TupleLiteral(var items, _) -> new Tuple(values(items, scope));
            case Node.DictLiteral(var entries, _) -> dictionary(entries, scope);
            case Node.Attribute(var target, var name, _) ->
                    attributes.attribute(evaluate(target, scope), name);
            case Node.Item(var target, var key, _) ->
                    attributes.item(evaluate(target, scope), evaluate(key, scope));
            case Node.Slice slice -> slice(slice, scope);
            case Node.Call(var target, var arguments, _) ->
                    call(evaluate(target, scope), arguments(arguments, scope));
            case Node.Filter(var target, var name, var arguments, _) ->
                    filters.apply(name, evaluate(target, scope), arguments(arguments, scope));
            case Node.Test(var target, var name, var arguments, var negated, _) ->
                    Tests.holds(name, evaluate(target, scope), arguments(arguments, scope))
                            != negated;
            case Node.Not(var operand, _) -> !Values.truth(evaluate(operand, scope));
            case Node.Negative(var operand, var plus, _) ->
                    Operators.negative(evaluate(operand, scope), plus);
            case Node.And(var left, var right, _) -> {
                Object first = evaluate(left, scope);
                yield Values.truth(first) ? evaluate(right, scope) : first;
            }
            case Node.Or(var left, var right, _) -> {
                Object first = evaluate(left, scope);
                yield Values.truth(first) ? first : evaluate(right, scope);
            }
            case Node.Arithmetic(var operator, var left, var right, _) ->
                    operators.apply(operator, evaluate(left, scope), evaluate(right, scope));
            case Node.Concatenation(var parts, _) ->
                    operators.concatenate(
                            values(parts, scope).stream().map(PythonText::str).toList());
            case Node.Comparison comparison -> comparison(comparison, scope);
            case Node.Conditional conditional -> conditional(conditional, scope);
        };
    }

    private List<Object> values(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(evaluate(expression, scope));
        }
        return values;
    }

    private Map<Object, Object> dictionary(
            List<Map.Entry<Expression, Expression>> entries, Scope scope) {
        Map<Object, Object> dictionary = new LinkedHashMap<>();
        for (var entry : entries) {
            dictionary.put(
                    Values.key(evaluate(entry.getKey(), scope)), evaluate(entry.getValue(), scope));
        }
        return dictionary;
    }

    private Object slice(Node.Slice slice, Scope scope) {
        Object target = evaluate(slice.target(), scope);
        if (target instanceof String || target instanceof List) {
            budget.spend(Values.length(target));
        }
        return Values.slice(
                target,
                evaluate(slice.start(), scope),
                evaluate(slice.stop(), scope),
                evaluate(slice.step(), scope));
    }

    Object call(Object target, Arguments arguments) {
        if (target instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (!(target instanceof Callable callable)) {
            throw JinjaException.fault("'" + Values.typeName(target) + "' object is not callable");
        }
        budget.enter();
        Object result = callable.call(arguments);
        budget.leave();
        return result;
    }

    Arguments arguments(CallArguments arguments, Scope scope) {
        if (arguments == CallArguments.NONE) {
            return Arguments.NONE;
        }
        List<Object> positional = values(arguments.positional(), scope);
        if (arguments.star() != null) {
            positional.addAll(Values.iterate(evaluate(arguments.star(), scope)));
        }
        Map<String, Object> named = new LinkedHashMap<>();
        for (var entry : arguments.named().entrySet()) {
            named.put(entry.getKey(), evaluate(entry.getValue(), scope));
        }
        if (arguments.doubleStar() != null) {
            if (!(evaluate(arguments.doubleStar(), scope) instanceof Map<?, ?> rest)) {
                throw JinjaException.fault("the argument after ** must be a mapping");
            }
            rest.forEach((name, value) -> named.put(PythonText.str(name), value));
        }
        budget.spend((long) positional.size() + named.size());
        return new Arguments(positional, named);
    }

    private boolean comparison(Node.Comparison comparison, Scope scope) {
        Object left = evaluate(comparison.first(), scope);
        for (var entry : comparison.rest()) {
            Object right = evaluate(entry.getValue(), scope);
            chargeComparison(left, right);
            boolean holds =
                    switch (entry.getKey()) {
                        case "==" -> Values.equal(left, right);
                        case "!=" -> !Values.equal(left, right);
                        case "in" -> Values.contains(right, left);
                        case "not in" -> !Values.contains(right, left);
                        case "<" -> Values.compare(left, right) < 0;
                        case "<=" -> Values.compare(left, right) <= 0;
                        case ">" -> Values.compare(left, right) > 0;
                        default -> Values.compare(left, right) >= 0;
                    };
            if (!holds) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private void chargeComparison(Object left, Object right) {
        if (right instanceof String text) {
            budget.text(text.length());
        } else if (right instanceof List<?> list) {
            budget.spend(list.size());
        }
        if (left instanceof List<?> list) {
            budget.spend(list.size());
        }
    }

    private Object conditional(Node.Conditional conditional, Scope scope) {
        if (Values.truth(evaluate(conditional.condition(), scope))) {
            return evaluate(conditional.value(), scope);
        }
        return conditional.otherwise() == null
                ? new Undefined(
                        "the inline if-expression evaluated to false and no else section was defined.")
                : evaluate(conditional.otherwise(), scope);
    }
}
