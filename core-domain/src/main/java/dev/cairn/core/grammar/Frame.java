package dev.cairn.core.grammar;

import java.util.Arrays;

/**
 * Where to go on when the rule being matched ends: a state to return to and the frame that counts
 * there, several where the text can be read in several ways. A node of a graph-structured stack (M.
 * Tomita, Efficient Parsing for Natural Language, 1985). Immutable; frames of one generation with
 * the same content are one object.
 */
final class Frame {

    /** Return state of the outermost frame: the whole text ends. */
    static final int FINISH = -1;

    final int[] states;
    final Frame[] frames;
    final int serial;

    /** Tokens from the end of the rule to the end of the text, and the first of them. */
    final int closing;

    final int closer;

    private final int hash;

    /** The same frame among those that are remembered now. */
    Frame home;

    int homeGeneration;

    /**
     * @param serial tells frames apart
     * @param ways the costs of return states; null for the outermost frame
     */
    Frame(int[] states, Frame[] frames, int serial, int generation, Closing ways) {
        this.states = states;
        this.frames = frames;
        this.serial = serial;
        this.home = this;
        this.homeGeneration = generation;
        int h = Arrays.hashCode(states);
        int least = ways == null ? 0 : Closing.NEVER;
        int token = Closing.NO_TOKEN;
        for (int i = 0; i < frames.length; i++) {
            if (frames[i] == null) {
                h = h * 31;
                continue;
            }
            h = h * 31 + frames[i].serial;
            int own = ways.tokens(states[i]);
            int whole = Closing.sum(own, frames[i].closing);
            int begin = own > 0 ? ways.first(states[i]) : frames[i].closer;
            if (whole < least || whole == least && begin < token) {
                least = whole;
                token = begin;
            }
        }
        this.hash = h;
        this.closing = least;
        this.closer = token;
    }

    /** Whether two lists of one length name the same frames, which are one object where equal. */
    static boolean areSame(Frame[] some, Frame[] others) {
        for (int i = 0; i < some.length; i++) {
            if (some[i] != others[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Frame that)
                || hash != that.hash
                || !Arrays.equals(states, that.states)) {
            return false;
        }
        return areSame(frames, that.frames);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
