package dev.cairn.core.parts;

import dev.cairn.ports.model.TextCodec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How one model marks the parts of its answers.
 *
 * <p>Threads: any; immutable.
 */
public final class AnswerStyle {

    /** Names of {@code cairn.tools.parser}; the last three are vLLM's. */
    public static final List<String> TOOL_PARSERS =
            List.of(
                    "auto",
                    "none",
                    "hermes",
                    "llama3",
                    "mistral",
                    "llama3_json",
                    "llama4_json",
                    "qwen");

    /** Names of {@code cairn.reasoning.parser}, which are vLLM's. */
    public static final List<String> REASONING_PARSERS =
            List.of("auto", "none", "qwen3", "deepseek_r1");

    private final Optional<CallSpelling> calls;
    private final ThoughtStyle thoughts;
    private final boolean singleCall;
    private final boolean pythonTag;
    private final Set<Integer> marks;

    private AnswerStyle(
            TextCodec codec, Optional<CallSpelling> calls, ThoughtStyle thoughts, boolean single) {
        this.calls = calls;
        this.thoughts = thoughts;
        this.singleCall = single;
        this.pythonTag = isToken(codec, CallSpelling.PYTHON_TAG);
        this.marks = marks(codec);
    }

    /**
     * @param toolParser one of {@link #TOOL_PARSERS}; "auto" looks how the model's template writes
     *     calls
     * @param reasoningParser one of {@link #REASONING_PARSERS}; "auto" looks whether the model's
     *     template or vocabulary knows thoughts
     * @throws IllegalArgumentException for another name, saying which there are
     */
    public static AnswerStyle of(TextCodec codec, String toolParser, String reasoningParser) {
        Optional<TemplateProbe> probe = TemplateProbe.of(codec);
        Optional<CallSpelling> calls =
                switch (toolParser) {
                    case "auto" -> probe.flatMap(TemplateProbe::spelling);
                    case "none" -> Optional.empty();
                    case "hermes", "qwen" -> Optional.of(CallSpelling.HERMES);
                    case "llama3", "llama3_json", "llama4_json" -> Optional.of(CallSpelling.LLAMA3);
                    case "mistral" ->
                            Optional.of(
                                    isToken(codec, CallSpelling.ARGUMENTS)
                                            ? CallSpelling.MISTRAL_NAMED
                                            : CallSpelling.MISTRAL_LIST);
                    default -> throw unknown(toolParser, TOOL_PARSERS);
                };
        ThoughtStyle thoughts =
                switch (reasoningParser) {
                    case "auto" -> knowsThoughts(codec) ? ThoughtStyle.OPTIONAL : ThoughtStyle.NONE;
                    case "none" -> ThoughtStyle.NONE;
                    case "qwen3" -> ThoughtStyle.OPTIONAL;
                    case "deepseek_r1" -> ThoughtStyle.ALWAYS;
                    default -> throw unknown(reasoningParser, REASONING_PARSERS);
                };
        return new AnswerStyle(
                codec, calls, thoughts, probe.map(TemplateProbe::onlyOneCall).orElse(false));
    }

    /** As the model's template and vocabulary show it. */
    public static AnswerStyle found(TextCodec codec) {
        return of(codec, "auto", "auto");
    }

    /** Special tokens that mark parts, so that who takes the text apart has to see them. */
    public Set<Integer> marks() {
        return marks;
    }

    /** In a few words, for a report at the start. */
    public String description() {
        String tools =
                calls.map(spelling -> spelling.name().toLowerCase(java.util.Locale.ROOT))
                        .orElse("none");
        String reasoning =
                switch (thoughts) {
                    case NONE -> "none";
                    case OPTIONAL -> "qwen3";
                    case ALWAYS -> "deepseek_r1";
                };
        return "tools " + tools + ", reasoning " + reasoning;
    }

    Optional<CallSpelling> calls() {
        return calls;
    }

    ThoughtStyle thoughts() {
        return thoughts;
    }

    /** Whether the template refuses conversations in which several tools were called at once. */
    boolean hasSingleCalls() {
        return singleCall;
    }

    boolean hasPythonTag() {
        return pythonTag;
    }

    private static boolean knowsThoughts(TextCodec codec) {
        return isToken(codec, ThoughtStyle.CLOSE)
                || codec.chatTemplate()
                        .filter(template -> template.contains(ThoughtStyle.CLOSE))
                        .isPresent();
    }

    private Set<Integer> marks(TextCodec codec) {
        List<String> texts = new ArrayList<>();
        calls.ifPresent(spelling -> texts.addAll(spelling.marks()));
        if (thoughts != ThoughtStyle.NONE) {
            texts.add(ThoughtStyle.OPEN);
            texts.add(ThoughtStyle.CLOSE);
        }
        Set<Integer> ids = new HashSet<>();
        for (String text : texts) {
            if (isToken(codec, text)) {
                ids.add(codec.encode(text, false)[0]);
            }
        }
        return Set.copyOf(ids);
    }

    private static boolean isToken(TextCodec codec, String text) {
        return codec.encode(text, false).length == 1;
    }

    private static IllegalArgumentException unknown(String name, List<String> names) {
        return new IllegalArgumentException(
                "\"" + name + "\" is unknown; write one of " + String.join(", ", names));
    }
}
