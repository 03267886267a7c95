package dev.cairn.core.grammar;

import static dev.cairn.core.grammar.Expression.oneOf;
import static dev.cairn.core.grammar.Expression.sequence;

import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Strings of a shape: lengths, patterns, formats and their combinations. */
final class SchemaStrings {

    /** Formats are few and the same for all schemas. */
    private static final Map<String, RegularText> FORMATS = new ConcurrentHashMap<>();

    private final GrammarRules rules;
    private final JsonText json;
    private final Map<SchemaShape.Text, RegularText> known = new HashMap<>();

    SchemaStrings(GrammarRules rules, JsonText json) {
        this.rules = rules;
        this.json = json;
    }

    /** Whether a pattern is found in a text. */
    boolean matches(String pattern, String text) {
        return searched(pattern).contains(text);
    }

    boolean hasFormat(String format, String text) {
        return positive(new SchemaShape.Text(format, true, false)).contains(text);
    }

    RegularText searched(String pattern) {
        return positive(new SchemaShape.Text(pattern, false, false));
    }

    private RegularText positive(SchemaShape.Text text) {
        RegularText before = known.get(text);
        if (before == null) {
            before =
                    text.isFormat()
                            ? FORMATS.computeIfAbsent(
                                    text.pattern(),
                                    format ->
                                            RegularPattern.whole(
                                                    StringFormat.pattern(format), rules))
                            : RegularPattern.searched(text.pattern(), rules);
            known.put(text, before);
        }
        return before;
    }

    boolean isEmpty(SchemaShape shape) {
        return patterns(shape.texts).isEmpty();
    }

    /** All patterns at once. */
    private RegularText patterns(List<SchemaShape.Text> texts) {
        RegularText all = RegularText.all();
        for (SchemaShape.Text text : texts) {
            RegularText one =
                    positive(new SchemaShape.Text(text.pattern(), text.isFormat(), false));
            all = text.negated() ? all.minus(one, rules) : all.and(one, rules);
        }
        return all;
    }

    /** The strings of a shape as a set. */
    RegularText language(SchemaShape shape) {
        RegularText language = patterns(shape.texts);
        if (shape.minLength > 0 || shape.maxLength != Expression.UNBOUNDED) {
            language = language.between(shape.minLength, shape.maxLength, rules);
        }
        List<String> excluded = excluded(shape);
        return excluded.isEmpty() ? language : language.minus(RegularText.of(excluded), rules);
    }

    private static List<String> excluded(SchemaShape shape) {
        return shape.excluded.stream()
                .filter(value -> value instanceof JsonString)
                .map(value -> ((JsonString) value).value())
                .toList();
    }

    Expression write(SchemaShape shape) {
        List<String> excluded = excluded(shape);
        boolean bounded = shape.minLength > 0 || shape.maxLength != Expression.UNBOUNDED;
        if (shape.texts.isEmpty() && excluded.isEmpty()) {
            Expression inside =
                    new Expression.Repeat(json.anyCharacter(), shape.minLength, shape.maxLength);
            return bounded ? sequence(oneOf("\""), inside, oneOf("\"")) : json.string();
        }
        if (shape.texts.isEmpty() && !bounded) {
            return json.stringExcept(excluded);
        }
        if (shape.texts.size() == 1 && excluded.isEmpty() && !shape.texts.getFirst().negated()) {
            return bounded ? bounded(shape) : lone(shape.texts.getFirst());
        }
        return quoted(json.text(language(shape)));
    }

    private static Expression quoted(Expression inside) {
        return sequence(oneOf("\""), inside, oneOf("\""));
    }

    private Expression lone(SchemaShape.Text text) {
        String regex = text.isFormat() ? StringFormat.pattern(text.pattern()) : text.pattern();
        return quoted(RegexParser.parse(regex, rules, json::character, !text.isFormat()));
    }

    /** A long text of like characters is counted, not spelled out. */
    private Expression bounded(SchemaShape shape) {
        RegularText pattern = positive(shape.texts.getFirst());
        Expression counted = json.counted(pattern, shape.minLength, shape.maxLength);
        return counted == null
                ? quoted(json.text(pattern.between(shape.minLength, shape.maxLength, rules)))
                : quoted(counted);
    }
}
