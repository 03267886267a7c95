package dev.cairn.core.draft;

import dev.cairn.core.block.SequenceBlocks;
import dev.cairn.core.speculate.Proposer;
import dev.cairn.ports.engine.SamplingRow;
import java.util.Arrays;

/**
 * One sequence in the draft model: its blocks there, and how the model says that it goes on.
 *
 * <p>Threads: one mailbox owns it.
 */
public final class DraftedText implements Proposer {

    /** How the token behind guesses is to be chosen. */
    public interface Rows {

        /**
         * The row behind the first {@code count} guesses.
         *
         * @return null where guessing ends
         */
        SamplingRow behind(int[] guesses, int count);
    }

    private final SequenceBlocks blocks;

    /** Tokens whose keys and values lie in the blocks; guesses may be among them. */
    private int computed;

    private int[] guesses = new int[8];
    private int count;

    /** Position of the first guess. */
    private int length;

    /** Tokens from {@link #known} to {@link #length}. */
    private int[] due = {};

    private int known;
    private int wanted;
    private Rows rows;
    private boolean reads;
    private boolean computes;
    private boolean released;

    DraftedText(SequenceBlocks blocks) {
        this.blocks = blocks;
    }

    @Override
    public int propose(int[] tokens, int at, int most) {
        int ready = at == length ? Math.min(count, most) : 0;
        System.arraycopy(guesses, 0, tokens, at, ready);
        return ready;
    }

    /** Gives the blocks back, once no step uses them; they are computed again if it goes on. */
    @Override
    public void release() {
        wanted = 0;
        count = 0;
        length = 0;
        if (computes) {
            released = true;
        } else {
            computed = 0;
            blocks.releaseAll();
        }
    }

    /**
     * Lets it be guessed in the round that begins.
     *
     * @param tokens of the sequence
     * @param now how many there are
     */
    void begin(int[] tokens, int now, int most, Rows choice) {
        int end = Math.min(count, now - length);
        int differs = end <= 0 ? 0 : Arrays.mismatch(guesses, 0, end, tokens, length, length + end);
        int certain = length + (differs < 0 ? end : differs);
        // The last token is computed at least, for what follows it.
        computed = Math.min(computed, Math.min(certain, now - 1));
        blocks.releaseBefore(computed);
        known = computed;
        due = Arrays.copyOfRange(tokens, known, now);
        length = now;
        count = 0;
        wanted = most;
        rows = choice;
        reads = false;
        if (guesses.length < most) {
            guesses = new int[most];
        }
    }

    /** Whether it wants to be in the next step of the round. */
    boolean isWanting() {
        return count < wanted;
    }

    /** It is guessed no further in this round. */
    void stop() {
        wanted = 0;
    }

    /** Tokens to compute before the next one can be guessed. */
    int remaining() {
        return length + count - computed;
    }

    SamplingRow row() {
        return rows.behind(guesses, count);
    }

    SequenceBlocks blocks() {
        return blocks;
    }

    int computed() {
        return computed;
    }

    /** The next tokens to compute. */
    int[] next(int tokens) {
        int[] ids = new int[tokens];
        for (int i = 0; i < tokens; i++) {
            int at = computed + i;
            ids[i] = at < length ? due[at - known] : guesses[at - length];
        }
        return ids;
    }

    /** A step computes it. Whatever is read in parts is guessed in a later round. */
    void launched(boolean whole) {
        computes = true;
        reads |= !whole;
    }

    /** Its step was reported. */
    void computed(int tokens) {
        computes = false;
        computed += tokens;
        if (released) {
            released = false;
            computed = 0;
            blocks.releaseAll();
        } else if (reads) {
            stop();
        }
    }

    /** The next guess. */
    void guess(int id) {
        if (isWanting()) {
            guesses[count++] = id;
        }
    }
}
