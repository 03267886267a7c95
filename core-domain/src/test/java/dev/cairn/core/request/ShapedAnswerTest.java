package dev.cairn.core.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cairn.core.parts.ShapedCodec;
import dev.cairn.core.testing.ByteCodec;
import dev.cairn.ports.model.GenerationDefaults;
import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.request.AnswerEvent;
import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.FinishReason;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestRefused;
import dev.cairn.ports.request.StopCause;
import dev.cairn.ports.request.ToolChoice;
import dev.cairn.ports.system.JsonReader;
import dev.cairn.ports.system.JsonValue;
import dev.cairn.ports.system.JsonValue.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Thoughts and tool calls of a model whose marks are special tokens. */
class ShapedAnswerTest {

    private static final int CALL = ByteCodec.FIRST_WORD;
    private static final int CALL_END = CALL + 1;
    private static final int THINK = CALL + 2;
    private static final int THINK_END = CALL + 3;

    private final World world =
            new World(
                    new ShapedCodec(
                            (names, arguments) ->
                                    "<tool_call>\n{\"name\": \""
                                            + names.getFirst()
                                            + "\", \"arguments\": "
                                            + arguments.getFirst()
                                            + "}\n</tool_call>",
                            "<tool_call>",
                            "</tool_call>",
                            "<think>",
                            "</think>"),
                    GenerationDefaults.none());

    @Test
    void marksAreSeenThoughSpecialTokensAreHidden() {
        world.asked(call(new ToolChoice.Auto(), "{\"type\":\"object\"}"));
        world.backend.promptDone();
        say(THINK);
        say("hm");
        say(THINK_END);
        say("\nOk ");
        say(CALL);
        say("\n{\"name\": \"f\", \"arguments\": {\"é\":");
        say("1}}\n");
        say(CALL_END, ByteCodec.END);
        world.backend.endChoice(0, FinishReason.STOP, new StopCause.EndOfSequence());
        world.backend.end(0);

        assertThat(world.text(0)).isEqualTo("Ok");
        assertThat(joined(AnswerEvent.Delta::reasoning)).isEqualTo("hm");
        assertThat(
                        joined(
                                delta ->
                                        delta.calls().stream()
                                                .map(AnswerEvent.ToolCallDelta::arguments)
                                                .collect(Collectors.joining())))
                .isEqualTo("{\"é\":1}");
        assertThat(world.events)
                .contains(
                        new AnswerEvent.ChoiceEnded(
                                0, FinishReason.TOOL_CALLS, new StopCause.EndOfSequence()));
        var ended = (AnswerEvent.Ended) world.events.getLast();
        assertThat(ended.usage().reasoningTokens()).isEqualTo(2);
    }

    @Test
    void aToolsSchemaAtFaultIsNamed() {
        var refused =
                catchThrowableOfType(
                        RequestRefused.class,
                        () ->
                                world.asked(
                                        call(
                                                new ToolChoice.Auto(),
                                                "{\"type\":\"object\",\"properties\":{\"a\":"
                                                        + "{\"$ref\":\"#/nowhere\"}}}")));
        assertThat(refused.problem().parameter().orElseThrow())
                .startsWith("tools[0].function.parameters");
    }

    @Test
    void aConversationWithoutToolsHasNoFormat() {
        assertThat(world.asked(call(new ToolChoice.None(), "{\"type\":\"object\"}")).format())
                .isEmpty();
        assertThat(world.asked(call(new ToolChoice.Named("f"), "{\"type\":\"object\"}")).format())
                .isPresent();
    }

    private static Call call(ToolChoice choice, String schema) {
        JsonValue tool =
                JsonReader.read(
                        "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":"
                                + schema
                                + "}}");
        var conversation =
                new Conversation(
                        List.of(
                                (JsonObject)
                                        JsonReader.read("{\"role\":\"user\",\"content\":\"q\"}")),
                        List.of(tool),
                        true,
                        false,
                        JsonObject.empty(),
                        Optional.empty());
        return new Call()
                .prompt(new Prompt.Chat(conversation, false))
                .maxTokens(90)
                .shape(new AnswerShape(Optional.empty(), "", choice, true, true));
    }

    private void say(int... ids) {
        world.backend.say(0, ids);
    }

    private void say(String text) {
        world.backend.say(0, ByteCodec.bytes(text));
    }

    private String joined(java.util.function.Function<AnswerEvent.Delta, String> part) {
        return world.events.stream()
                .filter(AnswerEvent.Delta.class::isInstance)
                .map(AnswerEvent.Delta.class::cast)
                .map(part)
                .collect(Collectors.joining());
    }
}
