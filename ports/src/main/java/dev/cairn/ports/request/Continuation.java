package dev.cairn.ports.request;

import java.util.Arrays;
import java.util.List;

/**
 * What a request's answers had come to when their worker was lost. Whoever goes on computes the
 * prompt and these tokens, tells none of them again, and then continues as the lost worker would
 * have: positions, seeds, penalties, formats and limits count them.
 *
 * @param told whether {@link TokenEvent.PromptDone} was told; it is not told again then
 * @param choices in their order, those alone that have tokens or are complete; empty = from the
 *     beginning. Beam search tells nothing before its end and begins again
 */
public record Continuation(boolean told, List<Begun> choices) {

    /** Nothing was told yet. */
    public static final Continuation NONE = new Continuation(false, List.of());

    public Continuation {
        choices = List.copyOf(choices);
    }

    /** What one choice had come to; nothing if it had not begun. */
    public Begun of(int choice) {
        for (Begun begun : choices) {
            if (begun.choice() == choice) {
                return begun;
            }
        }
        return new Begun(choice, new int[0], false);
    }

    /**
     * @param choice its number
     * @param tokens generated and told, in order; the caller keeps the array unchanged
     * @param hasEnded its end was told: it gets no more tokens, and counts in the usage
     */
    public record Begun(int choice, int[] tokens, boolean hasEnded) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Begun that
                    && choice == that.choice
                    && hasEnded == that.hasEnded
                    && Arrays.equals(tokens, that.tokens);
        }

        @Override
        public int hashCode() {
            return 31 * choice + Arrays.hashCode(tokens);
        }

        @Override
        public String toString() {
            return "Begun[" + choice + ", " + tokens.length + " tokens, ended " + hasEnded + "]";
        }
    }
}
