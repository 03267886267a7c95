package dev.cairn.core.grammar;

import java.util.Arrays;

/**
 * All ways in which the text so far can be read: pairs of a state that takes a byte and the frame
 * it stands in, sorted. Immutable but for what {@link Stepper} and {@link MaskSource} remember in
 * it; a copy is the reference.
 */
final class Configuration {

    final int[] states;
    final Frame[] frames;

    /** Whether the text may end here. */
    final boolean mayEnd;

    private final int hash;

    /** By class of byte, of configurations that the stepper keeps: where it leads. */
    Configuration[] next;

    int[] mask;

    Configuration(int[] states, Frame[] frames, boolean mayEnd) {
        this.states = states;
        this.frames = frames;
        this.mayEnd = mayEnd;
        int h = Arrays.hashCode(states) * 31 + Boolean.hashCode(mayEnd);
        for (Frame frame : frames) {
            h = h * 31 + frame.serial;
        }
        this.hash = h;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Configuration that)
                || hash != that.hash
                || mayEnd != that.mayEnd
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
