package dev.cairn.ports.request;

import java.util.List;

/**
 * When an answer ends.
 *
 * @param maxTokens most tokens to generate, at least 1
 * @param minTokens end of sequence and stop tokens cannot be chosen, stop strings do not stop,
 *     before this many
 * @param strings text that ends the answer; at most {@link #MAX_STRINGS}
 * @param tokenIds tokens that end the answer, beside the model's own
 * @param endOfSequenceIds the model's own; empty where they are ignored
 * @param includeStopString whether the matched string stays in the text
 * @param skipSpecialTokens whether special tokens are no part of the text in which strings are
 *     sought
 */
public record StopConditions(
        int maxTokens,
        int minTokens,
        List<String> strings,
        List<Integer> tokenIds,
        List<Integer> endOfSequenceIds,
        boolean includeStopString,
        boolean skipSpecialTokens) {

    public static final int MAX_STRINGS = 64;

    public StopConditions {
        strings = List.copyOf(strings);
        tokenIds = List.copyOf(tokenIds);
        endOfSequenceIds = List.copyOf(endOfSequenceIds);
    }
}
