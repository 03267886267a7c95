package dev.cairn.engine.models.template;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tree of a compiled template. Immutable. */
sealed interface Node {

    /** Line of the template, from 1. */
    int line();

    /** What has a value. */
    sealed interface Expression extends Node {}

    /** What has an effect: output or assignment. */
    sealed interface Statement extends Node {}

    record Constant(Object value, int line) implements Expression {}

    record Name(String name, int line) implements Expression {}

    record ListLiteral(List<Expression> items, int line) implements Expression {}

    record TupleLiteral(List<Expression> items, int line) implements Expression {}

    record DictLiteral(List<Map.Entry<Expression, Expression>> entries, int line)
            implements Expression {}

    /** {@code target.name}. */
    record Attribute(Expression target, String name, int line) implements Expression {}

    /** {@code target[key]}. */
    record Item(Expression target, Expression key, int line) implements Expression {}

    /** {@code target[start:stop:step]}; a missing part is a constant null. */
    record Slice(Expression target, Expression start, Expression stop, Expression step, int line)
            implements Expression {}

    record Call(Expression target, CallArguments arguments, int line) implements Expression {}

    /** {@code target | name(arguments)}; a null target is the body of a filter block. */
    record Filter(Expression target, String name, CallArguments arguments, int line)
            implements Expression {}

    record Test(Expression target, String name, CallArguments arguments, boolean negated, int line)
            implements Expression {}

    record Not(Expression operand, int line) implements Expression {}

    record Negative(Expression operand, boolean plus, int line) implements Expression {}

    record And(Expression left, Expression right, int line) implements Expression {}

    record Or(Expression left, Expression right, int line) implements Expression {}

    record Arithmetic(String operator, Expression left, Expression right, int line)
            implements Expression {}

    record Concatenation(List<Expression> parts, int line) implements Expression {}

    record Comparison(Expression first, List<Map.Entry<String, Expression>> rest, int line)
            implements Expression {}

    /** {@code value if condition else otherwise}; otherwise may be null. */
    record Conditional(Expression condition, Expression value, Expression otherwise, int line)
            implements Expression {}

    /** Arguments of a call; {@code star} and {@code doubleStar} may be null. */
    record CallArguments(
            List<Expression> positional,
            Map<String, Expression> named,
            Expression star,
            Expression doubleStar) {

        static final CallArguments NONE = new CallArguments(List.of(), Map.of(), null, null);
    }

    record Text(String text, int line) implements Statement {}

    record Output(Expression value, int line) implements Statement {}

    record If(Expression condition, List<Statement> body, List<Statement> otherwise, int line)
            implements Statement {}

    record For(
            Expression target,
            Expression iterable,
            Expression condition,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    record Assignment(Expression target, Expression value, int line) implements Statement {}

    /** {@code {% set x %}…{% endset %}}; filter may be null. */
    record BlockAssignment(Expression target, Expression filter, List<Statement> body, int line)
            implements Statement {}

    record MacroDefinition(String name, MacroSignature signature, List<Statement> body, int line)
            implements Statement {}

    /**
     * Parameters with defaults (null where there is none), and which implicit variables the body
     * mentions.
     */
    record MacroSignature(
            List<String> parameters, List<Expression> defaults, Set<String> mentioned) {}

    record CallBlock(Call call, MacroSignature signature, List<Statement> body, int line)
            implements Statement {}

    record FilterBlock(Expression filter, List<Statement> body, int line) implements Statement {}

    record With(List<Map.Entry<Expression, Expression>> bindings, List<Statement> body, int line)
            implements Statement {}

    /** {@code {% generation %}}: marks the assistant's text; here only a scope of its own. */
    record Generation(List<Statement> body, int line) implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}
}
