package dev.cairn.core.grammar;

import java.util.Arrays;

/**
 * Fewest tokens for a number of rounds of one repetition, where some tokens span several rounds.
 * Immutable.
 */
final class Rounds {

    /** Up to here the best mixture is known; beyond, only the longest token is used. */
    private static final int EXACT = 2 * TokenTrie.LONGEST;

    private final int[] tokens;
    private final int[] first;
    private final int stride;
    private final int strideTokens;

    /**
     * @param least rounds that will ever be asked for
     * @param one tokens of a single round
     * @param firstOfOne its first token
     * @param tokenOf token that spans as many rounds as its index says, or {@link Closing#NO_TOKEN}
     */
    Rounds(int least, int one, int firstOfOne, int[] tokenOf) {
        int size = Math.min(least, EXACT) + 1;
        this.tokens = new int[size];
        this.first = new int[size];
        Arrays.fill(first, Closing.NO_TOKEN);
        int longest = 1;
        for (int rounds = 1; rounds < tokenOf.length; rounds++) {
            longest = tokenOf[rounds] == Closing.NO_TOKEN ? longest : rounds;
        }
        for (int left = 1; left < size; left++) {
            tokens[left] = Closing.sum(one, tokens[left - 1]);
            first[left] = firstOfOne;
            for (int rounds = 1; rounds < tokenOf.length && rounds <= left; rounds++) {
                if (tokenOf[rounds] != Closing.NO_TOKEN
                        && tokens[left - rounds] + 1 < tokens[left]) {
                    tokens[left] = tokens[left - rounds] + 1;
                    first[left] = tokenOf[rounds];
                }
            }
        }
        boolean spans = longest < tokenOf.length && tokenOf[longest] != Closing.NO_TOKEN;
        this.stride = longest;
        this.strideTokens = spans ? 1 : one;
        this.firstOfStride = spans ? tokenOf[longest] : firstOfOne;
    }

    private final int firstOfStride;

    int tokens(int left) {
        if (left < tokens.length) {
            return tokens[left];
        }
        int strides = strides(left);
        long all = (long) strides * strideTokens + tokens[left - strides * stride];
        return (int) Math.min(Closing.NEVER, all);
    }

    int first(int left) {
        return left < tokens.length ? first[left] : firstOfStride;
    }

    /**
     * Strides less with which, for as long as {@code horizon} rounds, everything is as with {@code
     * left} rounds but for the tokens of those strides.
     */
    int spare(int left, int horizon) {
        int near = EXACT + horizon + 1;
        return left <= near ? 0 : (left - near) / stride;
    }

    int stride() {
        return stride;
    }

    int strideTokens() {
        return strideTokens;
    }

    private int strides(int left) {
        return (left - EXACT + stride - 1) / stride;
    }
}
