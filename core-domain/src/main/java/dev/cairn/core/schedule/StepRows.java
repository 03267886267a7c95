package dev.cairn.core.schedule;

import dev.cairn.ports.engine.TokenChoice;
import java.util.List;

/**
 * What a step said of one sequence.
 *
 * @param rows of the whole step
 * @param from the sequence's first
 * @param count how many are the sequence's, those of guesses not included, which come behind them
 */
record StepRows(List<TokenChoice> rows, int from, int count) {

    /** What follows so many guesses. */
    TokenChoice behind(int guesses) {
        return rows.get(from + count - 1 + guesses);
    }

    /**
     * Hands on the scores of tokens that are known.
     *
     * @return the choice of the next token; null if the step did not get there
     */
    TokenChoice score(Sequence sequence, int firstRow) {
        TokenChoice chosen = null;
        for (int i = 0; i < count; i++) {
            TokenChoice row = rows.get(from + i);
            int position = firstRow + i;
            if (position < sequence.promptLength() - 1) {
                sequence.live().score(position + 1, LiveRequest.generated(row));
            } else if (position == sequence.length() - 1) {
                chosen = row;
            } else if (sequence.needsRow(position)) {
                sequence.scored(LiveRequest.generated(row));
            }
        }
        return chosen;
    }
}
