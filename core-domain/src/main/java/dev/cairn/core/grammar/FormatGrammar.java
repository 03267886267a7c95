package dev.cairn.core.grammar;

import dev.cairn.core.grammar.FreeText.Watched;
import dev.cairn.ports.request.OutputFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * From an output format to rules, from its end to its beginning: free text must know what follows
 * it, because it ends where that begins.
 *
 * <p>Semantics are those of xgrammar's structural tags. Free text is well-formed UTF-8. Where what
 * follows free text has no fixed beginning (a schema, a regular expression), the text may end
 * anywhere.
 */
final class FormatGrammar {

    private static final int MOST_DEPTH = 64;
    private static final int MOST_LENGTH = 100_000;
    private static final int MOST_CHOICES = 10_000;

    private final GrammarRules rules;
    private final SpecialNames names;
    private final TokenTrie trie;
    private long length;

    /**
     * What comes at a place.
     *
     * @param text all of it to the end
     * @param beginnings the fixed texts that it begins with, one of them; null if there are none
     */
    private record Follow(Expression text, List<Watched> beginnings) {

        static final Follow END = new Follow(Expression.EMPTY, null);
    }

    private FormatGrammar(GrammarRules rules, SpecialNames names, TokenTrie trie) {
        this.rules = rules;
        this.names = names;
        this.trie = trie;
    }

    /**
     * @param field of the request, named in refusals
     * @param trie of the vocabulary that texts are written with
     */
    static Grammar compile(String field, OutputFormat format, SpecialNames names, TokenTrie trie) {
        var rules = new GrammarRules(field);
        Expression whole = new FormatGrammar(rules, names, trie).before(format, Follow.END).text;
        rules.define(0, whole);
        return GrammarCompiler.compile(rules, trie.writable());
    }

    /** A format with something behind it. */
    private Follow before(OutputFormat format, Follow follow) {
        Follow whole =
                switch (format) {
                    case OutputFormat.AnyText _ -> anyText(follow);
                    case OutputFormat.Constant(var text) -> constant(symbols(text), follow);
                    case OutputFormat.Sequence(var parts) -> sequence(parts, follow);
                    case OutputFormat.OneOf(var parts) -> oneOf(parts, follow);
                    case OutputFormat.Tag tag -> tag(tag, 0, follow);
                    case OutputFormat.TriggeredTags tags -> triggered(tags, follow);
                    case OutputFormat.SeparatedTags tags -> separated(tags, follow);
                    case OutputFormat.Choice(var texts) -> choice(texts, follow);
                    case OutputFormat.Regex(var pattern) ->
                            part(
                                    RegexParser.parse(pattern, rules, CodePoints::utf8, false),
                                    follow);
                    case OutputFormat.Ebnf(var grammar) -> {
                        EbnfParser.parse(grammar, rules);
                        yield part(root(), follow);
                    }
                    case OutputFormat.JsonSchema(var schema) -> {
                        SchemaGrammar.write(schema, rules);
                        yield part(root(), follow);
                    }
                    case OutputFormat.JsonObject _ -> part(new JsonText(rules).object(), follow);
                };
        return whole;
    }

    /** Refuses a format that nests too deep. */
    static void refuseDeep(String field, OutputFormat format, int depth) {
        if (depth > MOST_DEPTH) {
            throw new GrammarRules(field).refused("nests formats deeper than " + MOST_DEPTH);
        }
        List<? extends OutputFormat> parts =
                switch (format) {
                    case OutputFormat.AnyText _,
                            OutputFormat.Constant _,
                            OutputFormat.JsonSchema _,
                            OutputFormat.JsonObject _,
                            OutputFormat.Regex _,
                            OutputFormat.Choice _,
                            OutputFormat.Ebnf _ ->
                            List.of();
                    case OutputFormat.Sequence(var inside) -> inside;
                    case OutputFormat.OneOf(var inside) -> inside;
                    case OutputFormat.Tag tag -> List.of(tag.content());
                    case OutputFormat.TriggeredTags tags -> tags.tags();
                    case OutputFormat.SeparatedTags tags -> tags.tags();
                };
        parts.forEach(part -> refuseDeep(field, part, depth + 1));
    }

    /** What a front end wrote as the whole text becomes a part. */
    private Expression root() {
        return rules.rules().getFirst();
    }

    private Follow part(Expression part, Follow follow) {
        return new Follow(Expression.sequence(part, follow.text), null);
    }

    private Follow anyText(Follow follow) {
        int rule = FreeText.reserve(rules);
        boolean watches = follow.beginnings != null;
        FreeText.define(
                rules,
                rule,
                watches ? follow.beginnings : List.of(),
                watches ? null : shared(follow.text));
        return new Follow(new Expression.Call(rule), null);
    }

    private Follow constant(int[] symbols, Follow follow) {
        if (symbols.length == 0) {
            return follow;
        }
        Expression rest = shared(follow.text);
        return new Follow(
                Expression.sequence(SpecialNames.expression(symbols), rest),
                List.of(new Watched(symbols, rest)));
    }

    private Follow sequence(List<OutputFormat> parts, Follow follow) {
        Follow behind = follow;
        for (OutputFormat part : parts.reversed()) {
            behind = before(part, behind);
        }
        return behind;
    }

    private Follow oneOf(List<OutputFormat> parts, Follow follow) {
        if (parts.isEmpty()) {
            throw rules.refused("has a choice between no formats");
        }
        var shared = new Follow(shared(follow.text), follow.beginnings);
        return either(parts.stream().map(part -> before(part, shared)).toList());
    }

