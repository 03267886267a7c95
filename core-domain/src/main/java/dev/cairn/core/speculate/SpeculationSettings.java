package dev.cairn.core.speculate;

/**
 * Whether and how answers are guessed.
 *
 * @param source makes a proposer for every answer; null = nothing is guessed
 * @param mostTokens guessed of one sequence in one step
 */
public record SpeculationSettings(Proposer.Source source, int mostTokens) {

    /** Every token takes a step. */
    public static final SpeculationSettings OFF = new SpeculationSettings(null, 0);

    /** Guesses of one sequence in a step; a text that is copied gains little by more. */
    public static final int USUAL_TOKENS = 16;

    /** Tokens that must agree: less than this is chance. */
    public static final int USUAL_SHORTEST = 3;

    /** Agreement of more tokens makes no better guess. */
    public static final int USUAL_LONGEST = 16;

    public SpeculationSettings {
        if (mostTokens < 0 || (source != null && mostTokens == 0)) {
            throw new IllegalArgumentException("guesses of " + mostTokens + " tokens");
        }
    }

    /** Guesses from the text itself, see {@link NgramProposer}. */
    public static SpeculationSettings ngram(int shortest, int longest, int mostTokens) {
        return new SpeculationSettings(() -> new NgramProposer(shortest, longest), mostTokens);
    }

    public boolean isOn() {
        return source != null;
    }
}
