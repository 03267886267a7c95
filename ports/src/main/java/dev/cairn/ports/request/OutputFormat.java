package dev.cairn.ports.request;

import dev.cairn.ports.system.JsonValue;
import java.util.List;

/**
 * What an answer's text must look like: data, so that it travels with a request and is compiled
 * where the answer is made. The parts are those of xgrammar's structural tags, of which vLLM's
 * other constraints are the simplest cases.
 *
 * <p>Texts of {@link Constant}, {@link Tag} and {@link TriggeredTags} may name special tokens of
 * the model ({@code "[TOOL_CALLS]"}): such a name stands for the token, never for its letters.
 */
public sealed interface OutputFormat {

    /**
     * Any text of ordinary tokens; inside a {@link Sequence} or a {@link Tag} it ends where what
     * follows begins.
     */
    record AnyText() implements OutputFormat {}

    /** This very text. */
    record Constant(String text) implements OutputFormat {}

    /** JSON that a schema allows. */
    record JsonSchema(JsonValue schema) implements OutputFormat {}

    /** Any JSON object. */
    record JsonObject() implements OutputFormat {}

    /** Text that a regular expression matches as a whole. */
    record Regex(String pattern) implements OutputFormat {}

    /** One of some texts. */
    record Choice(List<String> texts) implements OutputFormat {

        public Choice {
            texts = List.copyOf(texts);
        }
    }

    /** Text of a grammar in GBNF or simple Lark. */
    record Ebnf(String grammar) implements OutputFormat {}

    /** One after the other. */
    record Sequence(List<OutputFormat> parts) implements OutputFormat {

        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /** One of them. */
    record OneOf(List<OutputFormat> parts) implements OutputFormat {

        public OneOf {
            parts = List.copyOf(parts);
        }
    }

    /** Content between two texts. */
    record Tag(String begin, OutputFormat content, String end) implements OutputFormat {}

    /**
     * Free text in which a trigger, once written, must go on as one of the tags.
     *
     * @param triggers each the beginning of at least one tag; every tag begins with one
     * @param atLeastOne whether the text begins with a tag, and nothing comes before it
     * @param stopAfterFirst whether the text ends with the first tag
     */
    record TriggeredTags(
            List<String> triggers, List<Tag> tags, boolean atLeastOne, boolean stopAfterFirst)
            implements OutputFormat {

        public TriggeredTags {
            triggers = List.copyOf(triggers);
            tags = List.copyOf(tags);
        }
    }

    /**
     * Tags one after the other with a text between them.
     *
     * @param atLeastOne whether there must be one
     * @param stopAfterFirst whether there may be only one
     */
    record SeparatedTags(
            List<Tag> tags, String separator, boolean atLeastOne, boolean stopAfterFirst)
            implements OutputFormat {

        public SeparatedTags {
            tags = List.copyOf(tags);
        }
    }
}
