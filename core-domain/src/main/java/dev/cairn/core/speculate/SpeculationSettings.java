package dev.cairn.core.speculate;

import dev.cairn.ports.engine.ModelRunner;

/**
 * Whether and how answers are guessed.
 *
 * @param source makes a proposer for every answer; null = there is none
 * @param draft runs a model that guesses instead; null = there is none. Stays its owner's
 * @param mostTokens guessed of one sequence in one step
 */
public record SpeculationSettings(Proposer.Source source, ModelRunner draft, int mostTokens) {

    /** Every token takes a step. */
    public static final SpeculationSettings OFF = new SpeculationSettings(null, null, 0);

    /** Guesses of one sequence in a step; a text that is copied gains little by more. */
    public static final int USUAL_TOKENS = 16;

    /** Tokens that must agree: less than this is chance. */
    public static final int USUAL_SHORTEST = 3;

    /** Agreement of more tokens makes no better guess. */
    public static final int USUAL_LONGEST = 16;

    public SpeculationSettings {
        if (mostTokens < 0 || ((source != null || draft != null) && mostTokens == 0)) {
            throw new IllegalArgumentException("guesses of " + mostTokens + " tokens");
        }
        if (source != null && draft != null) {
            throw new IllegalArgumentException("one source of guesses at a time");
        }
    }

    /** Guesses from anywhere. */
    public SpeculationSettings(Proposer.Source source, int mostTokens) {
        this(source, null, mostTokens);
    }

    /**
     * Guesses of a smaller model with the same tokens, see {@code core.draft}.
     *
     * @param draft of the same vocabulary
     */
    public static SpeculationSettings draft(ModelRunner draft, int mostTokens) {
        return new SpeculationSettings(null, draft, mostTokens);
    }

    /** Guesses from the text itself, see {@link NgramProposer}. */
    public static SpeculationSettings ngram(int shortest, int longest, int mostTokens) {
        return new SpeculationSettings(() -> new NgramProposer(shortest, longest), mostTokens);
    }

    public boolean isOn() {
        return source != null || draft != null;
    }
}
