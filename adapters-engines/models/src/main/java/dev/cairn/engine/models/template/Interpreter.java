package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Callable.Arguments;
import dev.cairn.engine.models.template.Node.Expression;
import dev.cairn.engine.models.template.Node.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the statements of a template. One rendering, one thread. */
final class Interpreter {

    /** How a run of statements ended. */
    private enum Flow {
        NORMAL,
        BREAK,
        CONTINUE
    }

    /** Stands for the text that a filter is put behind; no template can write this name. */
    private static final String BODY = " body";

    private final Budget budget;
    private final Evaluator evaluator;
    private StringBuilder output = new StringBuilder();

    Interpreter(Budget budget) {
        this.budget = budget;
        this.evaluator = new Evaluator(budget);
    }

    String render(List<Statement> template, Scope scope) {
        run(template, scope);
        return output.toString();
    }

    Object evaluate(Expression expression, Scope scope) {
        return evaluator.evaluate(expression, scope);
    }

    /** Runs statements and gives what they print. */
    String capture(List<Statement> statements, Scope scope) {
        StringBuilder outer = output;
        output = new StringBuilder();
        try {
            run(statements, scope);
            return output.toString();
        } finally {
            output = outer;
        }
    }

    private Flow run(List<Statement> statements, Scope scope) {
        budget.enter();
        for (Statement statement : statements) {
            budget.spend(1);
            Flow flow;
            try {
                flow = run(statement, scope);
            } catch (JinjaException e) {
                throw e.at(statement.line());
            }
            if (flow != Flow.NORMAL) {
                budget.leave();
                return flow;
            }
        }
        budget.leave();
        return Flow.NORMAL;
    }

    private Flow run(Statement statement, Scope scope) {
        switch (statement) {
            case Node.Text(var text, _) -> print(text);
            case Node.Output(var value, _) -> print(PythonText.str(evaluate(value, scope)));
            case Node.If(var condition, var body, var otherwise, _) -> {
                return run(Values.truth(evaluate(condition, scope)) ? body : otherwise, scope);
            }
            case Node.For loop ->
                    loop(loop, Values.iterate(evaluate(loop.iterable(), scope)), scope, 0);
            case Node.Assignment(var target, var value, _) ->
                    assign(target, evaluate(value, scope), scope);
            case Node.BlockAssignment(var target, var filter, var body, _) ->
                    assign(target, filtered(filter, capture(body, new Scope(scope)), scope), scope);
            case Node.MacroDefinition(var name, var signature, var body, _) ->
                    scope.set(name, new Macro(name, signature, body, scope, this));
            case Node.CallBlock block -> print(PythonText.str(callBlock(block, scope)));
            case Node.FilterBlock(var filter, var body, _) ->
                    print(PythonText.str(filtered(filter, capture(body, new Scope(scope)), scope)));
            case Node.With(var bindings, var body, _) -> {
                return with(bindings, body, scope);
            }
            case Node.Generation(var body, _) -> run(body, new Scope(scope));
            case Node.Break _ -> {
                return Flow.BREAK;
            }
            case Node.Continue _ -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.NORMAL;
    }

    private void print(String text) {
        budget.text((long) output.length() + text.length());
        output.append(text);
    }

    private void loop(Node.For loop, List<Object> all, Scope outer, int depth) {
        budget.spend(all.size());
        List<Object> items = loop.condition() == null ? all : new ArrayList<>();
        if (loop.condition() != null) {
            for (Object item : all) {
                Scope scope = new Scope(outer);
                assign(loop.target(), item, scope);
                if (Values.truth(evaluate(loop.condition(), scope))) {
                    items.add(item);
                }
            }
        }
        Loop state =
                new Loop(
                        items,
                        depth,
                        loop.recursive()
                                ? arguments -> recurse(loop, arguments, outer, depth)
                                : null);
        for (int i = 0; i < items.size(); i++) {
            state.moveTo(i);
            Scope scope = new Scope(outer);
            scope.set("loop", state);
            assign(loop.target(), items.get(i), scope);
            if (run(loop.body(), scope) == Flow.BREAK) {
                return;
            }
        }
        if (items.isEmpty()) {
            run(loop.otherwise(), new Scope(outer));
        }
    }

    private String recurse(Node.For loop, Arguments arguments, Scope outer, int depth) {
        StringBuilder before = output;
        output = new StringBuilder();
        try {
            loop(loop, Values.iterate(arguments.required(0, "iterable")), outer, depth + 1);
            return output.toString();
        } finally {
            output = before;
        }
    }

    private void assign(Expression target, Object value, Scope scope) {
        switch (target) {
            case Node.Name(var name, _) -> scope.set(name, value);
            case Node.TupleLiteral(var names, _) -> {
                List<Object> values = Values.iterate(value);
                if (values.size() != names.size()) {
                    throw JinjaException.fault(
                            "%d values for %d names".formatted(values.size(), names.size()));
                }
                for (int i = 0; i < names.size(); i++) {
                    assign(names.get(i), values.get(i), scope);
                }
            }
            case Node.Attribute(var owner, var name, _) -> {
                if (!(evaluate(owner, scope) instanceof Namespace namespace)) {
                    throw JinjaException.fault("cannot assign attribute on non-namespace object");
                }
                namespace.set(name, value);
            }
            default -> throw JinjaException.fault("cannot assign to this expression");
        }
    }

    /**
     * Applies a chain of filters whose innermost target is a text; no filter leaves it as it is.
     */
    private Object filtered(Expression filter, String text, Scope scope) {
        if (filter == null) {
            return text;
        }
        Scope inner = new Scope(scope);
        inner.set(BODY, text);
        return evaluate(rooted(filter), inner);
    }

    private static Expression rooted(Expression filter) {
        return switch (filter) {
            case Node.Filter(var target, var name, var arguments, var line) ->
                    new Node.Filter(
                            target == null ? new Node.Name(BODY, line) : rooted(target),
                            name,
                            arguments,
                            line);
            default -> filter;
        };
    }

    private Object callBlock(Node.CallBlock block, Scope scope) {
        Object target = evaluate(block.call().target(), scope);
        Arguments given = evaluator.arguments(block.call().arguments(), scope);
        Map<String, Object> named = new LinkedHashMap<>(given.named());
        named.put("caller", new Macro("caller", block.signature(), block.body(), scope, this));
        return evaluator.call(target, new Arguments(given.positional(), named));
    }

    private Flow with(
            List<Map.Entry<Expression, Expression>> bindings, List<Statement> body, Scope scope) {
        Scope inner = new Scope(scope);
        for (var binding : bindings) {
            assign(binding.getKey(), evaluate(binding.getValue(), scope), inner);
        }
        return run(body, inner);
    }
}
