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

    /** Tokens that are enough to close the text. */
    final int closing;

    /** First token of such a way, or {@link Closing#NO_TOKEN}. */
    final int closer;

    private final int hash;

    /** The stepper's generation that it belongs to. */
    int generation = -1;

    /** By class of byte, of configurations that the stepper keeps: where it leads exactly. */
    Configuration[] next;

    /**
     * By class of byte: where it leads in a walk, what that cost, and in which walk it was paid.
     */
    Configuration[] nextInWalk;

    /** By class of byte: the first class that the same edges take, and that leads to the same. */
    byte[] alikeClass;

    int[] effort;
    int[] paidIn;

    /** What stands for it in masks, and how many tokens fewer that needs. */
    Configuration alike;

    int alikeSpare;

    /** Masks and the budgets that each is for: from {@code lows[i]} to below {@code highs[i]}. */
    int masks;

    int[] lows;
    int[] highs;
    int[][] mask;

    /** Free text that can follow here, once known. */
    FreeStretch stretch;

    /** What finding it cost, in pairs, and in which walk that was paid. */
    int stretchEffort;

    int stretchPaidIn;

    int[] forced;

    Configuration(int[] states, Frame[] frames, boolean mayEnd, int closing, int closer) {
        this.states = states;
        this.frames = frames;
        this.mayEnd = mayEnd;
        this.closing = closing;
        this.closer = closer;
        int h = Arrays.hashCode(states) * 31 + Boolean.hashCode(mayEnd);
        h = (h * 31 + closing) * 31 + closer;
        for (Frame frame : frames) {
            h = h * 31 + frame.serial;
        }
        this.hash = h;
    }

    /** The mask for so many tokens, the next one included; null if it is not known. */
    int[] maskFor(int tokensLeft) {
        for (int i = 0; i < masks; i++) {
            if (lows[i] <= tokensLeft && tokensLeft < highs[i]) {
                return mask[i];
            }
        }
        return null;
    }

    void keepMask(int low, int high, int[] words) {
        if (masks == 0) {
            lows = new int[1];
            highs = new int[1];
            mask = new int[1][];
        } else if (masks == mask.length) {
            lows = Arrays.copyOf(lows, masks * 2);
            highs = Arrays.copyOf(highs, masks * 2);
            mask = Arrays.copyOf(mask, masks * 2);
        }
        lows[masks] = low;
        highs[masks] = high;
        mask[masks++] = words;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Configuration that)
                || hash != that.hash
                || mayEnd != that.mayEnd
                || closing != that.closing
                || closer != that.closer
                || !Arrays.equals(states, that.states)) {
            return false;
        }
        return Frame.areSame(frames, that.frames);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
