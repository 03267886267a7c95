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
    private final int hash;

    /** What {@link Stepper#alike} found, in the generation that it was found in. */
    Frame alike;

    int alikeGeneration = -1;

    /**
     * @param serial tells frames apart
     */
    Frame(int[] states, Frame[] frames, int serial) {
        this.states = states;
        this.frames = frames;
        this.serial = serial;
        int h = Arrays.hashCode(states);
        for (Frame frame : frames) {
            h = h * 31 + (frame == null ? 0 : frame.serial);
        }
        this.hash = h;
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
        for (int i = 0; i < frames.length; i++) {
            if (frames[i] != that.frames[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
