package dev.cairn.core.parts;

import dev.cairn.core.parts.Tools.Tool;
import dev.cairn.ports.model.TextCodec.Conversation;
import dev.cairn.ports.request.AnswerShape;
import dev.cairn.ports.request.OutputFormat;
import dev.cairn.ports.request.OutputFormat.AnyText;
import dev.cairn.ports.request.OutputFormat.JsonSchema;
import dev.cairn.ports.request.OutputFormat.OneOf;
import dev.cairn.ports.request.OutputFormat.Regex;
import dev.cairn.ports.request.OutputFormat.Sequence;
import dev.cairn.ports.request.OutputFormat.Tag;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.ToolChoice;
import dev.cairn.ports.system.JsonValue.JsonBoolean;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What parts the answers to one request have: the format that makes them well formed, and what
 * takes them apart.
 *
 * <p>A model that was never taught to call tools, judged by its template, calls none of its own
 * accord; calls that a client requires are made by the format alone, as JSON.
 *
 * <p>Threads: any; immutable.
 */
public final class AnswerPlan {

    private final Optional<OutputFormat> format;
    private final List<Demand> demands;
    private final Optional<PartsFactory> parts;

    private AnswerPlan(
            Optional<OutputFormat> format, List<Demand> demands, Optional<PartsFactory> parts) {
        this.format = format;
        this.demands = List.copyOf(demands);
        this.parts = parts;
    }

    /**
     * What one field of the request demands of the answer.
     *
     * @param field as OpenAI's API names it
     */
    public record Demand(String field, OutputFormat format) {}

    /**
     * @param promptEnd text of the prompt's last tokens, which may have opened thoughts already
     * @throws dev.cairn.ports.request.RequestRefused naming the field of a tool that cannot be
     *     offered
     */
    public static AnswerPlan of(
            AnswerStyle style,
            String requestId,
            Prompt prompt,
            AnswerShape shape,
            String promptEnd) {
        if (!(prompt instanceof Prompt.Chat(var conversation, var _))) {
            List<Demand> demands = new ArrayList<>();
            shape.format().ifPresent(f -> demands.add(new Demand(shape.formatField(), f)));
            return new AnswerPlan(shape.format(), demands, Optional.empty());
        }
        return new Builder(style, requestId, conversation, shape).build(promptEnd);
    }

    /** What an answer's text must look like. */
    public Optional<OutputFormat> format() {
        return format;
    }

    /** The formats that {@link #format} is made of, to find the one at fault. */
    public List<Demand> demands() {
        return demands;
    }

    /** What takes a choice apart; empty where it is text and nothing else. */
    public Optional<AnswerParts> parts(int choice) {
        return parts.map(factory -> factory.of(choice));
    }

    /** Makes what takes one choice apart. */
    private interface PartsFactory {

        AnswerParts of(int choice);
    }

    private static final class Builder {

        private static final OutputFormat BREAKS = new Regex("\\n{0,2}");
        private static final Tag THOUGHTS =
                new Tag(ThoughtStyle.OPEN, new AnyText(), ThoughtStyle.CLOSE);
        private static final Tag OPEN_THOUGHTS = new Tag("", new AnyText(), ThoughtStyle.CLOSE);

        private final AnswerStyle style;
        private final String requestId;
        private final Conversation conversation;
        private final AnswerShape shape;
        private final List<Tool> tools;
        private final List<Demand> demands = new ArrayList<>();

        Builder(AnswerStyle style, String requestId, Conversation conversation, AnswerShape shape) {
            this.style = style;
            this.requestId = requestId;
            this.conversation = conversation;
            this.shape = shape;
            this.tools = Tools.read(conversation.tools());
        }

        AnswerPlan build(String promptEnd) {
            Optional<CallFormats> calls = calls();
            Optional<OutputFormat> spoken = spoken(calls);
            Thoughts.State begin = begin(promptEnd);
            Optional<OutputFormat> format =
                    spoken.map(body -> behindThoughts(begin, body, breaksMayCome(calls)));
            boolean isPlain = calls.isEmpty() && begin == Thoughts.State.SPEAKING;
            return new AnswerPlan(
                    format,
                    demands,
                    isPlain
                            ? Optional.empty()
                            : Optional.of(choice -> parts(begin, calls, choice)));
        }

