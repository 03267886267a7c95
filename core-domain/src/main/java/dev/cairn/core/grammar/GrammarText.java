package dev.cairn.core.grammar;

import dev.cairn.ports.system.JsonValue;
import java.util.List;

/**
 * What a client may ask for as structured output, made into grammars. Everything thrown is a {@link
 * dev.cairn.ports.request.RequestRefused} that names the field.
 *
 * <p>Pure and bounded: a small text cannot become a large grammar. It may still take milliseconds,
 * so callers do it where requests are validated, not in the step loop. Threads: any.
 */
public final class GrammarText {

    private static final int MOST_CHOICES = 10_000;

    private GrammarText() {}

    /**
     * Texts that a regular expression matches as a whole.
     *
     * @see RegexParser
     */
    public static Grammar regex(String field, String pattern) {
        var rules = new GrammarRules(field);
        rules.define(0, RegexParser.parse(pattern, rules, CodePoints::utf8, false));
        return GrammarCompiler.compile(rules);
    }

    /** One of some texts. */
    public static Grammar choice(String field, List<String> texts) {
        var rules = new GrammarRules(field);
        if (texts.isEmpty() || texts.size() > MOST_CHOICES) {
            throw rules.refused("must have 1 to " + MOST_CHOICES + " texts, got " + texts.size());
        }
        rules.define(0, new Expression.Choice(texts.stream().map(Expression::literal).toList()));
        return GrammarCompiler.compile(rules);
    }

    /**
     * Texts of a grammar in GBNF or simple Lark.
     *
     * @see EbnfParser
     */
    public static Grammar ebnf(String field, String grammar) {
        var rules = new GrammarRules(field);
        EbnfParser.parse(grammar, rules);
        return GrammarCompiler.compile(rules);
    }

    /** Any JSON object. A member's name may come twice, as RFC 8259 leaves open. */
    public static Grammar jsonObject(String field) {
        var rules = new GrammarRules(field);
        rules.define(0, new JsonText(rules).object());
        return GrammarCompiler.compile(rules);
    }

    /**
     * JSON texts that a schema allows.
     *
     * @see SchemaGrammar
     */
    public static Grammar jsonSchema(String field, JsonValue schema) {
        var rules = new GrammarRules(field);
        SchemaGrammar.write(schema, rules);
        return GrammarCompiler.compile(rules);
    }
}
