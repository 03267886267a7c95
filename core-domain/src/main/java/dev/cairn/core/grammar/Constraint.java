package dev.cairn.core.grammar;

import java.util.List;

/**
 * What one sequence's answer must look like, at the place where the answer is.
 *
 * <p>How the scheduler uses it: a sequence with a constraint gets one from {@link
 * MaskSource#begin}. Between {@code launch} of a step and its {@code complete}, while the device
 * computes, it asks for {@link #mask()} and hands it, intersected with the request's other masks,
 * to {@code SamplingRow.Sample}. When the token is reported it calls {@link #accept}; {@link
 * #isExhausted} then says that only an end of the answer can follow, which needs no further step.
 * An empty mask (see {@link #isStuck}) can come from a vocabulary without all single bytes or from
 * a grammar that is too ambiguous; the request then ends with an error.
 *
 * <p>Where the state is small: it is a reference to an immutable configuration, so {@link #copy}
 * for n choices or speculation is free, and a preempted sequence keeps it. To move it to another
 * machine send the answer's tokens, which move anyway, and {@link #replay} them there: what follows
 * is a function of the grammar and the answer's bytes alone.
 *
 * <p>Threads: one mailbox owns it, the one of its {@link MaskSource}. Masks are read by the runner
 * until its step is reported.
 */
public final class Constraint {

    private static final int[] NOTHING = new int[0];

    private final MaskSource source;
    private Configuration at;
    private boolean ended;

    Constraint(MaskSource source, Configuration at) {
        this.source = source;
        this.at = at;
    }

    /** The same place, going on independently. */
    public Constraint copy() {
        var copy = new Constraint(source, at);
        copy.ended = ended;
        return copy;
    }

    /**
     * The tokens that may come next: bit {@code id & 31} of word {@code id >>> 5}, set = allowed.
     *
     * @param tokensLeft most tokens that the text may still take, the next one included; only those
     *     are allowed behind which it can be closed in time. An end-of-sequence token is not
     *     counted
     * @return shared between sequences, not to be changed; no bit is set after the end
     */
    public int[] mask(int tokensLeft) {
        if (ended) {
            return source.none();
        }
        at = source.home(at);
        return source.mask(at, tokensLeft);
    }

    /** As if there were tokens without end. */
    int[] mask() {
        return mask(Integer.MAX_VALUE);
    }

    /** Tokens that are enough to close the text from here: 0 where it may end. */
    public int closing() {
        return ended ? 0 : at.closing;
    }

    /**
     * Takes the token that was chosen.
     *
     * @return false, and nothing changes, if it is not allowed
     */
    public boolean accept(int token) {
        if (ended) {
            return false;
        }
        if (source.trie().isEnding(token)) {
            ended = at.mayEnd;
            return ended;
        }
        byte[] text = source.trie().text(token);
        at = source.home(at);
        Configuration reached = text == null ? null : source.advance(at, text);
        if (reached == null) {
            return false;
        }
        at = reached;
        return true;
    }

    /**
     * Takes the tokens of an answer so far.
     *
     * @return false at the first one that is not allowed
     */
    public boolean replay(List<Integer> tokens) {
        return tokens.stream().allMatch(this::accept);
    }

    /**
     * Tokens that must follow now whatever is chosen: they need no step.
     *
     * @param most tokens that the text may still take
     * @return a function of the text so far alone; empty if none are known. Not accepted yet
     */
    public int[] forced(int most) {
        if (ended) {
            return NOTHING;
        }
        at = source.home(at);
        return source.forced(at, most);
    }

    /** Where the text is. */
    Configuration place() {
        return at;
    }

    /** Whether the answer may end here. */
    public boolean canEnd() {
        return ended || at.mayEnd;
    }

    /** Whether nothing may follow but an end. */
    public boolean isExhausted() {
        return ended || at.states.length == 0;
    }

    /** Whether no token is possible although the answer has not ended. */
    public boolean isStuck() {
        if (ended) {
            return false;
        }
        for (int word : mask()) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }
}
