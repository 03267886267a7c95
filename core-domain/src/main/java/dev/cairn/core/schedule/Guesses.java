package dev.cairn.core.schedule;

import dev.cairn.core.speculate.Acceptance;
import dev.cairn.core.speculate.Proposer;
import java.util.Arrays;

/**
 * How one sequence is guessed, and how well.
 *
 * <p>Threads: one mailbox owns it.
 */
final class Guesses {

    private final Proposer proposer;
    private final Acceptance acceptance;

    /** The last guesses; those that do not hold are written over in the sequence. */
    private int[] guessed = new int[0];

    /**
     * @param acceptance what is believed of the sequence
     */
    Guesses(Proposer proposer, Acceptance acceptance) {
        this.proposer = proposer;
        this.acceptance = acceptance;
    }

    Proposer proposer() {
        return proposer;
    }

    Acceptance acceptance() {
        return acceptance;
    }

    /**
     * Guesses what follows, as far as the answer's format can take it.
     *
     * @param tokens of the sequence, with room for so many guesses behind {@code length}
     * @param tokensLeft that the answer may still get
     * @return how many guesses lie behind the tokens now
     */
    int guess(int[] tokens, int length, int most, ChoiceRules rules, int tokensLeft) {
        int proposed = proposer.propose(tokens, length, most);
        int kept = rules.follow(tokens, length, proposed, tokensLeft);
        if (guessed.length < kept) {
            guessed = new int[Math.max(kept, most)];
        }
        System.arraycopy(tokens, length, guessed, 0, kept);
        return kept;
    }

    /**
     * How many of the first {@code count} guesses stand in the sequence, one after the other.
     *
     * @param from position of the first
     * @param length tokens of the sequence now
     */
    int held(int[] tokens, int from, int length, int count) {
        int end = Math.min(count, length - from);
        int differs = Arrays.mismatch(guessed, 0, end, tokens, from, from + end);
        return differs < 0 ? end : differs;
    }
}
