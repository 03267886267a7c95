package dev.cairn.engine.models.template;

import java.util.List;

/** A reading position in a list of tokens, and the nesting that both parsers share. */
final class TokenStream {

    /** Deeper templates are refused: the tree is walked recursively. */
    private static final int MAX_NESTING = 120;

    private final List<Token> tokens;
    private int position;
    private int nesting;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(position);
    }

    Token ahead() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        if (token.kind() != Token.Kind.END) {
            position++;
        }
        return token;
    }

    int line() {
        return current().line();
    }

    boolean skipName(String name) {
        return skip(current().isName(name));
    }

    boolean skipOperator(String operator) {
        return skip(current().isOperator(operator));
    }

    private boolean skip(boolean matches) {
        if (matches) {
            next();
        }
        return matches;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    Token expect(Token.Kind kind, String wanted) {
        if (current().kind() != kind) {
            throw unexpected(wanted);
        }
        return next();
    }

    JinjaException unexpected(String wanted) {
        return JinjaException.fault(
                "expected " + wanted + ", got " + current().described(), line());
    }

    void enter() {
        if (++nesting > MAX_NESTING) {
            throw JinjaException.fault("nested deeper than " + MAX_NESTING + " levels", line());
        }
    }

    void leave() {
        nesting--;
    }
}
