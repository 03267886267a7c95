package dev.cairn.distribution.wiring;

import dev.cairn.core.speculate.SpeculationSettings;
import dev.cairn.distribution.config.Configuration;
import dev.cairn.distribution.config.SpeculationKeys;
import dev.cairn.ports.engine.ModelRunner;

/** How answers are guessed, as configured: {@code cairn.speculation} and what belongs to it. */
final class GuessedAnswers {

    private static final String BY_DRAFT = "draft";
    private static final int MOST_TOKENS = 64;
    private static final int MOST_COMPARED = 1024;

    private GuessedAnswers() {}

    /**
     * @param draft runs the draft model; null where none is configured
     * @throws dev.cairn.ports.system.Settings.SettingException for a word or a number that is none
     */
    static SpeculationSettings read(Configuration configuration, ModelRunner draft) {
        String word = configuration.requiredText(SpeculationKeys.SPECULATION);
        return switch (word) {
            case "off" -> SpeculationSettings.OFF;
            case "ngram" -> ngram(configuration);
            case BY_DRAFT -> SpeculationSettings.draft(draft, tokens(configuration));
            default ->
                    throw configuration.problem(
                            SpeculationKeys.SPECULATION,
                            "\"%s\" is unknown; write ngram, draft or off".formatted(word));
        };
    }

    private static SpeculationSettings ngram(Configuration configuration) {
        int shortest = configuration.requiredInteger(SpeculationKeys.SHORTEST, 1, MOST_COMPARED);
        return SpeculationSettings.ngram(
                shortest,
                configuration.requiredInteger(SpeculationKeys.LONGEST, shortest, MOST_COMPARED),
                tokens(configuration));
    }

    private static int tokens(Configuration configuration) {
        return configuration.requiredInteger(SpeculationKeys.TOKENS, 1, MOST_TOKENS);
    }

    /** Whether a draft model is wanted. */
    static boolean isByDraft(Configuration configuration) {
        return configuration.requiredText(SpeculationKeys.SPECULATION).equals(BY_DRAFT);
    }
}
