package dev.cairn.engine.models.template;

import dev.cairn.engine.models.template.Node.Expression;
import dev.cairn.engine.models.template.Node.MacroSignature;
import dev.cairn.engine.models.template.Node.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Builds the tree of a template from its tokens. */
final class Parser {

    private final TokenStream stream;
    private final ExpressionParser expressions;
    private int loops;

    private Parser(List<Token> tokens) {
        this.stream = new TokenStream(tokens);
        this.expressions = new ExpressionParser(stream);
    }

    static List<Statement> parse(String template) {
        Parser parser = new Parser(Lexer.tokens(template));
        List<Statement> statements = parser.statements(Set.of());
        if (parser.stream.current().kind() != Token.Kind.END) {
            throw parser.stream.unexpected("the end of the template");
        }
        return statements;
    }

    /**
     * Statements up to a block whose name is in {@code ends}; the stream then stands at that name.
     */
    private List<Statement> statements(Set<String> ends) {
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = stream.current();
            switch (token.kind()) {
                case DATA -> statements.add(new Node.Text(stream.next().text(), token.line()));
                case VARIABLE_BEGIN -> {
                    stream.next();
                    statements.add(new Node.Output(expressions.tuple(true), token.line()));
                    stream.expect(Token.Kind.VARIABLE_END, "'}}'");
                }
                case BLOCK_BEGIN -> {
                    stream.next();
                    if (stream.current().kind() == Token.Kind.NAME
                            && ends.contains(stream.current().text())) {
                        return statements;
                    }
                    statements.add(nested());
                }
                case END -> {
                    if (!ends.isEmpty()) {
                        throw stream.unexpected(
                                String.join(" or ", ends.stream().sorted().toList()));
                    }
                    return statements;
                }
                case VARIABLE_END, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR ->
                        throw stream.unexpected("text or a tag");
            }
        }
    }

    private Statement nested() {
        stream.enter();
        Statement statement = block();
        stream.leave();
        return statement;
    }

    private Statement block() {
        Token name = stream.expect(Token.Kind.NAME, "the name of a tag");
        int line = name.line();
        return switch (name.text()) {
            case "if" -> branch(line);
            case "for" -> loop(line);
            case "set" -> assignment(line);
            case "macro" -> macro(line);
            case "call" -> callBlock(line);
            case "filter" -> {
                Expression filter = expressions.filterChain();
                yield new Node.FilterBlock(filter, body("endfilter"), line);
            }
            case "with" -> with(line);
            case "generation" -> new Node.Generation(functionBody("endgeneration"), line);
            case "print" -> {
                Expression value = expressions.tuple(true);
                endBlock();
                yield new Node.Output(value, line);
            }
            case "break" -> {
                endBlock();
                yield new Node.Break(inLoop("break", line));
            }
            case "continue" -> {
                endBlock();
                yield new Node.Continue(inLoop("continue", line));
            }
            default ->
                    throw JinjaException.fault(
                            "unknown or unsupported tag '" + name.text() + "'", line);
        };
    }

    private int inLoop(String word, int line) {
        if (loops == 0) {
            throw JinjaException.fault("'" + word + "' outside a loop", line);
        }
        return line;
    }

    private void endBlock() {
        stream.expect(Token.Kind.BLOCK_END, "'%}'");
    }

    /** The rest of this tag, statements, and the closing tag. */
    private List<Statement> body(String end) {
        endBlock();
        List<Statement> body = statements(Set.of(end));
        stream.expectName(end);
        // Jinja lets a closing tag repeat the name: {% endmacro render %}.
        if (end.equals("endmacro") && stream.current().kind() == Token.Kind.NAME) {
            stream.next();
        }
        endBlock();
        return body;
    }

    /**
     * As {@link #body}, for what becomes a function: an outer loop cannot be left from in there.
     */
    private List<Statement> functionBody(String end) {
        int outer = loops;
        loops = 0;
        List<Statement> body = body(end);
        loops = outer;
        return body;
    }

    private Statement branch(int line) {
        Expression condition = expressions.tuple(false);
        endBlock();
        List<Statement> body = statements(Set.of("elif", "else", "endif"));
        Token end = stream.next();
        List<Statement> otherwise = List.of();
        if (end.text().equals("elif")) {
            stream.enter();
            otherwise = List.of(branch(end.line()));
            stream.leave();
        } else {
            if (end.text().equals("else")) {
                endBlock();
                otherwise = statements(Set.of("endif"));
                stream.expectName("endif");
            }
            endBlock();
        }
        return new Node.If(condition, body, otherwise, line);
    }

    private Statement loop(int line) {
        Expression target = target(false);
        stream.expectName("in");
        Expression iterable = expressions.tuple(false);
        Expression condition = stream.skipName("if") ? expressions.expression() : null;
        boolean recursive = stream.skipName("recursive");
        endBlock();
        loops++;
        List<Statement> body = statements(Set.of("else", "endfor"));
        loops--;
        List<Statement> otherwise = List.of();
        if (stream.skipName("else")) {
            endBlock();
            otherwise = statements(Set.of("endfor"));
        }
        stream.expectName("endfor");
        endBlock();
        return new Node.For(target, iterable, condition, recursive, body, otherwise, line);
    }

    /**
     * Names to assign to: {@code x}, {@code a, b}, {@code (a, b)}, and {@code ns.x} where a
     * namespace is allowed.
     */
    private Expression target(boolean namespaces) {
        int line = stream.line();
        Expression first = singleTarget(namespaces);
        if (!stream.current().isOperator(",")) {
            return first;
        }
        List<Expression> names = new ArrayList<>(List.of(first));
        while (stream.skipOperator(",")) {
            if (stream.current().kind() != Token.Kind.NAME && !stream.current().isOperator("(")) {
                break;
            }
            if (stream.current().isName("in")) {
                break;
            }
            names.add(singleTarget(false));
        }
        return new Node.TupleLiteral(names, line);
    }

    private Expression singleTarget(boolean namespaces) {
        int line = stream.line();
        if (stream.skipOperator("(")) {
            stream.enter();
            Expression inner = target(false);
            stream.leave();
            stream.expectOperator(")");
            return inner;
        }
        Token name = stream.expect(Token.Kind.NAME, "a name to assign to");
        if (Set.of("true", "false", "none", "True", "False", "None").contains(name.text())) {
            throw JinjaException.fault("cannot assign to " + name.text(), line);
        }
        Expression target = new Node.Name(name.text(), line);
        if (namespaces && stream.skipOperator(".")) {
            return new Node.Attribute(
                    target, stream.expect(Token.Kind.NAME, "a name").text(), line);
        }
        return target;
    }

    private Statement assignment(int line) {
        Expression target = target(true);
        if (stream.skipOperator("=")) {
            Expression value = expressions.tuple(true);
            endBlock();
            return new Node.Assignment(target, value, line);
        }
        Expression filter = stream.skipOperator("|") ? expressions.filterChain() : null;
        return new Node.BlockAssignment(target, filter, body("endset"), line);
    }

    private Statement macro(int line) {
        String name = stream.expect(Token.Kind.NAME, "the name of a macro").text();
        Set<String> outer = expressions.recordMentioned();
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        parameters(parameters, defaults);
        List<Statement> body = functionBody("endmacro");
        Set<String> mentioned = Set.copyOf(expressions.restoreMentioned(outer));
        return new Node.MacroDefinition(
                name, new MacroSignature(parameters, defaults, mentioned), body, line);
    }

    private void parameters(List<String> names, List<Expression> defaults) {
        stream.expectOperator("(");
        while (!stream.skipOperator(")")) {
            if (!names.isEmpty()) {
                stream.expectOperator(",");
                if (stream.skipOperator(")")) {
                    return;
                }
            }
            names.add(stream.expect(Token.Kind.NAME, "the name of a parameter").text());
            if (stream.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (defaults.isEmpty() || defaults.getLast() == null) {
                defaults.add(null);
            } else {
                throw JinjaException.fault(
                        "a parameter without default follows one with a default", stream.line());
            }
        }
    }

    private Statement callBlock(int line) {
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        Set<String> outer = expressions.recordMentioned();
        if (stream.current().isOperator("(")) {
            parameters(parameters, defaults);
        }
        if (!(expressions.expression() instanceof Node.Call call)) {
            throw JinjaException.fault("a call block needs a call", line);
        }
        List<Statement> body = functionBody("endcall");
        Set<String> mentioned = Set.copyOf(expressions.restoreMentioned(outer));
        return new Node.CallBlock(
                call, new MacroSignature(parameters, defaults, mentioned), body, line);
    }

    private Statement with(int line) {
        List<Map.Entry<Expression, Expression>> bindings = new ArrayList<>();
        while (stream.current().kind() != Token.Kind.BLOCK_END) {
            if (!bindings.isEmpty()) {
                stream.expectOperator(",");
            }
            Expression name = singleTarget(false);
            stream.expectOperator("=");
            bindings.add(Map.entry(name, expressions.expression()));
        }
        return new Node.With(bindings, body("endwith"), line);
    }
}
