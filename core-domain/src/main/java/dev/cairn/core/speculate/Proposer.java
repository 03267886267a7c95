package dev.cairn.core.speculate;

/** Guesses how one sequence goes on. Threads: one mailbox owns it. */
public interface Proposer {

    /**
     * Guesses the next tokens.
     *
     * @param tokens of the sequence, {@code length} of them, with room behind them; those given in
     *     an earlier call are the same
     * @param most guesses wanted
     * @return how many guesses now lie in {@code tokens} from {@code length} on, at most {@code
     *     most}
     */
    int propose(int[] tokens, int length, int most);

    /** The sequence lost its blocks or has ended: what is kept for it elsewhere may go. */
    default void release() {}

    /** Makes a proposer for a sequence that begins. */
    interface Source {

        Proposer begin();
    }
}
