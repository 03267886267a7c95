package dev.cairn.distribution.wiring;

import dev.cairn.core.grammar.Grammars;
import dev.cairn.core.parts.AnswerStyle;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.ProgramSettings;
import dev.cairn.ports.model.ModelArtifact;
import dev.cairn.ports.model.TextCodec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What of a model is text and takes no weights: workers and routers have it alike. */
final class TextSide {

    private TextSide() {}

    /** How the model marks thoughts and tool calls. */
    static AnswerStyle style(Configuration configuration, TextCodec codec) {
        return AnswerStyle.of(
                codec,
                known(configuration, ProgramSettings.TOOL_PARSER, AnswerStyle.TOOL_PARSERS),
                known(
                        configuration,
                        ProgramSettings.REASONING_PARSER,
                        AnswerStyle.REASONING_PARSERS));
    }

    private static String known(Configuration configuration, String key, List<String> names) {
        String name = configuration.requiredText(key);
        if (!names.contains(name)) {
            throw configuration.problem(
                    key,
                    "\"%s\" is unknown; write one of %s".formatted(name, String.join(", ", names)));
        }
        return name;
    }

    /**
     * @param vocabularySize width of the logits
     */
    static Grammars grammars(ModelArtifact artifact, int vocabularySize) {
        Set<Integer> endings = new LinkedHashSet<>(artifact.codec().endOfSequenceIds());
        endings.addAll(artifact.generationDefaults().endOfSequenceIds());
        return new Grammars(artifact.codec(), vocabularySize, endings);
    }
}