    private static Follow either(List<Follow> ways) {
        List<Watched> beginnings = new ArrayList<>();
        boolean fixed = true;
        for (Follow way : ways) {
            fixed &= way.beginnings != null;
            if (fixed) {
                beginnings.addAll(way.beginnings);
            }
        }
        return new Follow(
                new Expression.Choice(ways.stream().map(Follow::text).toList()),
                fixed ? beginnings : null);
    }

    private Follow choice(List<String> texts, Follow follow) {
        if (texts.isEmpty() || texts.size() > MOST_CHOICES) {
            throw rules.refused("must have 1 to " + MOST_CHOICES + " texts, got " + texts.size());
        }
        var shared = new Follow(shared(follow.text), follow.beginnings);
        return either(
                texts.stream()
                        .map(text -> constant(plain(text).codePoints().toArray(), shared))
                        .toList());
    }

    /** A tag, its first symbols left out. */
    private Follow tag(OutputFormat.Tag tag, int skipped, Follow follow) {
        int[] begin = symbols(tag.begin());
        Follow content = before(tag.content(), constant(symbols(tag.end()), follow));
        return constant(Arrays.copyOfRange(begin, skipped, begin.length), content);
    }

    private Follow triggered(OutputFormat.TriggeredTags tags, Follow follow) {
        if (tags.triggers().isEmpty() || tags.tags().isEmpty()) {
            throw rules.refused("has triggered tags without a trigger or without a tag");
        }
        int free = FreeText.reserve(rules);
        Expression rest = shared(follow.text);
        Follow after =
                tags.stopAfterFirst()
                        ? new Follow(rest, follow.beginnings)
                        : new Follow(new Expression.Call(free), null);
        List<int[]> triggers = tags.triggers().stream().map(this::trigger).toList();
        List<List<Expression>> behind = new ArrayList<>();
        triggers.forEach(_ -> behind.add(new ArrayList<>()));
        List<Follow> whole = new ArrayList<>();
        for (OutputFormat.Tag tag : tags.tags()) {
            boolean triggered = false;
            for (int i = 0; i < triggers.size(); i++) {
                if (beginsWith(symbols(tag.begin()), triggers.get(i))) {
                    triggered = true;
                    behind.get(i).add(tag(tag, triggers.get(i).length, after).text);
                }
            }
            if (!triggered) {
                throw rules.refused(
                        "has the tag \"" + shown(tag.begin()) + "\", which begins with no trigger");
            }
            if (tags.atLeastOne()) {
                whole.add(tag(tag, 0, after));
            }
        }
        List<Watched> watched = new ArrayList<>();
        for (int i = 0; i < triggers.size(); i++) {
            if (behind.get(i).isEmpty()) {
                throw rules.refused(
                        "has the trigger \""
                                + shown(tags.triggers().get(i))
                                + "\", with which no tag begins");
            }
            watched.add(new Watched(triggers.get(i), shared(new Expression.Choice(behind.get(i)))));
        }
        if (follow.beginnings != null) {
            watched.addAll(follow.beginnings);
        }
        FreeText.define(rules, free, watched, follow.beginnings == null ? rest : null);
        return tags.atLeastOne() ? either(whole) : new Follow(new Expression.Call(free), null);
    }

    private int[] trigger(String trigger) {
        if (trigger.isEmpty()) {
            throw rules.refused("has an empty trigger");
        }
        return symbols(trigger);
    }

    private static boolean beginsWith(int[] text, int[] beginning) {
        return text.length >= beginning.length
                && Arrays.equals(text, 0, beginning.length, beginning, 0, beginning.length);
    }

    private Follow separated(OutputFormat.SeparatedTags tags, Follow follow) {
        if (tags.tags().isEmpty()) {
            throw rules.refused("has separated tags without a tag");
        }
        Expression rest = shared(follow.text);
        int again = rules.reserve("another tag");
        Follow after =
                tags.stopAfterFirst()
                        ? new Follow(rest, follow.beginnings)
                        : new Follow(new Expression.Call(again), null);
        Follow one = either(tags.tags().stream().map(tag -> tag(tag, 0, after)).toList());
        Expression first = shared(one.text);
        Expression next =
                Expression.sequence(SpecialNames.expression(symbols(tags.separator())), first);
        rules.define(again, Expression.choice(next, rest));
        return tags.atLeastOne()
                ? new Follow(first, one.beginnings)
                : new Follow(Expression.choice(first, rest), null);
    }

    /** An expression that is said once and called wherever it is needed. */
    private Expression shared(Expression expression) {
        return expression instanceof Expression.Call || expression.equals(Expression.EMPTY)
                ? expression
                : rules.add("what follows", expression);
    }

    private String plain(String text) {
        length += text.length();
        if (length > MOST_LENGTH) {
            throw rules.refused("has fixed texts of more than " + MOST_LENGTH + " characters");
        }
        return text;
    }

    private int[] symbols(String text) {
        int[] symbols = names.symbols(plain(text));
        for (int symbol : symbols) {
            int id = symbol - SpecialNames.FIRST_TOKEN;
            if (id >= 0 && trie.text(id) == null) {
                throw rules.refused(
                        "has the text \""
                                + shown(text)
                                + "\", which names a token that ends an answer; leave it out");
            }
        }
        return symbols;
    }

    private static String shown(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "..." : text;
    }
}
