package dev.cairn.core.grammar;

/**
 * What texts must look like, ready to be held for one model.
 *
 * <p>Threads: made on any thread and then handed over; from then on {@link #begin} and everything
 * that comes from it belong to one mailbox, because sequences share what they remember.
 */
public final class CompiledFormat {

    private final MaskSource source;

    CompiledFormat(MaskSource source) {
        this.source = source;
    }

    /**
     * Fewest tokens of a complete text, as far as is known: a budget of so many is always enough.
     * An end-of-sequence token is not counted.
     */
    public int shortest() {
        return source.shortest();
    }

    /** Ids that end an answer of the model, whatever a request makes of them. Not to be changed. */
    public int[] endings() {
        return source.trie().endings();
    }

    /** Bytes that the grammar and what is remembered of it take up, roughly. Any thread. */
    long bytes() {
        return source.bytes();
    }

    /** A constraint at the beginning of its text. */
    public Constraint begin() {
        return source.begin();
    }
}
