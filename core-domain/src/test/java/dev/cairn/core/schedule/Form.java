package dev.cairn.core.schedule;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.request.GeneratedToken;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.system.JsonException;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonNumber;
import dev.cairn.ports.system.JsonValue.JsonObject;
import dev.cairn.ports.system.JsonValue.JsonString;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * An output format, and a check of its texts that knows nothing of grammars.
 *
 * @param holds whether a whole text is of the format
 */
record Form(OutputFormat format, Predicate<String> holds) {

    private static final JsonValue PERSON =
            JsonReader.read(
                    """
                    {"type": "object",
                     "properties": {"name": {"type": "string", "maxLength": 4},
                                    "age": {"type": "integer", "minimum": 0, "maximum": 150}},
                     "required": ["name", "age"], "additionalProperties": false}""");

    private static final List<Form> ALL =
            List.of(
                    regex("[a-c]{2,5}x?[0-9]+"),
                    regex("(yes|no), (because|although) .{0,6}!"),
                    regex("prefix-[0-9a-f]{4}-middle-[0-9a-f]{4}-end"),
                    regex("aé日\\w*"),
                    choice("red", "green", "blue", "bluegreen"),
                    choice("the only answer that there is"),
                    new Form(new OutputFormat.JsonSchema(PERSON), Form::isPerson),
                    new Form(new OutputFormat.JsonObject(), Form::isObject),
                    new Form(
                            new OutputFormat.Ebnf("root ::= \"(\" root \")\" | \"x\" root | \"y\""),
                            text -> Pattern.matches("[(x]*y\\)*", text) && balanced(text)));

    static Form any(Random random) {
        return ALL.get(random.nextInt(ALL.size()));
    }

    static int kinds() {
        return ALL.size();
    }

    static Form regex(String pattern) {
        return new Form(
                new OutputFormat.Regex(pattern),
                Pattern.compile(pattern, Pattern.DOTALL).asMatchPredicate());
    }

    static Form choice(String... texts) {
        return new Form(new OutputFormat.Choice(List.of(texts)), List.of(texts)::contains);
    }

    static Form person() {
        return new Form(new OutputFormat.JsonSchema(PERSON), Form::isPerson);
    }

    /**
     * Whether a choice's answer is of the format, if nothing but the format or the budget ended it.
     */
    boolean holds(Heard heard, int choice) {
        return switch (heard.end(choice).cause()) {
            case StopCause.EndOfSequence _, StopCause.Budget _ -> holds.test(text(heard, choice));
            case StopCause.StopToken _, StopCause.StopString _ -> true;
        };
    }

    static String text(Heard heard, int choice) {
        int[] ids = heard.tokens(choice).stream().mapToInt(GeneratedToken::id).toArray();
        return new ByteCodec(false).decode(ids, true);
    }

    private static boolean isPerson(String text) {
        return read(text) instanceof JsonObject(var members)
                && members.size() == 2
                && members.get("name") instanceof JsonString(var name)
                && name.codePointCount(0, name.length()) <= 4
                && members.get("age") instanceof JsonNumber age
                && age.doubleValue() >= 0
                && age.doubleValue() <= 150;
    }

    private static boolean isObject(String text) {
        return read(text) instanceof JsonObject;
    }

    private static JsonValue read(String text) {
        try {
            return JsonReader.read(text);
        } catch (JsonException _) {
            return JsonValue.NULL;
        }
    }

    private static boolean balanced(String text) {
        return text.chars().filter(c -> c == '(').count()
                == text.chars().filter(c -> c == ')').count();
    }
}