        /** How calls are made, if any are. */
        private Optional<CallFormats> calls() {
            boolean single = !shape.parallelToolCalls() || style.hasSingleCalls();
            return switch (shape.toolChoice()) {
                case ToolChoice.None() -> Optional.empty();
                case ToolChoice.Auto() ->
                        style.calls().map(spelling -> formats(spelling, tools, single));
                case ToolChoice.Required() ->
                        Optional.of(
                                formats(style.calls().orElse(CallSpelling.LIST), tools, single));
                case ToolChoice.Named(String function) ->
                        Optional.of(
                                formats(
                                        style.calls().orElse(CallSpelling.BARE),
                                        List.of(named(function)),
                                        true));
            };
        }

        private CallFormats formats(CallSpelling spelling, List<Tool> callable, boolean single) {
            return new CallFormats(spelling, callable, style.hasPythonTag(), single);
        }

        private Tool named(String function) {
            return tools.stream()
                    .filter(tool -> tool.name().equals(function))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    Tools.refused(
                                            "tool_choice.function.name", "is none of the tools"));
        }

        /** What must be said, beside thoughts. A call that is required leaves no room for text. */
        private Optional<OutputFormat> spoken(Optional<CallFormats> calls) {
            calls.ifPresent(this::demandSchemas);
            return switch (shape.toolChoice()) {
                case ToolChoice.None() -> text();
                case ToolChoice.Auto() ->
                        calls.isEmpty()
                                ? text()
                                : text().<OutputFormat>map(
                                                text ->
                                                        new OneOf(
                                                                List.of(
                                                                        text,
                                                                        calls.get().required())))
                                        .or(() -> calls.map(CallFormats::auto));
                case ToolChoice.Required(), ToolChoice.Named _ -> calls.map(CallFormats::required);
            };
        }

        private Optional<OutputFormat> text() {
            shape.format().ifPresent(f -> demands.add(new Demand(shape.formatField(), f)));
            return shape.format();
        }

        private void demandSchemas(CallFormats calls) {
            for (int i = 0; i < tools.size(); i++) {
                if (calls.tools().contains(tools.get(i))) {
                    demands.add(
                            new Demand(
                                    Tools.schemaField(i),
                                    new JsonSchema(tools.get(i).parameters())));
                }
            }
        }

        private Thoughts.State begin(String promptEnd) {
            String end = promptEnd.stripTrailing();
            if (!shape.separateReasoning()
                    || style.thoughts() == ThoughtStyle.NONE
                    || end.endsWith(ThoughtStyle.CLOSE)
                    || isSwitchedOff("enable_thinking")
                    || isSwitchedOff("thinking")) {
                return Thoughts.State.SPEAKING;
            }
            boolean isOpen = end.endsWith(ThoughtStyle.OPEN);
            return isOpen || style.thoughts() == ThoughtStyle.ALWAYS
                    ? Thoughts.State.OPENED
                    : Thoughts.State.UNSURE;
        }

        private boolean isSwitchedOff(String argument) {
            return new JsonBoolean(false).equals(conversation.arguments().member(argument));
        }

        /** Free text has line breaks of its own. */
        private boolean breaksMayCome(Optional<CallFormats> calls) {
            return calls.isEmpty()
                    || !(shape.toolChoice() instanceof ToolChoice.Auto)
                    || shape.format().isPresent();
        }

        private static OutputFormat behindThoughts(
                Thoughts.State begin, OutputFormat body, boolean breaks) {
            OutputFormat spoken = breaks ? new Sequence(List.of(BREAKS, body)) : body;
            OutputFormat thinking = new Sequence(List.of(THOUGHTS, spoken));
            OutputFormat opened = new Sequence(List.of(OPEN_THOUGHTS, spoken));
            return switch (begin) {
                case SPEAKING, CLOSED -> body;
                case UNSURE -> new OneOf(List.of(thinking, body));
                case OPENED, THINKING -> new OneOf(List.of(thinking, opened));
            };
        }

        private AnswerParts parts(Thoughts.State begin, Optional<CallFormats> calls, int choice) {
            boolean shortIds =
                    calls.map(CallFormats::spelling).filter(CallSpelling::hasShortIds).isPresent();
            var pieces = new Pieces(call -> CallIds.of(requestId, choice, call, shortIds));
            CallParser parser = calls.map(formats -> parser(formats, pieces)).orElse(null);
            return new AnswerParts(
                    pieces,
                    new Thoughts(begin, parser, pieces),
                    !(shape.toolChoice() instanceof ToolChoice.Named));
        }

        private static CallParser parser(CallFormats formats, Pieces pieces) {
            Set<String> functions =
                    formats.tools().stream().map(Tool::name).collect(Collectors.toSet());
            return new CallParser(
                    formats.spelling(), functions, new HashSet<>(formats.begins()), pieces);
        }
    }
}
