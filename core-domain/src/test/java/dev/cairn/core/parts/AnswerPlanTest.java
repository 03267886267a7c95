package dev.cairn.core.parts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.model.TextCodec.TemplateException;
import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.OutputFormat.JsonSchema;
import dev.cairn.ports.request.OutputFormat.OneOf;
import dev.cairn.ports.request.OutputFormat.SeparatedTags;
import dev.cairn.ports.request.OutputFormat.Sequence;
import dev.cairn.ports.request.OutputFormat.Tag;
import dev.cairn.ports.request.OutputFormat.TriggeredTags;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.ToolChoice;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerPlanTest {

    private static final String F =
            "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}";
    private static final String G = "{\"type\":\"function\",\"function\":{\"name\":\"g\"}}";
    private static final JsonSchema OBJECT =
            new JsonSchema(JsonReader.read("{\"type\":\"object\"}"));

    @Test
    void theTemplateTellsHowCallsAreWritten() {
        assertThat(
                        spelling(
                                (names, arguments) ->
                                        "<tool_call>\n{\"name\": \""
                                                + names.getFirst()
                                                + "\", \"arguments\": "
                                                + arguments.getFirst()
                                                + "}\n</tool_call>"))
                .contains(CallSpelling.HERMES);
        assertThat(
                        spelling(
                                (names, arguments) ->
                                        "{\"name\": \""
                                                + names.getFirst()
                                                + "\", \"parameters\": "
                                                + arguments.getFirst()
                                                + "}"))
                .contains(CallSpelling.LLAMA3);
        assertThat(
                        spelling(
                                (names, arguments) ->
                                        "[TOOL_CALLS] [{\"name\": \""
                                                + names.getFirst()
                                                + "\", \"arguments\": "
                                                + arguments.getFirst()
                                                + "}]"))
                .contains(CallSpelling.MISTRAL_LIST);
        assertThat(
                        spelling(
                                (names, arguments) ->
                                        "[TOOL_CALLS]"
                                                + names.getFirst()
                                                + "[ARGS]"
                                                + arguments.getFirst()))
                .contains(CallSpelling.MISTRAL_NAMED);
        assertThat(spelling((names, arguments) -> "calls " + names)).isEmpty();
        assertThat(AnswerStyle.found(new ByteCodec(false)).calls()).isEmpty();
    }

    @Test
    void aTemplateThatShowsOneCallGetsOne() {
        AnswerStyle style =
                AnswerStyle.found(
                        new ShapedCodec(
                                (names, _) -> {
                                    if (names.size() > 1) {
                                        throw new TemplateException("one call at a time");
                                    }
                                    return "{\"name\": \""
                                            + names.getFirst()
                                            + "\", \"parameters\": {\"probe_key\": 1}}";
                                }));
        var format =
                (SeparatedTags) plan(style, new ToolChoice.Required(), true, "", F).format().get();
        assertThat(format.stopAfterFirst()).isTrue();
    }

    @Test
    void callsOfTheModelsOwnAccordAreHeldOnceTheyBegin() {
        Tag f =
                new Tag(
                        "<tool_call>\n{\"name\": \"f\", \"arguments\": ",
                        OBJECT,
                        "}\n</tool_call>");
        assertThat(plan("hermes", new ToolChoice.Auto(), F).format())
                .contains(new TriggeredTags(List.of("<tool_call>"), List.of(f), false, false));
        assertThat(plan("hermes", new ToolChoice.Required(), F).format())
                .contains(new SeparatedTags(List.of(f), "\n", true, false));
        assertThat(plan("hermes", new ToolChoice.Named("f"), F, G).format())
                .contains(new SeparatedTags(List.of(f), "\n", true, true));
        assertThat(plan("hermes", new ToolChoice.None(), F).format()).isEmpty();
    }

    @Test
    void aModelWithoutToolsIsHeldToJsonAndCallsNothingByItself() {
        assertThat(plan("none", new ToolChoice.Auto(), F).format()).isEmpty();
        assertThat(plan("none", new ToolChoice.Named("f"), F).format()).contains(OBJECT);
        assertThat(plan("none", new ToolChoice.Required(), F).format().orElseThrow())
                .isInstanceOfSatisfying(
                        Sequence.class, sequence -> assertThat(sequence.parts()).hasSize(3));
    }

    @Test
    void whatMustBeSaidFollowsThoughts() {
        AnswerStyle style = AnswerStyle.of(new ByteCodec(false), "none", "qwen3");
        ToolChoice named = new ToolChoice.Named("f");
        assertThat(plan(style, named, true, "<think>\n", F).format().orElseThrow())
                .isInstanceOf(OneOf.class)
                .extracting(format -> ((OneOf) format).parts().contains(OBJECT))
                .isEqualTo(false);
        assertThat(plan(style, named, true, "", F).format().orElseThrow())
                .isInstanceOf(OneOf.class)
                .extracting(format -> ((OneOf) format).parts().contains(OBJECT))
                .isEqualTo(true);
        assertThat(plan(style, named, true, "<think>\n\n</think>\n\n", F).format())
                .contains(OBJECT);
    }

    @Test
    void aFormatAndToolsLeaveTheModelTheChoice() {
        AnswerShape shape =
                new AnswerShape(
                        Optional.of(new OutputFormat.JsonObject()),
                        "response_format",
                        new ToolChoice.Auto(),
                        true,
                        true);
        AnswerStyle style = AnswerStyle.of(new ByteCodec(false), "hermes", "none");
        OneOf format = (OneOf) AnswerPlan.of(style, "r", chat(F), shape, "").format().orElseThrow();
        assertThat(format.parts()).first().isEqualTo(new OutputFormat.JsonObject());
        assertThat(format.parts().get(1)).isInstanceOf(SeparatedTags.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    1                                                                             | tools[0]
                    {"type":"custom"}                                                             | tools[0].type
                    {"type":"function"}                                                           | tools[0].function
                    {"type":"function","function":{}}                                             | tools[0].function.name
                    {"type":"function","function":{"name":"a b"}}                                 | tools[0].function.name
                    {"type":"function","function":{"name":"g","parameters":[]}}                   | tools[0].function.parameters
                    {"type":"function","function":{"name":"g","parameters":{"type":"string"}}}    | tools[0].function.parameters.type
                    """)
    void theFieldOfAToolAtFaultIsNamed(String tool, String field) {
        assertThat(refused(new ToolChoice.Auto(), tool)).isEqualTo(field);
    }

    @Test
    void namesAreKnownAndDifferent() {
        assertThat(refused(new ToolChoice.Named("h"), F)).isEqualTo("tool_choice.function.name");
        assertThat(refused(new ToolChoice.Auto(), G, F, F)).isEqualTo("tools[2].function.name");
    }

    @Test
    void everyToolsSchemaIsDemandedByItsOwnField() {
        assertThat(plan("hermes", new ToolChoice.Auto(), F, G).demands())
                .extracting(AnswerPlan.Demand::field)
                .containsExactly("tools[0].function.parameters", "tools[1].function.parameters");
        assertThat(plan("hermes", new ToolChoice.Named("g"), F, G).demands())
                .extracting(AnswerPlan.Demand::field)
                .containsExactly("tools[1].function.parameters");
    }

    @Test
    void textBeginsOtherwiseThanLlamasCalls() {
        Pattern other =
                Pattern.compile(CallFormats.notBeginningWith(CallFormats.LLAMA3_BEGINNINGS));
        for (String text :
                List.of(
                        "",
                        "{",
                        "{}",
                        "{\"na",
                        "{\"nam\": 1}",
                        "Hi {\"name\"",
                        "{\"type\": \"x",
                        "\n{\"name\"")) {
            assertThat(other.matcher(text).matches()).as(text).isTrue();
        }
        for (String call : List.of("{\"name\"", "{\"name\": \"f\"}", "{\"type\": \"function\", ")) {
            assertThat(other.matcher(call).matches()).as(call).isFalse();
        }
    }

    @Test
    void idsDifferByRequestChoiceAndCall() {
        assertThat(
                        List.of(
                                CallIds.of("a", 0, 0, false),
                                CallIds.of("b", 0, 0, false),
                                CallIds.of("a", 1, 0, false),
                                CallIds.of("a", 0, 1, false)))
                .doesNotHaveDuplicates()
                .allMatch(id -> id.matches("call_[0-9a-zA-Z]{24}"));
        assertThat(CallIds.of("a", 0, 0, true)).matches("[0-9a-zA-Z]{9}");
    }

    private static Optional<CallSpelling> spelling(ShapedCodec.Template template) {
        return AnswerStyle.found(new ShapedCodec(template)).calls();
    }

    private static String refused(ToolChoice choice, String... tools) {
        return catchThrowableOfType(RequestRefused.class, () -> plan("hermes", choice, tools))
                .problem()
                .parameter()
                .orElseThrow();
    }

    private static AnswerPlan plan(String parser, ToolChoice choice, String... tools) {
        return plan(AnswerStyle.of(new ByteCodec(false), parser, "none"), choice, true, "", tools);
    }

    private static AnswerPlan plan(
            AnswerStyle style, ToolChoice choice, boolean parallel, String end, String... tools) {
        var shape = new AnswerShape(Optional.empty(), "", choice, parallel, true);
        return AnswerPlan.of(style, "request", chat(tools), shape, end);
    }

    private static Prompt chat(String... tools) {
        List<JsonValue> values = List.of(tools).stream().map(JsonReader::read).toList();
        return new Prompt.Chat(
                new Conversation(
                        List.of(ShapedCodec.object("{\"role\":\"user\",\"content\":\"q\"}")),
                        values,
                        true,
                        false,
                        JsonValue.JsonObject.empty(),
                        Optional.<String>empty()),
                false);
    }
}
