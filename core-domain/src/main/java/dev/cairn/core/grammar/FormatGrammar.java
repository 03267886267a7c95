package dev.cairn.core.grammar;

import dev.cairn.ports.request.OutputFormat;

/** From an output format to a grammar. */
final class FormatGrammar {

    private FormatGrammar() {}

    static Grammar compile(String field, OutputFormat format) {
        return switch (format) {
            case OutputFormat.JsonSchema(var schema) -> GrammarText.jsonSchema(field, schema);
            case OutputFormat.JsonObject _ -> GrammarText.jsonObject(field);
            case OutputFormat.Regex(var pattern) -> GrammarText.regex(field, pattern);
            case OutputFormat.Choice(var texts) -> GrammarText.choice(field, texts);
            case OutputFormat.Ebnf(var grammar) -> GrammarText.ebnf(field, grammar);
            case OutputFormat.AnyText _,
                    OutputFormat.Constant _,
                    OutputFormat.Sequence _,
                    OutputFormat.OneOf _,
                    OutputFormat.Tag _,
                    OutputFormat.TriggeredTags _,
                    OutputFormat.SeparatedTags _ ->
                    throw new GrammarRules(field)
                            .refused("asks for a structural tag, which is not served");
        };
    }
}
